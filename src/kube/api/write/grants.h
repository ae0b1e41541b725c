// Nobody gives away rights they do not have, unless they may `escalate` the role or `bind` it.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping
#pragma once

#include "base/error.h"
#include "kube/access/user.h"
#include "kube/objects/objects.h"

namespace gatehouse::kube {

// For roles and bindings about to be written; anything else passes.
Result<void> check_grants(const Objects& objects, const User& user, const Kind& kind,
                          const json::object& object, const json::object* old);

}  // namespace gatehouse::kube
