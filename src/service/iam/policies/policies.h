#pragma once

#include "service/iam/iam.h"

namespace gatehouse::service::iam {

Handler create_policy, get_policy, list_policies, delete_policy, create_policy_version, get_policy_version,
    list_policy_versions, delete_policy_version, set_default_policy_version, list_entities_for_policy;

}  // namespace gatehouse::service::iam
