#include "service/iam/render.h"

#include "base/encoding.h"

namespace gatehouse::service::iam {
namespace {

wire::Value boundary_value(const std::string& arn) {
  if (arn.empty()) return {};
  return wire::structure({{m::PermissionsBoundaryType, "Policy"}, {m::PermissionsBoundaryArn, arn}});
}

wire::Value tags_or_nothing(const std::vector<account::Tag>& tags) {
  return tags.empty() ? wire::Value() : tags_value(tags);
}

}  // namespace

std::string encoded(const account::PolicyText& document) { return percent_encode(document.text); }

wire::Value listed_role(const account::Role& role) {
  return wire::structure(
      {{m::Path, role.path},
       {m::RoleName, role.name},
       {m::RoleId, role.id},
       {m::Arn, role.arn},
       {m::CreateDate, role.created},
       {m::AssumeRolePolicyDocument, encoded(role.trust)},
       {m::Description, role.description.empty() ? wire::Value() : wire::Value(role.description)},
       {m::MaxSessionDuration, role.max_session_seconds}});
}

wire::Value role_value(const account::Role& role) {
  wire::Value out = listed_role(role);
  out.set(m::PermissionsBoundary, boundary_value(role.grants.boundary));
  out.set(m::Tags, tags_or_nothing(role.tags));
  out.set(m::RoleLastUsed, wire::Value(wire::Value::Structure{}));
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
    if (!policy.description.empty()) out.set(m::Description, policy.description);
    out.set(m::Tags, tags_or_nothing(policy.tags));
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

wire::Value user_value(const account::User& user) {
  return wire::structure({{m::Path, user.path},
                          {m::UserName, user.name},
                          {m::UserId, user.id},
                          {m::Arn, user.arn},
                          {m::CreateDate, user.created},
                          {m::PermissionsBoundary, boundary_value(user.grants.boundary)},
                          {m::Tags, tags_or_nothing(user.tags)}});
}

wire::Value group_value(const account::Group& group) {
  return wire::structure({{m::Path, group.path},
                          {m::GroupName, group.name},
                          {m::GroupId, group.id},
                          {m::Arn, group.arn},
                          {m::CreateDate, group.created}});
}

}  // namespace gatehouse::service::iam
