#include "identity/token/jwks.h"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <optional>
#include <stdexcept>

#include "base/encoding.h"
#include "base/hash.h"
#include "identity/token/rsa_key.h"

namespace gatehouse::identity {
namespace {

constexpr size_t kMaxDocument = 256 * 1024;
constexpr size_t kMaxKeys = 200;  // IAM's limit is 100 of each kind
constexpr size_t kCoordinate = 32;

using Builder = std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)>;
using Parameters = std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)>;
using Context = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;
using Number = std::unique_ptr<BIGNUM, decltype(&BN_free)>;

const unsigned char* bytes(std::string_view s) { return reinterpret_cast<const unsigned char*>(s.data()); }

Number number(std::string_view big_endian) {
  return {BN_bin2bn(bytes(big_endian), static_cast<int>(big_endian.size()), nullptr), &BN_free};
}

std::shared_ptr<EVP_PKEY> from_data(const char* type, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder), &OSSL_PARAM_free);
  const Context context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr), &EVP_PKEY_CTX_free);
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return {key, &EVP_PKEY_free};
}

std::shared_ptr<EVP_PKEY> p256_key(std::string_view x, std::string_view y) {
  const std::string point = "\x04" + std::string(x) + std::string(y);
  const Builder builder(OSSL_PARAM_BLD_new(), &OSSL_PARAM_BLD_free);
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size());
  return from_data("EC", builder.get());
}

EVP_PKEY_CTX* prepare(EVP_PKEY* key, Algorithm algorithm) {
  Context context(EVP_PKEY_CTX_new(key, nullptr), &EVP_PKEY_CTX_free);
  if (!context || EVP_PKEY_verify_init(context.get()) != 1 ||
      (algorithm == Algorithm::rs256 &&
       EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1) ||
      EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) != 1) {
    throw std::runtime_error("preparing a verification");
  }
  return context.release();
}

// RFC 7518 section 3.4: R and S, 32 octets each; OpenSSL wants them as DER.
std::optional<std::string> ecdsa_der(std::string_view raw) {
  if (raw.size() != 2 * kCoordinate) return std::nullopt;
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(ECDSA_SIG_new(), &ECDSA_SIG_free);
  ECDSA_SIG_set0(pair.get(), number(raw.substr(0, kCoordinate)).release(),
                 number(raw.substr(kCoordinate)).release());
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &der);
  if (size <= 0) return std::nullopt;
  std::string out(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return out;
}

std::optional<std::string> member(const json::object& jwk, std::string_view key) {
  const auto text = json::string_at(jwk, key);
  return text ? unbase64url(*text) : std::nullopt;
}

bool for_signatures(const json::object& jwk, Algorithm algorithm) {
  const auto use = json::string_at(jwk, "use");
  const auto alg = json::string_at(jwk, "alg");
  return (!use || *use == "sig") && (!alg || *alg == name(algorithm));
}

}  // namespace

std::shared_ptr<EVP_PKEY> public_rsa_key(std::string_view n, std::string_view e) {
  const Builder builder(OSSL_PARAM_BLD_new(), &OSSL_PARAM_BLD_free);
  const Number modulus = number(n);
  const Number exponent = number(e);
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  return from_data("RSA", builder.get());
}

std::string_view name(Algorithm algorithm) { return algorithm == Algorithm::rs256 ? "RS256" : "ES256"; }

VerifyKey::VerifyKey(Algorithm algorithm, std::string kid, std::shared_ptr<evp_pkey_st> key,
                     std::string first, std::string second)
    : algorithm_(algorithm),
      kid_(std::move(kid)),
      first_(std::move(first)),
      second_(std::move(second)),
      key_(std::move(key)),
      prepared_(prepare(key_.get(), algorithm), &EVP_PKEY_CTX_free) {}

