// AES-256-GCM, the one cipher of everything that is kept encrypted: keys of 32 bytes, nonces of 12, and the
// tag's 16 bytes behind the text.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"

namespace gatehouse {

inline constexpr size_t kCipherKey = 32;
inline constexpr size_t kCipherNonce = 12;
inline constexpr size_t kCipherTag = 16;

// A key made ready. One thread at a time; a nonce never twice under one key. `bound` is not in the result,
// but must be the same when it is opened.
class Cipher {
 public:
  explicit Cipher(std::string_view key);
  ~Cipher();
  Cipher(const Cipher&) = delete;
  Cipher& operator=(const Cipher&) = delete;

  // Writes text.size() + kCipherTag bytes.
  void seal(std::string_view nonce, std::string_view bound, std::string_view text, char* out);
  // Writes sealed.size() - kCipherTag bytes. False where anything was altered: then they mean nothing.
  bool open(std::string_view nonce, std::string_view bound, std::string_view sealed, char* out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// For single texts: the nonce is drawn here and stands before the sealed text.
std::string seal_text(Random& random, std::string_view key, std::string_view bound, std::string_view text);
std::optional<std::string> open_text(std::string_view key, std::string_view bound, std::string_view sealed);

}  // namespace gatehouse
