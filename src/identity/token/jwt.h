// JSON Web Tokens in compact form (RFC 7515, RFC 7519): read strictly, verified against a key set, made.
//
// A token is read before it is believed, because its issuer tells which keys to try. So reading gives a Jwt
// whose claims are named unverified(), and only verify() gives Claims to act upon. Neither looks at the
// clock: check_times() does, apart, because STS and Kubernetes allow different skews.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "identity/token/jwks.h"

namespace gatehouse::identity {

// What is wrong with a token, for the caller to word as AWS or Kubernetes does.
struct JwtError {
  enum class Kind {
    malformed,      // not three parts of base64url JSON, or a claim of the wrong type
    too_large,      // longer than kMaxJwt
    bad_algorithm,  // not RS256 or ES256, or not the algorithm of the key it names
    unknown_key,    // no key of that kid, or no kid where there are several keys
    bad_signature,
    expired,
    not_yet_valid,  // nbf or iat in the future
  };
  Kind kind;
  std::string detail;  // a sentence fragment for people
};

inline constexpr size_t kMaxJwt = 20'000;  // WebIdentityToken's limit in AssumeRoleWithWebIdentity

struct Claims {
  std::string issuer, subject;        // "" where absent
  std::vector<std::string> audience;  // a string counts as an array of one
  std::optional<std::string> authorized_party;
  std::optional<Time> expires, not_before, issued_at;
  json::object all;

  bool for_audience(std::string_view wanted) const;
};

class Jwt {
 public:
  static std::expected<Jwt, JwtError> read(std::string_view compact);

  Algorithm algorithm() const { return algorithm_; }
  const std::optional<std::string>& kid() const { return kid_; }
  const Claims& unverified() const { return claims_; }

  // The claims, if a key of the set made the signature; they live as long as this token.
  std::expected<const Claims*, JwtError> verify(const Jwks& keys) const;

 private:
  Jwt() = default;

  Algorithm algorithm_ = Algorithm::rs256;
  std::optional<std::string> kid_;
  Claims claims_;
  std::string signing_input_, signature_;
};

// exp is required and exclusive (RFC 7519 section 4.1.4); nbf and iat may be `skew` ahead of `now`, exp
// behind.
std::expected<void, JwtError> check_times(const Claims& claims, Time now, std::chrono::seconds skew);

// A signed token with header {"alg":"RS256","kid":…}, as kube-apiserver makes them (no typ).
std::string make_jwt(const RsaKey& key, const json::object& claims);

}  // namespace gatehouse::identity
