// How a node group's nodes are let into the cluster.
// https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
#include "kube/node_mapping.h"

#include "service/eks/access/access.h"
#include "service/eks/nodegroups/nodegroups.h"

namespace gatehouse::service::eks {

void add_node_entry(const Eks& eks, Cluster& cluster, const NodeGroup& group) {
  if (has_entry(cluster, group.role)) return;
  const bool windows = group.ami_type.starts_with("WINDOWS");
  cluster.entries.push_back(node_entry(eks, group.role, windows ? "EC2_WINDOWS" : "EC2_LINUX"));
}

Result<void> map_nodes(const Eks& eks, const Cluster& cluster, const NodeGroup& group) {
  const auto& rooms = eks.rooms();
  const auto kube = rooms.clusters.by_hex(cluster.hex);
  if (kube == nullptr || !cluster.uses_config_map()) return {};
  return kube::map_node_role(*kube, {rooms.clock, rooms.random, rooms.ca_pem}, group.role);
}

bool lets_nodes_in(const Eks& eks, const Cluster& cluster, const NodeGroup& group) {
  if (cluster.uses_entries() && has_entry(cluster, group.role)) return true;
  const auto kube = eks.rooms().clusters.by_hex(cluster.hex);
  return kube != nullptr && cluster.uses_config_map() && kube::maps_node_role(*kube, group.role);
}

}  // namespace gatehouse::service::eks
