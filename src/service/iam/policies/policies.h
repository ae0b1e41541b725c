#pragma once

#include "service/iam/iam.h"

namespace gatehouse::service::iam {

Result<wire::Value> create_policy(Iam& iam, Call& call);
Result<wire::Value> get_policy(Iam& iam, Call& call);
Result<wire::Value> list_policies(Iam& iam, Call& call);
Result<wire::Value> delete_policy(Iam& iam, Call& call);
Result<wire::Value> create_policy_version(Iam& iam, Call& call);
Result<wire::Value> get_policy_version(Iam& iam, Call& call);
Result<wire::Value> list_policy_versions(Iam& iam, Call& call);
Result<wire::Value> delete_policy_version(Iam& iam, Call& call);
Result<wire::Value> set_default_policy_version(Iam& iam, Call& call);
Result<wire::Value> list_entities_for_policy(Iam& iam, Call& call);

}  // namespace gatehouse::service::iam
