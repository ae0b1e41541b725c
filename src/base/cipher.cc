#include "base/cipher.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace gatehouse {
namespace {

const unsigned char* bytes(std::string_view s) { return reinterpret_cast<const unsigned char*>(s.data()); }
unsigned char* bytes(char* p) { return reinterpret_cast<unsigned char*>(p); }

// EVP_aes_256_gcm() is looked up anew at each use, which was nearly half of sealing a token.
const EVP_CIPHER* aes_256_gcm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return cipher;
}

void must(bool done) {
  if (!done) throw std::runtime_error("AES-256-GCM failed");
}

}  // namespace

// A context is as dear to make as a short text to seal: each thread keeps the last one it was done with.
struct Cipher::State {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  std::array<char, kCipherKey> key{};

  State() { must(context != nullptr); }
  ~State() {
    EVP_CIPHER_CTX_free(context);
    OPENSSL_cleanse(key.data(), key.size());
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  static std::unique_ptr<State>& spare() {
    thread_local std::unique_ptr<State> kept;
    return kept;
  }
};

Cipher::Cipher(std::string_view key)
    : state_(State::spare() ? std::move(State::spare()) : std::make_unique<State>()) {
  must(key.size() == kCipherKey);
  std::copy_n(key.data(), kCipherKey, state_->key.data());
}

Cipher::~Cipher() {
  OPENSSL_cleanse(state_->key.data(), kCipherKey);
  State::spare() = std::move(state_);
}

void Cipher::seal(std::string_view nonce, std::string_view bound, std::string_view text, char* out) {
  EVP_CIPHER_CTX* c = state_->context;
  int length = 0;
  must(EVP_EncryptInit_ex(c, aes_256_gcm(), nullptr, bytes(state_->key.data()), bytes(nonce)) == 1);
  if (!bound.empty())
    must(EVP_EncryptUpdate(c, nullptr, &length, bytes(bound), static_cast<int>(bound.size())) == 1);
  must(EVP_EncryptUpdate(c, bytes(out), &length, bytes(text), static_cast<int>(text.size())) == 1);
  must(EVP_EncryptFinal_ex(c, nullptr, &length) == 1);
  must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, kCipherTag, out + text.size()) == 1);
}

bool Cipher::open(std::string_view nonce, std::string_view bound, std::string_view sealed, char* out) {
  if (sealed.size() < kCipherTag) return false;
  EVP_CIPHER_CTX* c = state_->context;
  const size_t size = sealed.size() - kCipherTag;
  std::string tag(sealed.substr(size));
  int length = 0;
  must(EVP_DecryptInit_ex(c, aes_256_gcm(), nullptr, bytes(state_->key.data()), bytes(nonce)) == 1);
  if (!bound.empty())
    must(EVP_DecryptUpdate(c, nullptr, &length, bytes(bound), static_cast<int>(bound.size())) == 1);
  must(EVP_DecryptUpdate(c, bytes(out), &length, bytes(sealed), static_cast<int>(size)) == 1);
  must(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, kCipherTag, tag.data()) == 1);
  return EVP_DecryptFinal_ex(c, nullptr, &length) == 1;
}

std::string seal_text(Random& random, std::string_view key, std::string_view bound, std::string_view text) {
  std::string sealed = random.bytes(kCipherNonce);
  sealed.resize(kCipherNonce + text.size() + kCipherTag);
  Cipher(key).seal(std::string_view(sealed).substr(0, kCipherNonce), bound, text,
                   sealed.data() + kCipherNonce);
  return sealed;
}

std::optional<std::string> open_text(std::string_view key, std::string_view bound, std::string_view sealed) {
  if (sealed.size() < kCipherNonce + kCipherTag) return std::nullopt;
  std::string text(sealed.size() - kCipherNonce - kCipherTag, '\0');
  if (!Cipher(key).open(sealed.substr(0, kCipherNonce), bound, sealed.substr(kCipherNonce), text.data()))
    return std::nullopt;
  return text;
}

}  // namespace gatehouse
