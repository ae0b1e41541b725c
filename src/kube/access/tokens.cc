#include "kube/access/tokens.h"

#include <fmt/format.h>

#include "base/time.h"
#include "identity/token/jwt.h"
#include "kube/objects/json_path.h"

namespace gatehouse::kube {
namespace {

json::object reference(const Bound& bound) { return {{"name", bound.name}, {"uid", bound.uid}}; }

std::unexpected<std::string> refused(std::string why) { return std::unexpected(std::move(why)); }

bool still_there(const Objects& objects, std::string_view plural, std::string_view ns,
                 const json::object& reference) {
  const Kind* kind = find_kind("", "v1", plural);
  if (kind == nullptr) return false;
  const StoredPtr found = objects.find(*kind, ns, text_at(reference, {"name"}));
  return found != nullptr && text_at(found->object, {"metadata", "uid"}) == text_at(reference, {"uid"});
}

// https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#legacy-serviceaccount-token
constexpr std::string_view kSecretIssuer = "kubernetes/serviceaccount";

std::expected<User, std::string> verify_secret_token(const Cluster& cluster, const identity::Jwt& jwt,
                                                     const std::vector<std::string>& audiences) {
  const auto verified = jwt.verify(cluster.public_keys);
  if (!verified) return refused(verified.error().detail);
  const json::object& all = (**verified).all;
  const std::string prefix = "kubernetes.io/serviceaccount/";
  const auto claim = [&](const char* name) { return std::string(text_at(all, {prefix + name})); };
  const std::string ns = claim("namespace");
  const std::string name = claim("service-account.name");
  const std::string uid = claim("service-account.uid");
  if (std::find(audiences.begin(), audiences.end(), kApiAudience) == audiences.end())
    return refused("a secret's token is for the API server alone");
  if (!still_there(*cluster.objects, "serviceaccounts", ns, reference({name, uid})))
    return refused(fmt::format("service account {}/{} has been deleted", ns, name));
  const StoredPtr secret = cluster.objects->find(kind_of("", "secrets"), ns, claim("secret.name"));
  if (secret == nullptr || text_at(secret->object, {"type"}) != "kubernetes.io/service-account-token")
    return refused("Token has been invalidated");
  return User{fmt::format("system:serviceaccount:{}:{}", ns, name),
              uid,
              {"system:serviceaccounts", "system:serviceaccounts:" + ns, std::string(kAuthenticated)},
              {}};
}

}  // namespace

std::string make_token(const Cluster& cluster, const TokenSpec& spec, Time now, Random& random) {
  json::object about{{"namespace", spec.ns}};
  if (spec.node) about["node"] = reference(*spec.node);
  if (spec.pod) about["pod"] = reference(*spec.pod);
  if (spec.secret) about["secret"] = reference(*spec.secret);
  about["serviceaccount"] = reference({spec.account, spec.account_uid});
  const std::int64_t issued = unix_seconds(now);
  return identity::make_jwt(cluster.key,
                            {{"aud", json::array(spec.audiences.begin(), spec.audiences.end())},
                             {"exp", issued + spec.lifetime.count()},
                             {"iat", issued},
                             {"iss", cluster.issuer},
                             {"jti", random.uuid()},
                             {"kubernetes.io", std::move(about)},
                             {"nbf", issued},
                             {"sub", fmt::format("system:serviceaccount:{}:{}", spec.ns, spec.account)}});
}

std::string make_secret_token(const Cluster& cluster, std::string_view ns, const Bound& account,
                              std::string_view secret) {
  return identity::make_jwt(cluster.key,
                            {{"iss", kSecretIssuer},
                             {"kubernetes.io/serviceaccount/namespace", ns},
                             {"kubernetes.io/serviceaccount/secret.name", secret},
                             {"kubernetes.io/serviceaccount/service-account.name", account.name},
                             {"kubernetes.io/serviceaccount/service-account.uid", account.uid},
                             {"sub", fmt::format("system:serviceaccount:{}:{}", ns, account.name)}});
}

std::expected<User, std::string> verify_token(const Cluster& cluster, std::string_view token,
                                              const std::vector<std::string>& audiences, Time now) {
  const auto jwt = identity::Jwt::read(token);
  if (!jwt) return refused(jwt.error().detail);
  if (jwt->unverified().issuer == kSecretIssuer) return verify_secret_token(cluster, *jwt, audiences);
  if (jwt->unverified().issuer != cluster.issuer) return refused("the token is from another issuer");
  const auto verified = jwt->verify(cluster.public_keys);
  if (!verified) return refused(verified.error().detail);
  const identity::Claims& claims = **verified;
  if (const auto times = identity::check_times(claims, now, std::chrono::seconds(10)); !times)
    return refused(times.error().detail);
  const bool meant = std::any_of(audiences.begin(), audiences.end(),
                                 [&](const std::string& audience) { return claims.for_audience(audience); });
  if (!meant)
    return refused(fmt::format("token audiences {} is invalid for the target audiences {}",
                               json::dump(json::array(claims.audience.begin(), claims.audience.end())),
                               json::dump(json::array(audiences.begin(), audiences.end()))));
  const std::string ns(text_at(claims.all, {"kubernetes.io", "namespace"}));
  const json::object* account = object_at(claims.all, {"kubernetes.io", "serviceaccount"});
  if (account == nullptr) return refused("not a service account token");
  const std::string name(text_at(*account, {"name"}));
  if (claims.subject != fmt::format("system:serviceaccount:{}:{}", ns, name))
    return refused("the subject and the private claims differ");
  if (!still_there(*cluster.objects, "serviceaccounts", ns, *account))
    return refused(fmt::format("service account {}/{} has been deleted", ns, name));
  for (const auto& [member, plural] : {std::pair("pod", "pods"), std::pair("secret", "secrets")}) {
    const json::object* bound = object_at(claims.all, {"kubernetes.io", member});
    if (bound != nullptr && !still_there(*cluster.objects, plural, ns, *bound))
      return refused(fmt::format("the {} the token is bound to has been deleted", member));
  }
  User user{claims.subject,
            std::string(text_at(*account, {"uid"})),
            {"system:serviceaccounts", "system:serviceaccounts:" + ns, std::string(kAuthenticated)},
            {}};
  if (const auto jti = text_at(claims.all, {"jti"}); !jti.empty())
    user.extra["authentication.kubernetes.io/credential-id"] = {fmt::format("JTI={}", jti)};
  if (const json::object* pod = object_at(claims.all, {"kubernetes.io", "pod"})) {
    user.extra["authentication.kubernetes.io/pod-name"] = {std::string(text_at(*pod, {"name"}))};
    user.extra["authentication.kubernetes.io/pod-uid"] = {std::string(text_at(*pod, {"uid"}))};
  }
  return user;
}

}  // namespace gatehouse::kube
