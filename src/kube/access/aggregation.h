// Cluster roles whose rules are those of other roles.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
#pragma once

#include "base/error.h"
#include "kube/objects/objects.h"

namespace gatehouse::kube {

// Writes into each role with an aggregationRule the rules of the roles it selects. To be called whenever a
// cluster role has changed; writes nothing where nothing is new.
Result<void> aggregate_roles(Objects& objects);

}  // namespace gatehouse::kube
