// The policy simulator: what the gate's own engine would say.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html
#pragma once

#include "service/iam/about.h"

namespace gatehouse::service::iam {

// PolicySourceArn, on which one needs the right to ask about it.
Resolver at_policy_source;

Handler simulate_custom_policy, simulate_principal_policy, get_context_keys_for_custom_policy,
    get_context_keys_for_principal_policy;

// The condition keys and policy variables that a policy reads, as written, each once.
void add_context_keys(std::string_view policy, std::vector<std::string>& keys);

}  // namespace gatehouse::service::iam
