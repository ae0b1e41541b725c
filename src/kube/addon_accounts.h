// The service accounts that an add-on of EKS brings into a cluster, with the role they take if they are given
// one. https://docs.aws.amazon.com/eks/latest/userguide/add-ons-iam.html
#pragma once

#include <string_view>

#include "kube/bootstrap.h"
#include "kube/clusters.h"

namespace gatehouse::kube {

struct AddonAccount {
  std::string_view ns, name;
  std::string_view role_arn;  // "" for none
  bool overwrite = false;     // a role that somebody else annotated
};

// Makes it, and its namespace, where they are missing.
Result<void> keep_addon_account(const Cluster& cluster, const Makers& makers, const AddonAccount& account);
// Removes it, if it is one that was made here.
Result<void> drop_addon_account(const Cluster& cluster, std::string_view ns, std::string_view name);

}  // namespace gatehouse::kube
