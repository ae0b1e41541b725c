// Instance profiles: how an instance is given a role.
#include "service/iam/principals/principals.h"
#include "service/iam/render.h"

namespace gatehouse::service::iam {

Result<wire::Value> create_instance_profile(Iam& iam, Call& call) {
  TRY(account::InstanceProfile profile,
      fresh<account::InstanceProfile>(iam, call, m::InstanceProfileName, id_prefix::kInstanceProfile));
  TRY(profile.tags, check_tags(call.in[m::Tags]));
  profile.created = call.now();
  std::string taken = fmt::format("Instance Profile {} already exists.", profile.name);
  TRY(const auto made, create(iam, std::move(profile), std::move(taken)));
  return wire::structure({{m::InstanceProfile, instance_profile_value(iam, *made)}});
}

Result<wire::Value> get_instance_profile(Iam& iam, Call& call) {
  TRY(const account::InstanceProfile profile, pinned<account::InstanceProfile>(call));
  return wire::structure({{m::InstanceProfile, instance_profile_value(iam, profile)}});
}

Result<wire::Value> list_instance_profiles(Iam& iam, Call& call) {
  return page(call, below_prefix<account::InstanceProfile>(iam, call), m::InstanceProfiles,
              [&](const auto& profile) { return instance_profile_value(iam, *profile); });
}

Result<wire::Value> list_instance_profiles_for_role(Iam& iam, Call& call) {
  TRY(const account::Role role, pinned<account::Role>(call));
  auto profiles = iam.directory.list<account::InstanceProfile>(call.account);
  std::erase_if(profiles, [&](const auto& profile) { return profile->role != role.id; });
  return page(call, profiles, m::InstanceProfiles,
              [&](const auto& profile) { return instance_profile_value(iam, *profile); });
}

Result<wire::Value> delete_instance_profile(Iam& iam, Call& call) {
  TRY(const account::InstanceProfile profile, pinned<account::InstanceProfile>(call));
  if (iam.directory.by_id<account::Role>(profile.role) != nullptr) {
    return error::delete_conflict("Cannot delete entity, must remove roles from instance profile first.");
  }
  CHECK_OK(or_concurrent(iam.directory.remove(profile)));
  return wire::Value();
}

// The profile, and the right to hand the role to EC2.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
Result<Requirements> at_profile_and_role(Iam& iam, Call& call) {
  TRY(Requirements requirements, at<account::InstanceProfile>(iam, call));
  const std::string_view name = call.in[m::RoleName].text();
  const auto role = iam.directory.role(call.account, name);
  account::Requirement pass;
  pass.action = "iam:PassRole";
  pass.resource = role ? role->arn : arn_of<account::Role>(call.account, "/", name);
  pass.resource_account = call.account;
  pass.key("iam:PassedToService", "ec2.amazonaws.com");
  if (role) pass.resource_tags(role->tags);
  requirements.push_back(std::move(pass));
  return requirements;
}

Result<wire::Value> add_role_to_instance_profile(Iam& iam, Call& call) {
  TRY(account::InstanceProfile profile, pinned<account::InstanceProfile>(call));
  const std::string_view name = call.in[m::RoleName].text();
  const auto role = iam.directory.role(call.account, name);
  if (role == nullptr) return error::no_such_entity(About<account::Role>::missing(name));
  if (role->path.starts_with(kServiceRolePath)) {
    return fail("UnmodifiableEntity",
                fmt::format("Cannot perform the operation on the protected role '{}' - this role is only "
                            "modifiable by AWS",
                            role->name),
                400);
  }
  if (iam.directory.by_id<account::Role>(profile.role) != nullptr)
    return error::limit_exceeded("Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1");
  profile.role = role->id;
  return save(iam, std::move(profile));
}

Result<wire::Value> remove_role_from_instance_profile(Iam& iam, Call& call) {
  TRY(account::InstanceProfile profile, pinned<account::InstanceProfile>(call));
  const std::string_view name = call.in[m::RoleName].text();
  const auto role = iam.directory.role(call.account, name);
  if (role == nullptr || role->id != profile.role)
    return error::no_such_entity(About<account::Role>::missing(name));
  profile.role.clear();
  return save(iam, std::move(profile));
}

}  // namespace gatehouse::service::iam
