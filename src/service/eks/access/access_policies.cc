// Access policies: https://docs.aws.amazon.com/eks/latest/userguide/access-policies.html
#include "kube/access/access_policies.h"

#include <algorithm>

#include "service/eks/access/access.h"
#include "service/eks/operations.h"
#include "service/eks/support.h"

namespace gatehouse::service::eks {
namespace {

using wire::structure;
using wire::Value;

constexpr std::string_view kPrefix = "arn:aws:eks::aws:cluster-access-policy/";

// The name in a policy's ARN.
Result<std::string> read_policy(std::string_view arn) {
  const auto known = kube::access_policies();
  if (arn.starts_with(kPrefix) &&
      std::ranges::find(known, arn.substr(kPrefix.size()), &kube::AccessPolicy::name) != known.end())
    return std::string(arn.substr(kPrefix.size()));
  return error::not_found(
      "The specified policyArn could not be found. You can view your available access policies with "
      "'list-access-policies'.");
}

Result<std::vector<std::string>> read_scope(const Value& scope) {
  auto out = texts(scope[m::namespaces]);
  const std::string_view type = scope[m::type].text();
  if (type != "cluster" && type != "namespace")
    return error::invalid_parameter(fmt::format("The specified accessScope type is invalid: {}", type));
  if (type == "cluster" && !out.empty())
    return error::invalid_parameter("An accessScope of type cluster cannot have namespaces.");
  if (type == "namespace" && (out.empty() || std::ranges::find(out, "") != out.end()))
    return error::invalid_parameter("An accessScope of type namespace must have namespaces.");
  return out;
}

Value render(const PolicyAssociation& p) {
  const auto& namespaces = p.grant.namespaces;
  return structure(
      {{m::policyArn, fmt::format("{}{}", kPrefix, p.grant.policy)},
       {m::accessScope, structure({{m::type, namespaces.empty() ? "cluster" : "namespace"},
                                   {m::namespaces, Value::List(namespaces.begin(), namespaces.end())}})},
       {m::associatedAt, p.associated},
       {m::modifiedAt, p.modified}});
}

auto association(AccessEntry& entry, std::string_view policy) {
  return std::ranges::find_if(entry.policies,
                              [&](const PolicyAssociation& p) { return p.grant.policy == policy; });
}

std::string policy_key(const Value& policy) { return std::string(policy[m::policyArn].text()); }

}  // namespace

Result<Value> list_access_policies(Eks&, Call& call) {
  Value::List list;
  for (const auto& policy : kube::access_policies()) {
    list.push_back(structure({{m::name, policy.name}, {m::arn, fmt::format("{}{}", kPrefix, policy.name)}}));
  }
  return page(call.in, m::accessPolicies, std::move(list),
              [](const Value& policy) { return std::string(policy[m::arn].text()); });
}

Result<Value> associate_access_policy(Eks& eks, Call& call) {
  TRY(auto cluster, cluster_with_entries(eks, call));
  TRY(auto* entry, existing_entry(call, cluster));
  TRY(const auto policy, read_policy(call.in[m::policyArn].text()));
  TRY(auto namespaces, read_scope(call.in[m::accessScope]));
  if (entry->type != "STANDARD") {
    return error::invalid_request(
        fmt::format("An access policy cannot be associated with an access entry of type {}", entry->type));
  }
  const Time now = eks.rooms().clock.now();
  auto it = association(*entry, policy);
  if (it == entry->policies.end()) it = entry->policies.insert(it, PolicyAssociation{{policy, {}}, now, now});
  it->grant.namespaces = std::move(namespaces);
  it->modified = now;
  Value shown = structure({{m::clusterName, cluster.name},
                           {m::principalArn, entry->principal},
                           {m::associatedAccessPolicy, render(*it)}});
  CHECK_OK(eks.store(std::move(cluster)));
  return shown;
}

Result<Value> disassociate_access_policy(Eks& eks, Call& call) {
  TRY(auto cluster, cluster_with_entries(eks, call));
  TRY(auto* entry, existing_entry(call, cluster));
  TRY(const auto policy, read_policy(call.in[m::policyArn].text()));
  const auto it = association(*entry, policy);
  if (it == entry->policies.end()) {
    return error::not_found("The specified policyArn is not associated with the specified access entry.");
  }
  entry->policies.erase(it);
  CHECK_OK(eks.store(std::move(cluster)));
  return Value(Value::Structure());
}

Result<Value> list_associated_access_policies(Eks& eks, Call& call) {
  TRY(auto cluster, cluster_with_entries(eks, call));
  TRY(const auto* entry, existing_entry(call, cluster));
  Value::List list;
  for (const auto& p : entry->policies) list.push_back(render(p));
  TRY(auto out, page(call.in, m::associatedAccessPolicies, std::move(list), policy_key));
  out.set(m::clusterName, cluster.name);
  out.set(m::principalArn, entry->principal);
  return out;
}

}  // namespace gatehouse::service::eks
