#include "kube/access/authenticator.h"

#include <fmt/format.h>

#include "kube/access/tokens.h"
#include "kube/objects/json_path.h"

namespace gatehouse::kube {
namespace {

std::unexpected<Error> refused(std::string why) { return fail("Unauthorized", std::move(why), 401); }

}  // namespace

Result<User> Authenticator::authenticate(const Cluster& cluster, const wire::Head& head) const {
  const std::string_view value = head.headers.get("authorization");
  constexpr std::string_view kBearer = "bearer ";
  if (value.empty()) return anonymous();
  if (value.size() <= kBearer.size() ||
      !std::equal(kBearer.begin(), kBearer.end(), value.begin(),
                  [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); })) {
    // Other schemes are nobody's here, as kube-apiserver without basic authentication sees them.
    return anonymous();
  }
  auto token = value.substr(kBearer.size());
  while (token.starts_with(' ')) token.remove_prefix(1);
  return verify(cluster, token, {std::string(kApiAudience)});
}

Result<User> Authenticator::verify(const Cluster& cluster, std::string_view token,
                                   const std::vector<std::string>& audiences) const {
  if (token.starts_with(kIamTokenPrefix)) {
    TRY(const IamIdentity identity, signer_of(token, cluster.name));
    return map(cluster, identity);
  }
  if (auto user = of_provider(cluster, token)) return *std::move(user);
  auto user = verify_token(cluster, token, audiences, clock_.now());
  if (!user) return refused(user.error());
  return *std::move(user);
}

std::optional<Result<User>> Authenticator::of_provider(const Cluster& cluster, std::string_view token) const {
  if (options_.entries == nullptr) return std::nullopt;
  const auto jwt = identity::Jwt::read(token);
  if (!jwt || jwt->unverified().issuer == cluster.issuer) return std::nullopt;
  const auto provider = options_.entries->oidc_provider(cluster);
  if (!provider || provider->issuer != jwt->unverified().issuer) return std::nullopt;
  auto user = oidc_user(*provider, *jwt, options_.oidc_keys, clock_.now());
  if (!user) return refused(user.error());
  return *std::move(user);
}

Result<IamIdentity> Authenticator::signer_of(std::string_view token, std::string_view cluster_name) const {
  TRY(const wire::Head presigned, read_iam_token(token, cluster_name, clock_.now(), options_.own_endpoints));
  auto identity = verifier_.verify(presigned);
  if (!identity) return refused(fmt::format("{}: {}", identity.error().code, identity.error().message));
  return identity;
}

Result<User> Authenticator::map(const AwsAuth& auth, const IamIdentity& identity,
                                std::string_view region) const {
  const std::string canonical = canonical_arn(identity.arn);
  const auto mapping = auth.find(canonical, identity.account);
  if (!mapping) return refused(fmt::format("ARN is not mapped: {}", canonical));
  auto user = mapped_user(*mapping, identity, region, options_.instance_names);
  if (!user) return refused("a template in aws-auth has no value");
  return *std::move(user);
}

Admission Authenticator::admission(const Cluster& cluster, std::string_view canonical_arn) const {
  return options_.entries == nullptr ? Admission() : options_.entries->admission(cluster, canonical_arn);
}

Result<User> Authenticator::map(const Cluster& cluster, const IamIdentity& identity) const {
  const std::string canonical = canonical_arn(identity.arn);
  const Admission open = admission(cluster, canonical);
  if (open.entry) {
    auto user = mapped_user(open.entry->mapping, identity, cluster.region, options_.instance_names);
    if (!user) return refused("a template of the access entry has no value");
    user->grants = open.entry->grants;
    return *std::move(user);
  }
  if (open.as_creator && canonical == cluster.creator)
    return *mapped_user({"kubernetes-admin", {std::string(kMasters)}}, identity, cluster.region, nullptr);
  if (!open.by_config_map) return refused(fmt::format("no access entry for {}", canonical));
  return map(*aws_auth(cluster), identity, cluster.region);
}

std::shared_ptr<const AwsAuth> Authenticator::aws_auth(const Cluster& cluster) const {
  const StoredPtr now = cluster.objects->find(kind_of("", "configmaps"), "kube-system", "aws-auth");
  if (now == nullptr) return std::make_shared<AwsAuth>();
  const std::lock_guard lock(mutex_);
  Parsed& parsed = parsed_[cluster.hex];
  if (parsed.from != now) {
    const json::object* data = object_at(now->object, {"data"});
    parsed = {now, std::make_shared<AwsAuth>(data == nullptr ? AwsAuth() : AwsAuth::parse(*data))};
  }
  return parsed.auth;
}

}  // namespace gatehouse::kube
