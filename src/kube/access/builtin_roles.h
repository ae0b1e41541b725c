// The cluster roles and bindings that every cluster has.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings
#pragma once

#include <vector>

#include "kube/schema/schema.h"

namespace gatehouse::kube {

struct BuiltIn {
  const Kind* kind;
  json::object object;
};

std::vector<BuiltIn> built_in_roles();

}  // namespace gatehouse::kube
