#include "identity/token/jwt.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/encoding.h"
#include "base/time.h"
#include "identity/token/rsa_key.h"

namespace gatehouse::identity {
namespace {

using Kind = JwtError::Kind;

std::unexpected<JwtError> wrong(Kind kind, std::string detail) {
  return std::unexpected(JwtError{kind, std::move(detail)});
}

std::expected<json::object, JwtError> decode_object(std::string_view part, std::string_view what) {
  const auto text = unbase64url(part);
  if (!text) return wrong(Kind::malformed, fmt::format("the {} is not base64url", what));
  auto parsed = json::parse(*text);  // refuses what is not UTF-8
  if (!parsed || !parsed->is_object())
    return wrong(Kind::malformed, fmt::format("the {} is not a JSON object", what));
  return std::move(parsed->get_object());
}

std::expected<Algorithm, JwtError> algorithm_of(const json::object& header) {
  const auto alg = json::string_at(header, "alg");
  if (!alg) return wrong(Kind::malformed, "the header has no alg");
  if (*alg == "RS256") return Algorithm::rs256;
  if (*alg == "ES256") return Algorithm::es256;
  return wrong(Kind::bad_algorithm, fmt::format("algorithm {} is not supported", *alg));
}

std::expected<std::string, JwtError> text_claim(const json::object& all, std::string_view key) {
  const json::value* v = all.if_contains(key);
  if (v == nullptr) return "";
  if (!v->is_string()) return wrong(Kind::malformed, fmt::format("claim {} is not a string", key));
  return std::string(v->get_string());
}

// NumericDate: seconds, perhaps with a fraction (RFC 7519 section 2). Bounded so that no arithmetic
// overflows.
std::expected<std::optional<Time>, JwtError> time_claim(const json::object& all, std::string_view key) {
  const json::value* v = all.if_contains(key);
  if (v == nullptr) return std::nullopt;
  if (!v->is_number()) return wrong(Kind::malformed, fmt::format("claim {} is not a number", key));
  const double seconds = v->to_number<double>();
  if (!(std::abs(seconds) < 1e11))
    return wrong(Kind::malformed, fmt::format("claim {} is out of range", key));
  return Time(std::chrono::milliseconds(static_cast<std::int64_t>(std::floor(seconds * 1000))));
}

std::expected<std::vector<std::string>, JwtError> audience_claim(const json::object& all) {
  std::vector<std::string> out;
  const json::value* v = all.if_contains("aud");
  if (v == nullptr) return out;
  if (v->is_string()) {
    out.emplace_back(v->get_string());
    return out;
  }
  const json::array* list = v->if_array();
  if (list == nullptr) return wrong(Kind::malformed, "claim aud is neither a string nor an array");
  for (const json::value& element : *list) {
    if (!element.is_string()) return wrong(Kind::malformed, "claim aud holds something else than strings");
    out.emplace_back(element.get_string());
  }
  return out;
}

std::expected<Claims, JwtError> claims_of(json::object all) {
  Claims claims;
  TRY(claims.issuer, text_claim(all, "iss"));
  TRY(claims.subject, text_claim(all, "sub"));
  TRY(claims.audience, audience_claim(all));
  TRY(std::string azp, text_claim(all, "azp"));
  if (all.contains("azp")) claims.authorized_party = std::move(azp);
  TRY(claims.expires, time_claim(all, "exp"));
  TRY(claims.not_before, time_claim(all, "nbf"));
  TRY(claims.issued_at, time_claim(all, "iat"));
  claims.all = std::move(all);
  return claims;
}

}  // namespace

bool Claims::for_audience(std::string_view wanted) const {
  return std::find(audience.begin(), audience.end(), wanted) != audience.end();
}

std::expected<Jwt, JwtError> Jwt::read(std::string_view compact) {
  if (compact.size() > kMaxJwt)
    return wrong(Kind::too_large, fmt::format("a token of {} bytes", compact.size()));
  if (std::count(compact.begin(), compact.end(), '.') != 2)
    return wrong(Kind::malformed, "a token has three parts separated by dots");
  const size_t first = compact.find('.');
  const size_t second = compact.rfind('.');
  TRY(const json::object header, decode_object(compact.substr(0, first), "header"));
  Jwt jwt;
  TRY(jwt.algorithm_, algorithm_of(header));
  // Extensions that must be understood, of which we understand none (RFC 7515 section 4.1.11).
  if (header.contains("crit")) return wrong(Kind::malformed, "the header has critical extensions");
  if (const json::value* kid = header.if_contains("kid"); kid != nullptr) {
    if (!kid->is_string()) return wrong(Kind::malformed, "the header's kid is not a string");
    jwt.kid_ = std::string(kid->get_string());
  }
  TRY(json::object payload, decode_object(compact.substr(first + 1, second - first - 1), "payload"));
  TRY(jwt.claims_, claims_of(std::move(payload)));
  auto signature = unbase64url(compact.substr(second + 1));
  if (!signature) return wrong(Kind::malformed, "the signature is not base64url");
  jwt.signature_ = std::move(*signature);
  jwt.signing_input_ = compact.substr(0, second);
  return jwt;
}

std::expected<const Claims*, JwtError> Jwt::verify(const Jwks& keys) const {
  size_t named = 0;
  size_t fitting = 0;
  for (const VerifyKey& key : keys.keys) {
    if (kid_ ? key.kid() != *kid_ : keys.keys.size() > 1) continue;
    ++named;
    if (key.algorithm() != algorithm_) continue;
    ++fitting;
    if (key.verify(signing_input_, signature_)) return &claims_;
  }
  if (named == 0) {
    return wrong(Kind::unknown_key, kid_ ? fmt::format("no key {} in the issuer's key set", *kid_)
                                         : "the token names no key and the issuer has several");
  }
  if (fitting == 0) return wrong(Kind::bad_algorithm, fmt::format("the key is not for {}", name(algorithm_)));
  return wrong(Kind::bad_signature, "the signature does not verify");
}

std::expected<void, JwtError> check_times(const Claims& claims, Time now, std::chrono::seconds skew) {
  if (!claims.expires) return wrong(Kind::malformed, "the token has no exp");
  if (now >= *claims.expires + skew)
    return wrong(Kind::expired, "the token expired at " + iso8601(*claims.expires));
  if (claims.not_before && *claims.not_before > now + skew)
    return wrong(Kind::not_yet_valid, "the token is not valid before " + iso8601(*claims.not_before));
  if (claims.issued_at && *claims.issued_at > now + skew)
    return wrong(Kind::not_yet_valid, "the token was issued in the future, at " + iso8601(*claims.issued_at));
  return {};
}

std::string make_jwt(const RsaKey& key, const json::object& claims) {
  const json::object header{{"alg", "RS256"}, {"kid", key.kid()}};
  const std::string input = base64url(json::dump(header)) + "." + base64url(json::dump(claims));
  return input + "." + base64url(key.sign_rs256(input));
}

}  // namespace gatehouse::identity
