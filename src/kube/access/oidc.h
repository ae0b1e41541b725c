// Users whom an OIDC provider vouches for that is associated with a cluster, as kube-apiserver's --oidc-…
// flags take them.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens and
// https://docs.aws.amazon.com/eks/latest/userguide/authenticate-oidc-identity-provider.html
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "identity/token/jwt.h"
#include "kube/access/user.h"

namespace gatehouse::kube {

// What is "" was left out.
struct OidcProvider {
  std::string issuer, client_id;
  std::string username_claim, username_prefix, groups_claim, groups_prefix;
  std::map<std::string, std::string> required_claims;
};

// The public keys of an issuer, if possible with the one named. May wait for them.
using OidcKeys = std::function<Result<std::shared_ptr<const identity::Jwks>>(
    std::string_view issuer, const std::optional<std::string>& kid)>;

// Who the token's bearer is; the error is for the log. The token is the provider's: its issuer was looked at.
std::expected<User, std::string> oidc_user(const OidcProvider& provider, const identity::Jwt& token,
                                           const OidcKeys& keys, Time now);

}  // namespace gatehouse::kube
