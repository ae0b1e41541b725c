#include "service/eks/nodegroups/nodegroups.h"

#include <algorithm>

#include "kube/node_mapping.h"
#include "service/eks/access/access.h"
#include "service/eks/operations.h"
#include "service/eks/support.h"

namespace gatehouse::service::eks {
namespace {

using wire::structure;
using wire::Value;

Value taints(const NodeGroup& g) {
  Value::List out;
  for (const Taint& t : g.taints) {
    Value taint = structure({{m::key, t.key}, {m::effect, t.effect}});
    if (!t.value.empty()) taint.set(m::value, t.value);
    out.push_back(std::move(taint));
  }
  return out;
}

Value update_config(const NodeGroup& g) {
  Value out = g.max_unavailable != 0
                  ? structure({{m::maxUnavailable, g.max_unavailable}})
                  : structure({{m::maxUnavailablePercentage, g.max_unavailable_percentage}});
  if (!g.update_strategy.empty()) out.set(m::updateStrategy, g.update_strategy);
  return out;
}

// A role that nothing maps any more: its nodes cannot join.
Value health(const NodeGroup& g, bool let_in) {
  Value::List issues;
  if (!let_in) {
    issues.push_back(
        structure({{m::code, "AccessDenied"},
                   {m::message,
                    "The node role is not mapped in the cluster, neither by an access entry nor by "
                    "the aws-auth ConfigMap: its nodes cannot join."},
                   {m::resourceIds, Value::List{g.role}}}));
  }
  return structure({{m::issues, std::move(issues)}});
}

Result<void> unmap_nodes(const Eks& eks, const Cluster& cluster, const NodeGroup& group) {
  const auto kube = eks.rooms().clusters.by_hex(cluster.hex);
  if (kube == nullptr || !cluster.uses_config_map()) return {};
  return kube::unmap_node_role(*kube, group.role);
}

}  // namespace

std::string release_of(const KubernetesVersion& version) {
  constexpr std::string_view kImages = "20251120";
  return fmt::format("{}-{}", version.patch, kImages);
}

Value render(const Eks& eks, const Cluster& cluster, const NodeGroup& g, std::string_view status) {
  const bool let_in = lets_nodes_in(eks, cluster, g);
  if (status.empty()) status = let_in ? "ACTIVE" : "DEGRADED";
  const std::string scaling_group = fmt::format("eks-{}-{}", g.name, g.id);
  return structure(
      {{m::nodegroupName, g.name},
       {m::nodegroupArn, arn_of(cluster, g)},
       {m::clusterName, cluster.name},
       {m::version, g.version},
       {m::releaseVersion, g.release},
       {m::createdAt, g.created},
       {m::modifiedAt, g.modified},
       {m::status, status},
       {m::capacityType, g.capacity_type},
       {m::scalingConfig,
        structure({{m::minSize, g.min_size}, {m::maxSize, g.max_size}, {m::desiredSize, g.desired_size}})},
       {m::instanceTypes, value_of(g.instance_types)},
       {m::subnets, value_of(g.subnets)},
       {m::amiType, g.ami_type},
       {m::nodeRole, g.role},
       {m::labels, value_of(g.labels)},
       {m::taints, g.taints.empty() ? Value() : taints(g)},
       {m::resources,
        structure({{m::autoScalingGroups, Value::List{structure({{m::name, scaling_group}})}}})},
       {m::diskSize, g.disk_size},
       {m::health, health(g, let_in)},
       {m::updateConfig, update_config(g)},
       {m::nodeRepairConfig, g.node_repair ? structure({{m::enabled, true}}) : Value()},
       {m::tags, value_of(g.tags)}});
}

Result<Value> describe_nodegroup(Eks& eks, Call& call) {
  TRY(const auto cluster, existing(eks, call));
  TRY(const auto group, existing_part<NodeGroup>(eks, cluster, call.in[m::nodegroupName].text()));
  return structure({{m::nodegroup, render(eks, cluster, group)}});
}

Result<Value> list_nodegroups(Eks& eks, Call& call) {
  TRY(const auto cluster, existing(eks, call));
  TRY(const auto groups, eks.parts<NodeGroup>(cluster));
  Value::List names;
  for (const NodeGroup& group : groups) names.emplace_back(group.name);
  return page(call.in, m::nodegroups, std::move(names), text_key);
}

// The last node group of a role takes the role's mapping with it.
// https://docs.aws.amazon.com/eks/latest/userguide/delete-managed-node-group.html
Result<Value> delete_nodegroup(Eks& eks, Call& call) {
  TRY(auto cluster, existing(eks, call));
  TRY(const auto group, existing_part<NodeGroup>(eks, cluster, call.in[m::nodegroupName].text()));
  TRY(const auto groups, eks.parts<NodeGroup>(cluster));
  const bool last = std::ranges::count(groups, group.role, &NodeGroup::role) == 1;
  Value shown = render(eks, cluster, group, "DELETING");
  if (last) {
    std::erase_if(cluster.entries, [&](const AccessEntry& e) {
      return e.principal == group.role && e.type.starts_with("EC2_");
    });
  }
  store::Batch batch;
  Eks::remove(batch, cluster, group);
  TRY(const auto stored, eks.store(std::move(cluster), std::move(batch)));
  if (last) CHECK_OK(unmap_nodes(eks, stored, group));
  return structure({{m::nodegroup, std::move(shown)}});
}

}  // namespace gatehouse::service::eks
