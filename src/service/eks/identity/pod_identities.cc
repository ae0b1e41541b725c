#include "service/eks/identity/pod_identities.h"

#include <algorithm>

#include "service/eks/operations.h"
#include "service/eks/support.h"

namespace gatehouse::service::eks {
namespace {

using wire::structure;
using wire::Value;

constexpr size_t kMost = 5000;  // of a cluster

// A DNS label, or with `dots` several of them: the names of Kubernetes.
bool is_kubernetes_name(std::string_view text, size_t longest, bool dots) {
  const auto plain = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); };
  return !text.empty() && text.size() <= longest && plain(text.front()) && plain(text.back()) &&
         std::ranges::all_of(text, [&](char c) { return plain(c) || c == '-' || (dots && c == '.'); });
}

// "a-" and seventeen letters and digits.
std::string new_id(Random& random) {
  std::string id = random.hex(17);
  std::ranges::transform(id, id.begin(),
                         [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
  return "a-" + id;
}

Value summary(const Cluster& c, const PodIdentity& p) {
  return structure({{m::clusterName, c.name},
                    {m::namespace_, p.ns},
                    {m::serviceAccount, p.service_account},
                    {m::associationArn, arn_of(c, p)},
                    {m::associationId, p.id},
                    {m::ownerArn, p.owner.empty() ? Value() : Value(p.owner)}});
}

Value render(const Cluster& c, const PodIdentity& p) {
  Value shown = summary(c, p);
  shown.set(m::roleArn, p.role);
  shown.set(m::tags, value_of(p.tags));
  shown.set(m::createdAt, p.created);
  shown.set(m::modifiedAt, p.modified);
  shown.set(m::disableSessionTags, p.no_session_tags);
  if (!p.target_role.empty()) {
    shown.set(m::targetRoleArn, p.target_role);
    shown.set(m::externalId, p.external_id);
  }
  if (!p.policy.empty()) shown.set(m::policy, p.policy);
  return structure({{m::association, std::move(shown)}});
}

// What creating and updating take alike.
Result<void> read_settings(const Cluster& c, const Value& in, PodIdentity& p) {
  p.no_session_tags = in[m::disableSessionTags].boolean(p.no_session_tags);
  if (const auto& target = in[m::targetRoleArn]) {
    p.target_role = target.text();
    p.external_id.clear();
    if (!p.target_role.empty()) {
      CHECK_OK(check_role_arn(p.target_role));
      p.external_id = fmt::format("{}/{}/{}/{}/{}", c.region, c.account, c.name, p.ns, p.service_account);
    }
  }
  if (const auto& policy = in[m::policy]) p.policy = policy.text();
  if (p.policy.empty()) return {};
  if (!p.no_session_tags)
    return error::invalid_parameter("A policy can be given only where session tags are disabled.");
  const auto compiled = policy::compile(p.policy, policy::Kind::session);
  if (!compiled) return error::invalid_parameter("The policy is not a valid IAM policy document.");
  return {};
}

}  // namespace

std::vector<account::Tag> session_tags(const Cluster& c, const PodIdentity& p, const PodName& pod) {
  if (p.no_session_tags) return {};
  return {{"eks-cluster-arn", c.arn()},      {"eks-cluster-name", c.name},
          {"kubernetes-namespace", p.ns},    {"kubernetes-service-account", p.service_account},
          {"kubernetes-pod-name", pod.name}, {"kubernetes-pod-uid", pod.uid}};
}

bool trusts_pods(const Eks& eks, Call& call, const account::Role& role, const Cluster& cluster,
                 const std::vector<account::Tag>& tags) {
  account::Requirement keys;
  keys.key("aws:SourceArn", cluster.arn()).key("aws:SourceAccount", cluster.account);
  if (tags.empty()) return trusts(eks, call, role, kPodService, {"sts:AssumeRole"}, keys.keys);
  keys.request_tags(tags);
  std::vector<std::string> names;
  for (const auto& [key, value] : tags) names.push_back(key);
  keys.keys_of("sts:TransitiveTagKeys", std::move(names));
  return trusts(eks, call, role, kPodService, {"sts:AssumeRole", "sts:TagSession"}, keys.keys);
}

Result<void> check_pod_role(const Eks& eks, Call& call, const Cluster& cluster, const PodIdentity& p) {
  CHECK_OK(check_role_arn(p.role));
  const auto role = find_role(eks, p.role);
  if (role == nullptr) return error::invalid_parameter("Role provided in the request does not exist.");
  if (trusts_pods(eks, call, *role, cluster, session_tags(cluster, p, {}))) return {};
  return error::invalid_parameter("Trust policy of the role provided is invalid.");
}

Result<std::optional<PodIdentity>> find_pod_identity(const Eks& eks, const Cluster& cluster,
                                                     std::string_view ns, std::string_view service_account) {
  TRY(auto all, eks.parts<PodIdentity>(cluster));
  for (PodIdentity& one : all) {
    if (one.ns == ns && one.service_account == service_account) return std::move(one);
  }
  return std::nullopt;
}

Result<PodIdentity> new_pod_identity(const Eks& eks, Call& call, const Cluster& cluster,
                                     PodIdentityRequest request) {
  if (!is_kubernetes_name(request.ns, 63, false))
    return error::invalid_parameter(fmt::format("Invalid namespace: {}", request.ns));
  if (!is_kubernetes_name(request.service_account, 253, true))
    return error::invalid_parameter(fmt::format("Invalid service account: {}", request.service_account));
  TRY(const auto there, find_pod_identity(eks, cluster, request.ns, request.service_account));
  if (there) return error::in_use(fmt::format("Association already exists: {}", there->id));
  PodIdentity p;
  p.ns = std::move(request.ns);
  p.service_account = std::move(request.service_account);
  p.role = std::move(request.role);
  p.owner = std::move(request.owner);
  p.id = p.name = new_id(eks.rooms().random);
  p.created = p.modified = eks.rooms().clock.now();
  p.no_session_tags = call.in[m::disableSessionTags].boolean();
  CHECK_OK(check_pod_role(eks, call, cluster, p));
  return p;
}

Result<Value> create_pod_identity_association(Eks& eks, Call& call) {
  TRY(auto cluster, existing(eks, call));
  TRY(auto identity, new_pod_identity(eks, call, cluster,
                                      {std::string(call.in[m::namespace_].text()),
                                       std::string(call.in[m::serviceAccount].text()),
                                       std::string(call.in[m::roleArn].text()), ""}));
  CHECK_OK(read_settings(cluster, call.in, identity));
  TRY(identity.tags, read_tags(call.in[m::tags]));
  TRY(const auto all, eks.parts<PodIdentity>(cluster));
  if (all.size() >= kMost) {
    return fail("ResourceLimitExceededException",
                fmt::format("A cluster can have at most {} pod identity associations", kMost));
  }
  store::Batch batch;
  Eks::put(batch, cluster, identity);
  CHECK_OK(eks.store(cluster, std::move(batch)));
  return render(cluster, identity);
}

Result<Value> describe_pod_identity_association(Eks& eks, Call& call) {
  TRY(const auto cluster, existing(eks, call));
  TRY(const auto identity, existing_part<PodIdentity>(eks, cluster, call.in[m::associationId].text()));
  return render(cluster, identity);
}

Result<Value> list_pod_identity_associations(Eks& eks, Call& call) {
  TRY(const auto cluster, existing(eks, call));
  TRY(const auto all, eks.parts<PodIdentity>(cluster));
  const auto& in = call.in;
  Value::List list;
  for (const PodIdentity& p : all) {
    if (in[m::namespace_] && in[m::namespace_].text() != p.ns) continue;
    if (in[m::serviceAccount] && in[m::serviceAccount].text() != p.service_account) continue;
    list.push_back(summary(cluster, p));
  }
  return page(in, m::associations, std::move(list),
              [](const Value& v) { return std::string(v[m::associationId].text()); });
}

Result<Value> update_pod_identity_association(Eks& eks, Call& call) {
  TRY(auto cluster, existing(eks, call));
  TRY(auto identity, existing_part<PodIdentity>(eks, cluster, call.in[m::associationId].text()));
  if (const auto& role = call.in[m::roleArn]) identity.role = role.text();
  CHECK_OK(read_settings(cluster, call.in, identity));
  CHECK_OK(check_pod_role(eks, call, cluster, identity));
  identity.modified = eks.rooms().clock.now();
  store::Batch batch;
  Eks::put(batch, cluster, identity);
  CHECK_OK(eks.store(cluster, std::move(batch)));
  return render(cluster, identity);
}

Result<Value> delete_pod_identity_association(Eks& eks, Call& call) {
  TRY(auto cluster, existing(eks, call));
  TRY(const auto identity, existing_part<PodIdentity>(eks, cluster, call.in[m::associationId].text()));
  if (!identity.owner.empty()) {
    return error::invalid_request(
        fmt::format("Association {} is owned by {}: change it there.", identity.id, identity.owner));
  }
  store::Batch batch;
  Eks::remove(batch, cluster, identity);
  CHECK_OK(eks.store(cluster, std::move(batch)));
  return render(cluster, identity);
}

}  // namespace gatehouse::service::eks
