// What users, groups and roles are granted: managed policies attached, inline policies, a boundary. T is one
// of the three; About<T> says what differs.
#pragma once

#include "service/iam/about.h"

namespace gatehouse::service::iam {

template <typename T>
Result<wire::Value> attach_policy(Iam& iam, Call& call);
template <typename T>
Result<wire::Value> detach_policy(Iam& iam, Call& call);
template <typename T>
Result<wire::Value> list_attached_policies(Iam& iam, Call& call);
template <typename T>
Result<wire::Value> put_inline_policy(Iam& iam, Call& call);
template <typename T>
Result<wire::Value> get_inline_policy(Iam& iam, Call& call);
template <typename T>
Result<wire::Value> delete_inline_policy(Iam& iam, Call& call);
template <typename T>
Result<wire::Value> list_inline_policies(Iam& iam, Call& call);
template <typename T>
Result<wire::Value> put_boundary(Iam& iam, Call& call);
template <typename T>
Result<wire::Value> delete_boundary(Iam& iam, Call& call);

// For CreateUser and CreateRole: the boundary that PermissionsBoundary names, or "".
Result<std::string> boundary_in(const Iam& iam, const Call& call);
// Nothing is attached and nothing inline, or DeleteConflict.
Result<void> check_bare(const account::Grants& grants);

}  // namespace gatehouse::service::iam
