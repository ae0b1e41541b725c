// Access entries: https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html
#include <algorithm>
#include <array>

#include "base/arn.h"
#include "service/eks/access/access.h"
#include "service/eks/operations.h"
#include "service/eks/support.h"

namespace gatehouse::service::eks {
namespace {

using wire::structure;
using wire::Value;

constexpr std::array<std::string_view, 5> kReservedNames = {"system:", "eks:", "aws:", "amazon:", "iam:"};

// What an entry's type makes of its principal. Nodes have their names from EKS.
struct Type {
  std::string_view name, username, groups;
};
constexpr std::array<Type, 7> kTypes = {
    {{"STANDARD", "", ""},
     {"EC2", "system:node:{{EC2PrivateDNSName}}", "system:nodes"},
     {"EC2_LINUX", "system:node:{{EC2PrivateDNSName}}", "system:nodes"},
     {"EC2_WINDOWS", "system:node:{{EC2PrivateDNSName}}", "eks:kube-proxy-windows system:nodes"},
     {"FARGATE_LINUX", "system:node:{{SessionName}}",
      "system:bootstrappers system:node-proxier system:nodes"},
     {"HYBRID_LINUX", "system:node:{{SessionName}}", "system:nodes"},
     {"HYPERPOD_LINUX", "system:node:{{SessionName}}", "system:nodes"}}};

void take_names(const Type& type, AccessEntry& e) {
  e.username = type.username;
  for (const auto group : kube::words(type.groups)) e.groups.emplace_back(group);
}

std::string default_username(std::string_view text, const Arn& principal) {
  if (!principal.resource.starts_with("role/")) return std::string(text);
  return fmt::format("arn:{}:sts::{}:assumed-role/{}/{{{{SessionName}}}}", principal.partition,
                     principal.account, principal.resource.substr(principal.resource.rfind('/') + 1));
}

// A user or a role, and one that exists where we can know it.
Result<Arn> read_principal(const Eks& eks, const Call& call, std::string_view text) {
  const auto invalid = [] {
    return error::invalid_parameter("The specified principalArn is invalid: invalid principal.");
  };
  const auto arn = Arn::parse(text);
  if (!arn || arn->service != "iam" || arn->account.empty()) return invalid();
  const bool role = arn->resource.starts_with("role/");
  if (!role && !arn->resource.starts_with("user/")) return invalid();
  const auto name = arn->resource.substr(arn->resource.rfind('/') + 1);
  const auto& directory = eks.rooms().directory;
  if (arn->account != call.account) return *arn;
  if (role) {
    const auto found = directory.role(call.account, name);
    if (found == nullptr || found->arn != text) return invalid();
  } else {
    const auto found = directory.user(call.account, name);
    if (found == nullptr || found->arn != text) return invalid();
  }
  return *arn;
}

Result<void> read_groups(const Value& groups, AccessEntry& e) {
  e.groups.clear();
  for (const auto& group : groups.list()) {
    const std::string_view name = group.text();
    if (name.empty() || name.starts_with("system:")) {
      return error::invalid_parameter(
          fmt::format("The kubernetes group name {} is invalid, it cannot start with system:", name));
    }
    e.groups.emplace_back(name);
  }
  return {};
}

Result<void> read_username(std::string_view username, AccessEntry& e) {
  for (const auto reserved : kReservedNames) {
    if (username.starts_with(reserved)) {
      return error::invalid_parameter(
          fmt::format("The specified username is invalid: it cannot start with {}", reserved));
    }
  }
  e.username = username;
  return {};
}

Result<AccessEntry> read_entry(const Eks& eks, const Call& call) {
  const Value& in = call.in;
  AccessEntry e;
  e.principal = in[m::principalArn].text();
  TRY(const Arn principal, read_principal(eks, call, e.principal));
  e.type = in[m::type].text_or("STANDARD");
  const auto type = std::ranges::find(kTypes, e.type, &Type::name);
  if (type == kTypes.end())
    return error::invalid_parameter(fmt::format("The specified type is invalid: {}", e.type));
  if (type->username.empty()) {
    e.username = default_username(e.principal, principal);
    if (const auto& username = in[m::username]) CHECK_OK(read_username(username.text(), e));
    CHECK_OK(read_groups(in[m::kubernetesGroups], e));
  } else {
    if (!principal.resource.starts_with("role/") || principal.account != call.account)
      return error::invalid_parameter("The specified principalArn is invalid: invalid principal.");
    if (in[m::username] || in[m::kubernetesGroups]) {
      return error::invalid_request(
          fmt::format("username and kubernetesGroups cannot be set for an entry of type {}", e.type));
    }
    take_names(*type, e);
  }
  TRY(e.tags, read_tags(in[m::tags]));
  e.id = eks.rooms().random.uuid();
  e.created = e.modified = eks.rooms().clock.now();
  return e;
}

Value render(const Cluster& c, const AccessEntry& e) {
  return structure({{m::accessEntry, structure({{m::clusterName, c.name},
                                                {m::principalArn, e.principal},
                                                {m::kubernetesGroups, value_of(e.groups)},
                                                {m::accessEntryArn, c.arn_of(e)},
                                                {m::createdAt, e.created},
                                                {m::modifiedAt, e.modified},
                                                {m::tags, value_of(e.tags)},
                                                {m::username, e.username},
                                                {m::type, e.type}})}});
}

}  // namespace

std::string Cluster::arn_of(const AccessEntry& e) const {
  const auto principal = Arn::parse(e.principal);
  if (!principal) return {};
  const std::string_view resource = principal->resource;
  return fmt::format("arn:aws:eks:{}:{}:access-entry/{}/{}/{}/{}/{}", region, account, name,
                     resource.substr(0, resource.find('/')), principal->account,
                     resource.substr(resource.rfind('/') + 1), e.id);
}

AccessEntry creator_entry(const Eks& eks, std::string_view principal) {
  AccessEntry e;
  e.principal = principal;
  e.id = eks.rooms().random.uuid();
  e.type = "STANDARD";
  const auto arn = Arn::parse(principal);
  e.username = arn ? default_username(principal, *arn) : std::string(principal);
  e.created = e.modified = eks.rooms().clock.now();
  e.policies.push_back({{"AmazonEKSClusterAdminPolicy", {}}, e.created, e.created});
  return e;
}

AccessEntry node_entry(const Eks& eks, std::string_view role, std::string_view type) {
  AccessEntry e;
  e.principal = role;
  e.id = eks.rooms().random.uuid();
  e.type = type;
  take_names(*std::ranges::find(kTypes, type, &Type::name), e);
  e.created = e.modified = eks.rooms().clock.now();
  return e;
}

AccessEntry* entry_of(Cluster& cluster, std::string_view principal) {
  const auto it = std::ranges::find(cluster.entries, principal, &AccessEntry::principal);
  return it == cluster.entries.end() ? nullptr : &*it;
}

bool has_entry(const Cluster& cluster, std::string_view principal) {
  return std::ranges::any_of(cluster.entries, [&](const AccessEntry& other) {
    return kube::canonical_arn(other.principal) == kube::canonical_arn(principal);
  });
}

Result<Cluster> cluster_with_entries(const Eks& eks, const Call& call) {
  TRY(auto cluster, existing(eks, call));
  if (cluster.uses_entries()) return cluster;
  return error::invalid_request(
      "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this "
      "operation.");
}

Result<AccessEntry*> existing_entry(const Call& call, Cluster& cluster) {
  if (auto* entry = entry_of(cluster, call.in[m::principalArn].text())) return entry;
  return error::not_found(
      "The specified principalArn could not be found. You can view your available access entries with "
      "'list-access-entries'.");
}

Result<Value> create_access_entry(Eks& eks, Call& call) {
  TRY(auto cluster, cluster_with_entries(eks, call));
  TRY(auto entry, read_entry(eks, call));
  if (has_entry(cluster, entry.principal))
    return error::in_use("The specified access entry resource is already in use on this cluster.");
  Value shown = render(cluster, entry);
  cluster.entries.push_back(std::move(entry));
  CHECK_OK(eks.store(std::move(cluster)));
  return shown;
}

Result<Value> describe_access_entry(Eks& eks, Call& call) {
  TRY(auto cluster, cluster_with_entries(eks, call));
  TRY(const auto* entry, existing_entry(call, cluster));
  return render(cluster, *entry);
}

Result<Value> update_access_entry(Eks& eks, Call& call) {
  TRY(auto cluster, cluster_with_entries(eks, call));
  TRY(auto* entry, existing_entry(call, cluster));
  if (entry->type != "STANDARD") {
    return error::invalid_request(fmt::format("An access entry of type {} cannot be updated", entry->type));
  }
  if (const auto& groups = call.in[m::kubernetesGroups]) CHECK_OK(read_groups(groups, *entry));
  if (const auto& username = call.in[m::username]) CHECK_OK(read_username(username.text(), *entry));
  entry->modified = eks.rooms().clock.now();
  Value shown = render(cluster, *entry);
  CHECK_OK(eks.store(std::move(cluster)));
  return shown;
}

Result<Value> delete_access_entry(Eks& eks, Call& call) {
  TRY(auto cluster, cluster_with_entries(eks, call));
  TRY(const auto* entry, existing_entry(call, cluster));
  cluster.entries.erase(cluster.entries.begin() + (entry - cluster.entries.data()));
  CHECK_OK(eks.store(std::move(cluster)));
  return Value(Value::Structure());
}

Result<Value> list_access_entries(Eks& eks, Call& call) {
  TRY(const auto cluster, cluster_with_entries(eks, call));
  const auto policy = call.in[m::associatedPolicyArn].text();
  Value::List list;
  for (const AccessEntry& e : cluster.entries) {
    const bool wanted = policy.empty() || std::ranges::any_of(e.policies, [&](const PolicyAssociation& p) {
                          return policy.substr(policy.rfind('/') + 1) == p.grant.policy;
                        });
    if (wanted) list.emplace_back(e.principal);
  }
  return page(call.in, m::accessEntries, std::move(list), text_key);
}

}  // namespace gatehouse::service::eks
