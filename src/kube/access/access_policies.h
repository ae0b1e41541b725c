// EKS's access policies: fixed sets of rules that hold beside RBAC.
// https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "kube/access/user.h"
#include "kube/objects/objects.h"

namespace gatehouse::kube {

struct AccessPolicy {
  std::string_view name;
  std::string_view role;  // the built-in role whose rules it has; "": its own
};

std::span<const AccessPolicy> access_policies();

// The rules of a grant where it holds for this namespace ("": the whole cluster); none elsewhere.
std::vector<json::object> rules_of_grant(const Objects& objects, const AccessGrant& grant,
                                         std::string_view ns);

}  // namespace gatehouse::kube
