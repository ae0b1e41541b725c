// How EKS lets nodes into a cluster that reads aws-auth: a mapping of their role, beside those that are
// there. https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html
#pragma once

#include <string_view>

#include "kube/bootstrap.h"
#include "kube/clusters.h"

namespace gatehouse::kube {

// Makes kube-system/aws-auth if it is missing. A mapping of the role that is there stays as it is; so does a
// mapRoles that is no list, since rewriting it would lose what somebody meant.
Result<void> map_node_role(const Cluster& cluster, const Makers& makers, std::string_view role_arn);

// Takes that mapping away, if it is still the one that map_node_role() writes.
Result<void> unmap_node_role(const Cluster& cluster, std::string_view role_arn);

bool maps_node_role(const Cluster& cluster, std::string_view role_arn);

}  // namespace gatehouse::kube
