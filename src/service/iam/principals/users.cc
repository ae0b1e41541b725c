// Users.
#include "service/iam/policies/grants.h"
#include "service/iam/principals/principals.h"
#include "service/iam/render.h"

namespace gatehouse::service::iam {

Result<wire::Value> create_user(Iam& iam, Call& call) {
  TRY(account::User user, fresh<account::User>(iam, call, m::UserName, id_prefix::kUser));
  TRY(user.tags, check_tags(call.in[m::Tags]));
  TRY(user.grants.boundary, boundary_in(iam, call));
  user.created = call.now();
  std::string taken = taken_message<account::User>(user.name);
  TRY(const auto made, create(iam, std::move(user), std::move(taken)));
  return wire::structure({{m::User, user_value(*made)}});
}

Result<wire::Value> get_user(Iam& iam, Call& call) {
  if (!call.in[m::UserName] && call.caller.type == policy::PrincipalType::root) {
    const auto account = iam.directory.account(call.account);
    return wire::structure({{m::User, wire::structure({{m::UserId, call.account},
                                                       {m::Arn, call.caller.arn},
                                                       {m::Path, "/"},
                                                       {m::UserName, account->name},
                                                       {m::CreateDate, account->created}})}});
  }
  if (!call.in[m::UserName] && call.caller.type != policy::PrincipalType::user)
    return error::validation("Must specify userName when calling with non-User credentials");
  TRY(const account::User user, pinned<account::User>(call));
  return wire::structure({{m::User, user_value(user)}});
}

Result<wire::Value> list_users(Iam& iam, Call& call) {
  return page(call, below_prefix<account::User>(iam, call), m::Users, [](const auto& user) {
    wire::Value out = user_value(*user);
    out.set(m::Tags, wire::Value()).set(m::PermissionsBoundary, wire::Value());
    return out;
  });
}

Result<wire::Value> update_user(Iam& iam, Call& call) {
  TRY(const account::User user, pinned<account::User>(call));
  CHECK_OK(rename(iam, call, user, m::NewUserName));
  return wire::Value();
}

Result<wire::Value> delete_user(Iam& iam, Call& call) {
  TRY(const account::User user, pinned<account::User>(call));
  if (!groups_of(iam, user).empty())
    return error::delete_conflict("Cannot delete entity, must remove users from group first.");
  if (!keys_of(iam, user).empty())
    return error::delete_conflict("Cannot delete entity, must delete access keys first.");
  if (!user.login.hash.empty())
    return error::delete_conflict("Cannot delete entity, must delete login profile first.");
  if (!mfa_devices_of(iam, user).empty())
    return error::delete_conflict("Cannot delete entity, must delete MFA device first.");
  if (!user.ssh_keys.empty())
    return error::delete_conflict("Cannot delete entity, must delete SSH public keys first.");
  if (!user.certificates.empty())
    return error::delete_conflict("Cannot delete entity, must delete signing certificates first.");
  if (!user.service_credentials.empty())
    return error::delete_conflict("Cannot delete entity, must delete service specific credentials first.");
  CHECK_OK(check_bare(user.grants));
  CHECK_OK(or_concurrent(iam.directory.remove(user)));
  return wire::Value();
}

}  // namespace gatehouse::service::iam
