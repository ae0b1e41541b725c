// What the operations need to be allowed.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelastickubernetesservice.html
#pragma once

#include "service/eks/eks.h"

namespace gatehouse::service::eks {

using Resolver = Result<Requirements>(Eks&, Call&);

// The cluster that the call names, there or not, with its tags. at_cluster adds what a change asks for.
Resolver at_cluster, at_new_cluster;
Resolver at_new_entry, at_entry;
Resolver at_new_nodegroup, at_new_addon, at_new_pod_identity, at_new_identity_provider;
// The part of the cluster that the call names; "*" stands for the id of one that is not there.
Resolver at_nodegroup, at_addon, at_pod_identity, at_identity_provider;
// An add-on, its roles, and the Pod Identity associations that it shall have.
Resolver at_changed_addon;
// The cluster, or the node group or add-on whose updates are asked for.
Resolver at_updates;
Resolver at_tagged;

}  // namespace gatehouse::service::eks
