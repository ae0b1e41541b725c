// Principals in policies that are attached to a thing: a role's trust, a bucket's policy.
//
// AWS keeps the unique id of a user or role that such a policy names, so that a recreated one is not the old
// one, and shows the ARN again for as long as the entity is there. An account named by its number is kept as
// its root's ARN. The rest of the text stays as it was written.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
#pragma once

#include <string>
#include <string_view>

#include "account/directory/directory.h"

namespace gatehouse::account {

// For keeping. The error's message is the ARN of the first principal that is not there, of an account that is
// here; of accounts elsewhere nothing is known, and their ARNs are kept.
Result<std::string> with_unique_ids(const Directory& directory, std::string_view policy);
// For showing.
std::string with_arns(const Directory& directory, std::string_view policy);

}  // namespace gatehouse::account
