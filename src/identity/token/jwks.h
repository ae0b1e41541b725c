// JSON Web Key Sets (RFC 7517): the public keys by which an issuer's tokens are verified.
//
// RSA keys verify RS256 and P-256 keys ES256, and nothing else: the algorithm is a property of the key, never
// of the token, so that neither "none" nor an HMAC keyed with public bytes can be asked for.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

struct evp_pkey_st;
struct evp_pkey_ctx_st;

namespace gatehouse::identity {

class RsaKey;

enum class Algorithm { rs256, es256 };
std::string_view name(Algorithm algorithm);  // "RS256"

// A public key, decoded once and then used from any thread; a verification costs an RS256 some 26 us.
class VerifyKey {
 public:
  // RSA of 2048 to 8192 bits or P-256; the error (InvalidKey) says what is wrong.
  static Result<VerifyKey> from_jwk(const json::object& jwk);
  static VerifyKey of(const RsaKey& key);

  const std::string& kid() const { return kid_; }  // "" where the JWK has none
  Algorithm algorithm() const { return algorithm_; }
  bool verify(std::string_view data, std::string_view signature) const;
  json::object jwk() const;  // kty, kid, use, alg and the key itself

 private:
  VerifyKey(Algorithm algorithm, std::string kid, std::shared_ptr<evp_pkey_st> key, std::string first,
            std::string second);

  Algorithm algorithm_;
  std::string kid_;
  std::string first_, second_;  // n and e, or x and y, as base64url
  std::shared_ptr<evp_pkey_st> key_;
  std::shared_ptr<evp_pkey_ctx_st> prepared_;  // set up once and duplicated per use: setting up costs 2 us
};

// A public RSA key of its two numbers, big-endian; null if they make none.
std::shared_ptr<evp_pkey_st> public_rsa_key(std::string_view modulus, std::string_view exponent);

struct Jwks {
  std::vector<VerifyKey> keys;

  // Keys that are no signature keys of a known kind are passed over, as RFC 7517 section 5 asks; a document
  // that is no key set at all, or is larger than 256 KiB, or holds more than 200 keys, is InvalidKeySet. An
  // empty set is a set.
  static Result<Jwks> parse(std::string_view text);
  std::string render() const;
};

}  // namespace gatehouse::identity
