// What the operations on node groups share.
#pragma once

#include "service/eks/clusters/clusters.h"
#include "service/eks/eks.h"

namespace gatehouse::service::eks {

wire::Value render(const Eks& eks, const Cluster& cluster, const NodeGroup& group,
                   std::string_view status = "");

// The AMI's release for a Kubernetes version: "1.33.5-20251120".
std::string release_of(const KubernetesVersion& version);

// Read from a request, over what the group has.
Result<void> read_scaling(const wire::Value& scaling, NodeGroup& group);
Result<void> read_update_config(const wire::Value& config, NodeGroup& group);
Result<void> read_labels(const wire::Value& labels, NodeGroup& group);
Result<void> read_taints(const wire::Value& taints, NodeGroup& group);
inline constexpr size_t kMostTaints = 50;

// How the nodes are let in, as the cluster's authentication mode wants it: the access entry in the cluster's
// record, the mapping in aws-auth once that is stored.
void add_node_entry(const Eks& eks, Cluster& cluster, const NodeGroup& group);
Result<void> map_nodes(const Eks& eks, const Cluster& cluster, const NodeGroup& group);
bool lets_nodes_in(const Eks& eks, const Cluster& cluster, const NodeGroup& group);

}  // namespace gatehouse::service::eks
