#include "identity/token/rsa_key.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <stdexcept>

#include "base/encoding.h"
#include "base/hash.h"

namespace gatehouse::identity {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

std::string big_endian(const EVP_PKEY* key, const char* parameter) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, parameter, &number) != 1) throw std::runtime_error("RSA parameter");
  std::string out(static_cast<size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, reinterpret_cast<unsigned char*>(out.data()));
  BN_free(number);
  return out;
}

std::string subject_public_key_info(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size <= 0) throw std::runtime_error("SubjectPublicKeyInfo");
  std::string out(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return out;
}

}  // namespace

RsaKey::RsaKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {
  modulus_ = big_endian(key_.get(), OSSL_PKEY_PARAM_RSA_N);
  exponent_ = big_endian(key_.get(), OSSL_PKEY_PARAM_RSA_E);
  kid_ = base64url(as_bytes(sha256(subject_public_key_info(key_.get()))));
}

RsaKey RsaKey::generate() {
  EVP_PKEY* key = EVP_RSA_gen(2048);
  if (key == nullptr) throw std::runtime_error("RSA key generation");
  return RsaKey(std::shared_ptr<EVP_PKEY>(key, &EVP_PKEY_free));
}

Result<RsaKey> RsaKey::from_pem(std::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  // A passphrase is never asked for: the callback answers that there is none.
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr);
  if (key == nullptr) return fail("InvalidKey", "not a private key in PEM form");
  std::shared_ptr<EVP_PKEY> owned(key, &EVP_PKEY_free);
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) return fail("InvalidKey", "not an RSA key");
  if (EVP_PKEY_get_bits(key) < 2048) return fail("InvalidKey", "an RSA key of fewer than 2048 bits");
  return RsaKey(std::move(owned));
}

std::string RsaKey::pem() const {
  const Bio bio(BIO_new(BIO_s_mem()), &BIO_free);
  if (PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    throw std::runtime_error("writing an RSA key");
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<size_t>(size)};
}

std::string RsaKey::sign_rs256(std::string_view data) const {
  const Sha256 digest = sha256(data);
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new(key_.get(), nullptr), &EVP_PKEY_CTX_free);
  std::string signature(static_cast<size_t>(EVP_PKEY_get_size(key_.get())), '\0');
  size_t size = signature.size();
  if (EVP_PKEY_sign_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1 ||
      EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) != 1 ||
      EVP_PKEY_sign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, digest.data(),
                    digest.size()) != 1) {
    throw std::runtime_error("RS256 signature");
  }
  signature.resize(size);
  return signature;
}

}  // namespace gatehouse::identity
