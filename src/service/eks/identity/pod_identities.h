// Pod Identity associations: which role the pods of a service account get from the agent on their node.
// https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html
#pragma once

#include "service/eks/eks.h"
#include "service/eks/roles.h"

namespace gatehouse::service::eks {

// What is asked of an association, apart from whose it is.
struct PodIdentityRequest {
  std::string ns, service_account, role;
  std::string owner;  // an add-on's ARN
};

// A new one: the names are names, no other association is there for the service account, the role is there
// and trusts EKS Pod Identity.
Result<PodIdentity> new_pod_identity(const Eks& eks, Call& call, const Cluster& cluster,
                                     PodIdentityRequest request);
// The role is there, and lets EKS Pod Identity assume it for these pods.
Result<void> check_pod_role(const Eks& eks, Call& call, const Cluster& cluster, const PodIdentity& identity);

// The association of a service account; null where it has none.
Result<std::optional<PodIdentity>> find_pod_identity(const Eks& eks, const Cluster& cluster,
                                                     std::string_view ns, std::string_view service_account);

// The pod a session is for; what is not known of it is "".
struct PodName {
  std::string name, uid;
};
// What EKS tags the session with, all of it transitive.
// https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
std::vector<account::Tag> session_tags(const Cluster& cluster, const PodIdentity& identity,
                                       const PodName& pod);

// Whether the role's trust policy lets EKS Pod Identity make a session of it with these tags.
bool trusts_pods(const Eks& eks, Call& call, const account::Role& role, const Cluster& cluster,
                 const std::vector<account::Tag>& tags);

}  // namespace gatehouse::service::eks
