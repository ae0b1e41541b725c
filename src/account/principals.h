// Principals that a policy names and that are not there. AWS refuses such a policy when it is written.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "account/directory.h"

namespace gatehouse::account {

// The first user or role under an AWS principal that does not exist, of an account that is here; of accounts
// elsewhere nothing is known. `policy` is JSON that compiles.
std::optional<std::string> absent_principal(const Directory& directory, std::string_view policy);

}  // namespace gatehouse::account
