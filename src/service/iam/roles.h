#pragma once

#include "service/iam/iam.h"

namespace gatehouse::service::iam {

Result<wire::Value> create_role(Iam& iam, Call& call);
Result<wire::Value> get_role(Iam& iam, Call& call);
Result<wire::Value> list_roles(Iam& iam, Call& call);
Result<wire::Value> delete_role(Iam& iam, Call& call);
Result<wire::Value> update_role(Iam& iam, Call& call);
Result<wire::Value> update_role_description(Iam& iam, Call& call);
Result<wire::Value> update_assume_role_policy(Iam& iam, Call& call);
Result<wire::Value> attach_role_policy(Iam& iam, Call& call);
Result<wire::Value> detach_role_policy(Iam& iam, Call& call);
Result<wire::Value> list_attached_role_policies(Iam& iam, Call& call);
Result<wire::Value> put_role_policy(Iam& iam, Call& call);
Result<wire::Value> get_role_policy(Iam& iam, Call& call);
Result<wire::Value> delete_role_policy(Iam& iam, Call& call);
Result<wire::Value> list_role_policies(Iam& iam, Call& call);
Result<wire::Value> put_role_permissions_boundary(Iam& iam, Call& call);
Result<wire::Value> delete_role_permissions_boundary(Iam& iam, Call& call);
Result<wire::Value> tag_role(Iam& iam, Call& call);
Result<wire::Value> untag_role(Iam& iam, Call& call);
Result<wire::Value> list_role_tags(Iam& iam, Call& call);

}  // namespace gatehouse::service::iam
