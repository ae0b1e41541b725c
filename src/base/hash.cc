#include "base/hash.h"

// SHA-256 of short texts is what signatures are made of. OpenSSL 3 marks its plain contexts as deprecated,
// but its one-shot call looks the algorithm up each time, which costs more than twice the hashing of a
// request.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <zlib.h>

#include <algorithm>
#include <stdexcept>

namespace gatehouse {
namespace {

// Reflected CRC tables, eight of them: the n-th is for a byte that n further bytes follow, so that eight
// bytes are taken in one step. crc32c is RFC 3720's Castagnoli polynomial; crc64nvme is NVMe's (reflected
// 9a6c9329ac4bc9b5).
template <typename Word>
using CrcTables = std::array<std::array<Word, 256>, 8>;

template <typename Word, Word Polynomial>
constexpr CrcTables<Word> crc_tables() {
  CrcTables<Word> tables{};
  for (unsigned i = 0; i < 256; ++i) {
    Word crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ Polynomial : crc >> 1;
    tables[0][i] = crc;
  }
  for (size_t n = 1; n < tables.size(); ++n) {
    for (size_t i = 0; i < 256; ++i) {
      const Word before = tables[n - 1][i];
      tables[n][i] = tables[0][before & 0xff] ^ before >> 8;
    }
  }
  return tables;
}

constexpr auto kCrc32c = crc_tables<std::uint32_t, 0x82f63b78U>();
constexpr auto kCrc64Nvme = crc_tables<std::uint64_t, 0x9a6c9329ac4bc9b5ULL>();

template <typename Word>
Word crc_update(Word crc, std::string_view data, const CrcTables<Word>& tables) {
  constexpr size_t kStep = 8;
  while (data.size() >= kStep) {
    std::array<unsigned char, kStep> bytes;
    std::copy_n(data.begin(), kStep, bytes.begin());
    for (size_t i = 0; i < sizeof(Word); ++i) bytes[i] ^= static_cast<unsigned char>(crc >> (8 * i));
    crc = 0;
    for (size_t i = 0; i < kStep; ++i) crc ^= tables[kStep - 1 - i][bytes[i]];
    data.remove_prefix(kStep);
  }
  for (const char c : data) crc = tables[0][(crc ^ static_cast<unsigned char>(c)) & 0xff] ^ crc >> 8;
  return crc;
}

template <typename Word>
std::string big_endian(Word value) {
  std::string out(sizeof(Word), '\0');
  for (size_t i = 0; i < sizeof(Word); ++i) out[i] = static_cast<char>(value >> (8 * (sizeof(Word) - 1 - i)));
  return out;
}

std::string one_shot(const EVP_MD* algorithm, std::string_view data) {
  std::string out(static_cast<size_t>(EVP_MD_get_size(algorithm)), '\0');
  EVP_Digest(data.data(), data.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr, algorithm,
             nullptr);
  return out;
}

const EVP_MD* algorithm(Digest::Kind kind) {
  switch (kind) {
    case Digest::Kind::md5:
      return EVP_md5();
    case Digest::Kind::sha1:
      return EVP_sha1();
    case Digest::Kind::sha256:
      return EVP_sha256();
    default:
      return nullptr;
  }
}

}  // namespace

namespace {

struct RawSha256 {
  SHA256_CTX context;
  RawSha256() { SHA256_Init(&context); }
  void update(const void* data, size_t size) { SHA256_Update(&context, data, size); }
  Sha256 finish() {
    Sha256 out;
    SHA256_Final(out.data(), &context);
    return out;
  }
};

}  // namespace

Sha256 sha256(std::string_view data) {
  RawSha256 hash;
  hash.update(data.data(), data.size());
  return hash.finish();
}

// RFC 2104.
Sha256 hmac_sha256(std::string_view key, std::string_view data) {
  std::array<unsigned char, 64> block{};
  if (key.size() > block.size()) {
    const Sha256 digest = sha256(key);
    std::copy(digest.begin(), digest.end(), block.begin());
  } else {
    std::copy(key.begin(), key.end(), block.begin());
  }
  RawSha256 inner, outer;
  for (unsigned char& byte : block) byte ^= 0x36;
  inner.update(block.data(), block.size());
  inner.update(data.data(), data.size());
  for (unsigned char& byte : block) byte ^= 0x36 ^ 0x5c;
  outer.update(block.data(), block.size());
  const Sha256 digest = inner.finish();
  outer.update(digest.data(), digest.size());
  return outer.finish();
}

std::string md5(std::string_view data) { return one_shot(EVP_md5(), data); }
std::string sha1(std::string_view data) { return one_shot(EVP_sha1(), data); }

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

struct Digest::State {
  Kind kind;
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{nullptr, &EVP_MD_CTX_free};
  std::uint64_t crc = 0;
};

Digest::Digest(Kind kind) : state_(std::make_unique<State>()) {
  state_->kind = kind;
  switch (kind) {
    case Kind::crc32:
      state_->crc = ::crc32(0, nullptr, 0);
      break;
    case Kind::crc32c:
      state_->crc = 0xffffffffU;
      break;
    case Kind::crc64nvme:
      state_->crc = ~std::uint64_t{0};
      break;
    default:
      state_->context.reset(EVP_MD_CTX_new());
      if (EVP_DigestInit_ex(state_->context.get(), algorithm(kind), nullptr) != 1)
        throw std::runtime_error("digest");
  }
}

Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::update(std::string_view data) {
  switch (state_->kind) {
    case Kind::crc32:
      state_->crc = ::crc32_z(state_->crc, reinterpret_cast<const Bytef*>(data.data()), data.size());
      break;
    case Kind::crc32c:
      state_->crc = crc_update(static_cast<std::uint32_t>(state_->crc), data, kCrc32c);
      break;
    case Kind::crc64nvme:
      state_->crc = crc_update(state_->crc, data, kCrc64Nvme);
      break;
    default:
      EVP_DigestUpdate(state_->context.get(), data.data(), data.size());
  }
}

std::string Digest::finish() {
  switch (state_->kind) {
    case Kind::crc32:
      return big_endian(static_cast<std::uint32_t>(state_->crc));
    case Kind::crc32c:
      return big_endian(~static_cast<std::uint32_t>(state_->crc));
    case Kind::crc64nvme:
      return big_endian(~state_->crc);
    default: {
      std::string out(static_cast<size_t>(EVP_MD_get_size(algorithm(state_->kind))), '\0');
      EVP_DigestFinal_ex(state_->context.get(), reinterpret_cast<unsigned char*>(out.data()), nullptr);
      return out;
    }
  }
}

}  // namespace gatehouse
