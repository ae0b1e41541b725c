#pragma once

#include "service/iam/iam.h"

namespace gatehouse::service::iam {

Result<wire::Value> create_user(Iam& iam, Call& call);
Result<wire::Value> get_user(Iam& iam, Call& call);
Result<wire::Value> list_users(Iam& iam, Call& call);
Result<wire::Value> delete_user(Iam& iam, Call& call);
Result<wire::Value> attach_user_policy(Iam& iam, Call& call);
Result<wire::Value> detach_user_policy(Iam& iam, Call& call);
Result<wire::Value> list_attached_user_policies(Iam& iam, Call& call);
Result<wire::Value> put_user_policy(Iam& iam, Call& call);
Result<wire::Value> get_user_policy(Iam& iam, Call& call);
Result<wire::Value> delete_user_policy(Iam& iam, Call& call);
Result<wire::Value> list_user_policies(Iam& iam, Call& call);
Result<wire::Value> create_access_key(Iam& iam, Call& call);
Result<wire::Value> list_access_keys(Iam& iam, Call& call);
Result<wire::Value> update_access_key(Iam& iam, Call& call);
Result<wire::Value> delete_access_key(Iam& iam, Call& call);

// UserName, or the caller itself where the operation allows it to be left out.
template <char const* Action>
Result<Requirements> user_needs(Iam& iam, Call& call) {
  const std::string name(
      call.in[m::UserName].text_or(call.caller.type == policy::PrincipalType::user ? call.caller.name : ""));
  const auto user = name.empty() ? nullptr : iam.directory.user(call.account, name);
  account::Requirement r;
  r.action = Action;
  r.resource = user ? user->arn : fmt::format("arn:aws:iam::{}:user/{}", call.account, name);
  if (name.empty()) r.resource = fmt::format("arn:aws:iam::{}:root", call.account);
  if (user) r.resource_tags(user->tags);
  if (const auto& arn = call.in[m::PolicyArn]; arn) r.key("iam:PolicyARN", std::string(arn.text()));
  if (user && !user->grants.boundary.empty()) r.key("iam:PermissionsBoundary", user->grants.boundary);
  call.pinned = user;
  return Requirements{std::move(r)};
}

}  // namespace gatehouse::service::iam
