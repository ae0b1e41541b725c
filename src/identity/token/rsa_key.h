// An RSA key that signs tokens: a cluster's own, as a kube-apiserver has one behind
// --service-account-signing-key-file.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

struct evp_pkey_st;

namespace gatehouse::identity {

// Immutable once made; may be used from any thread. Copies share the key.
class RsaKey {
 public:
  static RsaKey generate();                              // 2048 bits, exponent 65537; some 100 ms
  static Result<RsaKey> from_pem(std::string_view pem);  // a private key, PKCS#8 or PKCS#1

  std::string pem() const;  // PKCS#8, not encrypted
  std::string sign_rs256(
      std::string_view data) const;  // RSASSA-PKCS1-v1_5 with SHA-256, RFC 7518 section 3.3

  // base64url(SHA-256(SubjectPublicKeyInfo)), which is how kube-apiserver names its keys.
  const std::string& kid() const { return kid_; }
  const std::string& modulus() const { return modulus_; }    // big-endian, no leading zero
  const std::string& exponent() const { return exponent_; }  // likewise

 private:
  explicit RsaKey(std::shared_ptr<evp_pkey_st> key);

  std::shared_ptr<evp_pkey_st> key_;
  std::string kid_, modulus_, exponent_;
};

}  // namespace gatehouse::identity
