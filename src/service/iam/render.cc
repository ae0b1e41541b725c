#include "service/iam/render.h"

#include "account/directory/principals.h"
#include "base/encoding.h"

namespace gatehouse::service::iam {
namespace {

wire::Value text_or_nothing(const std::string& text) {
  return text.empty() ? wire::Value() : wire::Value(text);
}

}  // namespace

wire::Value boundary_value(const account::Grants& grants) {
  if (grants.boundary.empty()) return {};
  return wire::structure(
      {{m::PermissionsBoundaryType, "Policy"}, {m::PermissionsBoundaryArn, grants.boundary}});
}

wire::Value tags_or_nothing(const std::vector<account::Tag>& tags) {
  return tags.empty() ? wire::Value() : tags_value(tags);
}

std::string encoded(const account::PolicyText& document) { return percent_encode(document.text); }

std::string encoded_trust(const Iam& iam, const account::Role& role) {
  return percent_encode(account::with_arns(iam.directory, role.trust.text));
}

wire::Value role_last_used(const Iam& iam, const account::Role& role) {
  wire::Value out(wire::Value::Structure{});
  if (const auto used = iam.usage.last(role.id))
    out.set(m::LastUsedDate, used->time).set(m::Region, used->region);
  return out;
}

wire::Value listed_role(const Iam& iam, const account::Role& role) {
  return wire::structure({{m::Path, role.path},
                          {m::RoleName, role.name},
                          {m::RoleId, role.id},
                          {m::Arn, role.arn},
                          {m::CreateDate, role.created},
                          {m::AssumeRolePolicyDocument, encoded_trust(iam, role)},
                          {m::Description, text_or_nothing(role.description)},
                          {m::MaxSessionDuration, role.max_session_seconds}});
}

wire::Value role_value(const Iam& iam, const account::Role& role) {
  wire::Value out = listed_role(iam, role);
  out.set(m::PermissionsBoundary, boundary_value(role.grants));
  out.set(m::Tags, tags_or_nothing(role.tags));
  out.set(m::RoleLastUsed, role_last_used(iam, role));
  return out;
}

wire::Value policy_value(const account::ManagedPolicy& policy, const account::Directory::Uses& uses,
                         bool listed) {
  wire::Value out = wire::structure({{m::PolicyName, policy.name},
                                     {m::PolicyId, policy.id},
                                     {m::Arn, policy.arn},
                                     {m::Path, policy.path},
                                     {m::DefaultVersionId, policy.default_version},
                                     {m::AttachmentCount, uses.attachments},
                                     {m::PermissionsBoundaryUsageCount, uses.boundaries},
                                     {m::IsAttachable, true},
                                     {m::CreateDate, policy.created},
                                     {m::UpdateDate, policy.updated}});
  if (!listed) {
    out.set(m::Description, text_or_nothing(policy.description));
    out.set(m::Tags, tags_value(policy.tags));
  }
  return out;
}

wire::Value version_value(const account::ManagedPolicy& policy, const account::PolicyVersion& version,
                          bool document) {
  wire::Value out = wire::structure({{m::VersionId, version.id},
                                     {m::IsDefaultVersion, version.id == policy.default_version},
                                     {m::CreateDate, version.created}});
  if (document) out.set(m::Document, encoded(version.document));
  return out;
}

wire::Value attached_value(const account::ManagedPolicy& policy) {
  return wire::structure({{m::PolicyName, policy.name}, {m::PolicyArn, policy.arn}});
}

wire::Value user_value(const account::User& user) {
  return wire::structure({{m::Path, user.path},
                          {m::UserName, user.name},
                          {m::UserId, user.id},
                          {m::Arn, user.arn},
                          {m::CreateDate, user.created},
                          {m::PermissionsBoundary, boundary_value(user.grants)},
                          {m::Tags, tags_or_nothing(user.tags)}});
}

wire::Value group_value(const account::Group& group) {
  return wire::structure({{m::Path, group.path},
                          {m::GroupName, group.name},
                          {m::GroupId, group.id},
                          {m::Arn, group.arn},
                          {m::CreateDate, group.created}});
}

wire::Value instance_profile_value(const Iam& iam, const account::InstanceProfile& profile) {
  wire::Value::List roles;
  if (const auto role = iam.directory.by_id<account::Role>(profile.role))
    roles.push_back(listed_role(iam, *role));
  return wire::structure({{m::Path, profile.path},
                          {m::InstanceProfileName, profile.name},
                          {m::InstanceProfileId, profile.id},
                          {m::Arn, profile.arn},
                          {m::CreateDate, profile.created},
                          {m::Roles, std::move(roles)},
                          {m::Tags, tags_or_nothing(profile.tags)}});
}

}  // namespace gatehouse::service::iam
