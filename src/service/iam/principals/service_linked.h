// The roles that a service makes for itself in an account, on behalf of a caller who may.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
#pragma once

#include <optional>
#include <string_view>

#include "account/directory/directory.h"
#include "account/gate.h"
#include "base/random.h"

namespace gatehouse::service::iam {

// What a caller needs for whom a service would make its role: nothing where the role is there.
std::optional<account::Requirement> needs_linked_role(const account::Directory& directory,
                                                      std::string_view account, std::string_view service);

// Makes it where it is not there; repeating it changes nothing. `service` is one of those IAM has a template
// for.
Result<void> ensure_linked_role(account::Directory& directory, Random& random, std::string_view account,
                                std::string_view service, Time now);

}  // namespace gatehouse::service::iam
