#include "service/iam/principals/ssh_key.h"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <optional>

#include "base/encoding.h"
#include "base/hash.h"
#include "identity/token/jwks.h"

namespace gatehouse::service::iam {
namespace {

constexpr std::string_view kRsa = "ssh-rsa";
constexpr int kShortest = 2048, kLongest = 16384;

using Key = std::shared_ptr<EVP_PKEY>;
using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

std::unexpected<Error> invalid() {
  return fail("InvalidPublicKey", "The public key is malformed or otherwise invalid.", 400);
}

// A string of RFC 4251: its length in four bytes, then itself.
std::optional<std::string_view> take(std::string_view& blob) {
  if (blob.size() < 4) return std::nullopt;
  std::uint32_t length = 0;
  for (int i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(blob[i]);
  blob.remove_prefix(4);
  if (length > blob.size()) return std::nullopt;
  const std::string_view out = blob.substr(0, length);
  blob.remove_prefix(length);
  return out;
}

void put(std::string& blob, std::string_view bytes) {
  for (int shift = 24; shift >= 0; shift -= 8) blob += static_cast<char>(bytes.size() >> shift & 0xff);
  blob += bytes;
}

// An mpint: big-endian, with a zero before a byte whose top bit is set.
void put(std::string& blob, const BIGNUM* n) {
  std::string bytes(static_cast<size_t>(BN_num_bytes(n)) + 1, '\0');
  BN_bn2bin(n, reinterpret_cast<unsigned char*>(bytes.data()) + 1);
  put(blob, (bytes[1] & 0x80) != 0 ? std::string_view(bytes) : std::string_view(bytes).substr(1));
}

// "ssh-rsa AAAA… comment"
Key from_openssh(std::string_view text) {
  text.remove_prefix(kRsa.size());
  while (text.starts_with(' ')) text.remove_prefix(1);
  const auto blob = unbase64(text.substr(0, text.find_first_of(" \t\r\n")));
  if (!blob) return nullptr;
  std::string_view rest = *blob;
  const auto type = take(rest), exponent = take(rest), modulus = take(rest);
  if (!type || *type != kRsa || !exponent || !modulus || !rest.empty()) return nullptr;
  return identity::public_rsa_key(*modulus, *exponent);
}

Key from_pem(std::string_view text) {
  const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free);
  return {PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free};
}

std::string pem_of(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_PUBKEY(bio.get(), key);
  char* at = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &at);
  return {at, static_cast<size_t>(size)};
}

std::string blob_of(EVP_PKEY* key) {
  BIGNUM *e = nullptr, *n = nullptr;
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e);
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n);
  const Number exponent(e, &BN_free), modulus(n, &BN_free);
  std::string blob;
  put(blob, kRsa);
  put(blob, exponent.get());
  put(blob, modulus.get());
  return blob;
}

std::string colons(std::string_view digest) {
  std::string out;
  for (const char c : digest)
    out += fmt::format("{}{:02x}", out.empty() ? "" : ":", static_cast<unsigned char>(c));
  return out;
}

}  // namespace

Result<SshKey> read_ssh_key(std::string_view text) {
  while (!text.empty() && std::string_view(" \t\r\n").find(text.front()) != text.npos) text.remove_prefix(1);
  const bool openssh = text.starts_with("ssh-rsa ");
  if (!openssh && !text.starts_with("-----BEGIN"))
    return fail("UnrecognizedPublicKeyEncoding",
                "The public key encoding format is unsupported or unrecognized.", 400);
  const Key key = openssh ? from_openssh(text) : from_pem(text);
  if (key == nullptr || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) return invalid();
  const int bits = EVP_PKEY_get_bits(key.get());
  if (bits < kShortest || bits > kLongest) return invalid();
  const std::string blob = blob_of(key.get());
  return SshKey{pem_of(key.get()), fmt::format("{} {}", kRsa, base64(blob)), colons(md5(blob))};
}

}  // namespace gatehouse::service::iam