Result<VerifyKey> VerifyKey::from_jwk(const json::object& jwk) {
  const std::string kid = json::string_or(jwk, "kid", "");
  const std::string kty = json::string_or(jwk, "kty", "");
  if (kty == "RSA") {
    const auto n = member(jwk, "n");
    const auto e = member(jwk, "e");
    if (!n || !e) return fail("InvalidKey", "an RSA key needs n and e in base64url");
    // A huge exponent makes each verification slow; no real key has one.
    if (e->size() > 4 || e->empty() || (e->back() & 1) == 0)
      return fail("InvalidKey", "an unusable RSA exponent");
    if (n->size() > 1024 + 1) return fail("InvalidKey", "an RSA key of more than 8192 bits");
    auto key = public_rsa_key(*n, *e);
    if (!key || EVP_PKEY_get_bits(key.get()) < 2048)
      return fail("InvalidKey", "an RSA key of fewer than 2048 bits");
    return VerifyKey(Algorithm::rs256, kid, std::move(key), base64url(*n), base64url(*e));
  }
  if (kty == "EC" && json::string_or(jwk, "crv", "") == "P-256") {
    const auto x = member(jwk, "x");
    const auto y = member(jwk, "y");
    if (!x || !y || x->size() != kCoordinate || y->size() != kCoordinate)
      return fail("InvalidKey", "a P-256 key needs x and y of 32 bytes in base64url");
    auto key = p256_key(*x, *y);
    if (!key) return fail("InvalidKey", "a point that is not on P-256");
    return VerifyKey(Algorithm::es256, kid, std::move(key), base64url(*x), base64url(*y));
  }
  return fail("InvalidKey", fmt::format("no key of a supported kind: kty {}", kty));
}

VerifyKey VerifyKey::of(const RsaKey& key) {
  return VerifyKey(Algorithm::rs256, key.kid(), public_rsa_key(key.modulus(), key.exponent()),
                   base64url(key.modulus()), base64url(key.exponent()));
}

bool VerifyKey::verify(std::string_view data, std::string_view signature) const {
  std::string der;
  if (algorithm_ == Algorithm::es256) {
    auto converted = ecdsa_der(signature);
    if (!converted) return false;
    der = std::move(*converted);
    signature = der;
  }
  const Sha256 digest = sha256(data);
  const Context context(EVP_PKEY_CTX_dup(prepared_.get()), &EVP_PKEY_CTX_free);
  return context && EVP_PKEY_verify(context.get(), bytes(signature), signature.size(), digest.data(),
                                    digest.size()) == 1;
}

json::object VerifyKey::jwk() const {
  const bool rsa = algorithm_ == Algorithm::rs256;
  json::object out;
  out["use"] = "sig";
  out["kty"] = rsa ? "RSA" : "EC";
  if (!kid_.empty()) out["kid"] = kid_;
  out["alg"] = std::string(name(algorithm_));
  if (!rsa) out["crv"] = "P-256";
  out[rsa ? "n" : "x"] = first_;
  out[rsa ? "e" : "y"] = second_;
  return out;
}

Result<Jwks> Jwks::parse(std::string_view text) {
  if (text.size() > kMaxDocument) return fail("InvalidKeySet", "a key set of more than 256 KiB");
  const auto document = json::parse(text);
  if (!document) return fail("InvalidKeySet", document.error().message);
  const json::object* set = document->if_object();
  const json::value* keys = set != nullptr ? set->if_contains("keys") : nullptr;
  if (keys == nullptr || !keys->is_array()) return fail("InvalidKeySet", "no array \"keys\"");
  if (keys->get_array().size() > kMaxKeys) return fail("InvalidKeySet", "more than 200 keys");
  Jwks out;
  for (const json::value& element : keys->get_array()) {
    const json::object* jwk = element.if_object();
    if (jwk == nullptr) return fail("InvalidKeySet", "a key that is not an object");
    auto key = VerifyKey::from_jwk(*jwk);
    if (key && for_signatures(*jwk, key->algorithm())) out.keys.push_back(std::move(*key));
  }
  return out;
}

std::string Jwks::render() const {
  json::array all;
  for (const VerifyKey& key : keys) all.push_back(key.jwk());
  return json::dump(json::object{{"keys", std::move(all)}});
}

}  // namespace gatehouse::identity
