#include "kube/access/tokens.h"

#include <fmt/format.h>

#include "base/time.h"
#include "identity/jwt.h"
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

std::expected<User, std::string> verify_token(const Cluster& cluster, std::string_view token,
                                              const std::vector<std::string>& audiences, Time now) {
  const auto jwt = identity::Jwt::read(token);
  if (!jwt) return refused(jwt.error().detail);
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
