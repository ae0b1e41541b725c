// Digests and MACs, over OpenSSL and zlib. All results are raw bytes; hex() and base64() are in encoding.h.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace gatehouse {

using Sha256 = std::array<unsigned char, 32>;

Sha256 sha256(std::string_view data);
Sha256 hmac_sha256(std::string_view key, std::string_view data);
std::string md5(std::string_view data);
std::string sha1(std::string_view data);

inline std::string_view as_bytes(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// Same time whatever the contents; lengths may leak.
bool equal_constant_time(std::string_view a, std::string_view b);

// A digest fed piece by piece. Not thread safe; finish() once.
class Digest {
 public:
  enum class Kind { md5, sha1, sha256, crc32, crc32c, crc64nvme };

  explicit Digest(Kind kind);
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;

  void update(std::string_view data);
  std::string finish();  // CRCs big-endian, as S3 wants them before Base64

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gatehouse
