#include "base/random.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <array>
#include <cstring>
#include <stdexcept>

namespace gatehouse {
namespace {

// Alphabets of 16, 32 and 64 letters: a byte masked is uniform.
std::string letters(Random& random, size_t count, std::string_view alphabet) {
  std::string out = random.bytes(count);
  for (char& c : out) c = alphabet[static_cast<unsigned char>(c) & (alphabet.size() - 1)];
  return out;
}

}  // namespace

std::string Random::bytes(size_t count) {
  std::string out(count, '\0');
  fill(out.data(), count);
  return out;
}

std::string Random::hex(size_t digits) { return letters(*this, digits, "0123456789ABCDEF"); }
std::string Random::base32(size_t characters) {
  return letters(*this, characters, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
}
std::string Random::secret(size_t characters) {
  return letters(*this, characters, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
}

std::string Random::uuid() {
  std::string digits = letters(*this, 32, "0123456789abcdef");
  digits[12] = '4';
  digits[16] = "89ab"[static_cast<unsigned char>(digits[16]) & 3];
  for (const size_t at : {20U, 16U, 12U, 8U}) digits.insert(at, 1, '-');
  return digits;
}

namespace {

void fill_from_system(char* out, size_t size) {
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out), static_cast<int>(size)) != 1) {
    throw std::runtime_error("the system's random source failed");
  }
}

// A call of the generator costs two microseconds whatever it gives, and an answer wants several ids: so each
// thread draws ahead. What was given out is wiped.
class Ahead {
 public:
  ~Ahead() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

  void take(char* out, size_t size) {
    if (size > left_) {
      fill_from_system(bytes_.data(), bytes_.size());
      left_ = bytes_.size();
    }
    char* const from = bytes_.data() + left_ - size;
    std::memcpy(out, from, size);
    OPENSSL_cleanse(from, size);
    left_ -= size;
  }

  static constexpr size_t kMost = 256;

 private:
  std::array<char, 4096> bytes_;
  size_t left_ = 0;
};

}  // namespace

void SystemRandom::fill(char* out, size_t size) {
  thread_local Ahead ahead;
  if (size > Ahead::kMost) return fill_from_system(out, size);
  ahead.take(out, size);
}

std::string unique_id(Random& random, std::string_view prefix) {
  return std::string(prefix) + random.base32(17);
}
std::string access_key_id(Random& random, std::string_view prefix) {
  return std::string(prefix) + random.base32(16);
}

}  // namespace gatehouse
