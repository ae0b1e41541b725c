// The table the IAM service is built from.
#include "service/iam/oidc_providers.h"
#include "service/iam/policies.h"
#include "service/iam/roles.h"
#include "service/iam/users.h"

namespace gatehouse::service::iam {
namespace {

// The actions of rows whose resource is looked up.
#define GATEHOUSE_ACTION(name) constexpr char k##name[] = "iam:" #name;
GATEHOUSE_ACTION(GetRole)
GATEHOUSE_ACTION(DeleteRole)
GATEHOUSE_ACTION(UpdateRole)
GATEHOUSE_ACTION(UpdateRoleDescription)
GATEHOUSE_ACTION(UpdateAssumeRolePolicy)
GATEHOUSE_ACTION(AttachRolePolicy)
GATEHOUSE_ACTION(DetachRolePolicy)
GATEHOUSE_ACTION(ListAttachedRolePolicies)
GATEHOUSE_ACTION(PutRolePolicy)
GATEHOUSE_ACTION(GetRolePolicy)
GATEHOUSE_ACTION(DeleteRolePolicy)
GATEHOUSE_ACTION(ListRolePolicies)
GATEHOUSE_ACTION(PutRolePermissionsBoundary)
GATEHOUSE_ACTION(DeleteRolePermissionsBoundary)
GATEHOUSE_ACTION(TagRole)
GATEHOUSE_ACTION(UntagRole)
GATEHOUSE_ACTION(ListRoleTags)
GATEHOUSE_ACTION(GetPolicy)
GATEHOUSE_ACTION(DeletePolicy)
GATEHOUSE_ACTION(CreatePolicyVersion)
GATEHOUSE_ACTION(GetPolicyVersion)
GATEHOUSE_ACTION(ListPolicyVersions)
GATEHOUSE_ACTION(DeletePolicyVersion)
GATEHOUSE_ACTION(SetDefaultPolicyVersion)
GATEHOUSE_ACTION(ListEntitiesForPolicy)
GATEHOUSE_ACTION(TagPolicy)
GATEHOUSE_ACTION(UntagPolicy)
GATEHOUSE_ACTION(ListPolicyTags)
GATEHOUSE_ACTION(GetOpenIDConnectProvider)
GATEHOUSE_ACTION(DeleteOpenIDConnectProvider)
GATEHOUSE_ACTION(AddClientIDToOpenIDConnectProvider)
GATEHOUSE_ACTION(RemoveClientIDFromOpenIDConnectProvider)
GATEHOUSE_ACTION(UpdateOpenIDConnectProviderThumbprint)
GATEHOUSE_ACTION(TagOpenIDConnectProvider)
GATEHOUSE_ACTION(UntagOpenIDConnectProvider)
GATEHOUSE_ACTION(ListOpenIDConnectProviderTags)
GATEHOUSE_ACTION(GetUser)
GATEHOUSE_ACTION(DeleteUser)
GATEHOUSE_ACTION(AttachUserPolicy)
GATEHOUSE_ACTION(DetachUserPolicy)
GATEHOUSE_ACTION(ListAttachedUserPolicies)
GATEHOUSE_ACTION(PutUserPolicy)
GATEHOUSE_ACTION(GetUserPolicy)
GATEHOUSE_ACTION(DeleteUserPolicy)
GATEHOUSE_ACTION(ListUserPolicies)
GATEHOUSE_ACTION(CreateAccessKey)
GATEHOUSE_ACTION(ListAccessKeys)
GATEHOUSE_ACTION(UpdateAccessKey)
GATEHOUSE_ACTION(DeleteAccessKey)
#undef GATEHOUSE_ACTION

using Rows = std::span<const Row<Iam>>;

Rows role_rows() {
  static const Row<Iam> rows[] = {
      {"CreateRole", create_role,
       needs<Iam>("iam:CreateRole", "arn:{partition}:iam::{account}:role{Path}{RoleName}")
           .tags_from(m::Tags)
           .condition("iam:PermissionsBoundary", m::PermissionsBoundary)},
      {"GetRole", get_role, resolved<Iam>(role_needs<kGetRole>), Blocking::no},
      {"ListRoles", list_roles, needs<Iam>("iam:ListRoles", "arn:{partition}:iam::{account}:role/"),
       Blocking::no},
      {"DeleteRole", delete_role, resolved<Iam>(role_needs<kDeleteRole>)},
      {"UpdateRole", update_role, resolved<Iam>(role_needs<kUpdateRole>)},
      {"UpdateRoleDescription", update_role_description, resolved<Iam>(role_needs<kUpdateRoleDescription>)},
      {"UpdateAssumeRolePolicy", update_assume_role_policy,
       resolved<Iam>(role_needs<kUpdateAssumeRolePolicy>)},
      {"AttachRolePolicy", attach_role_policy, resolved<Iam>(role_needs<kAttachRolePolicy>)},
      {"DetachRolePolicy", detach_role_policy, resolved<Iam>(role_needs<kDetachRolePolicy>)},
      {"ListAttachedRolePolicies", list_attached_role_policies,
       resolved<Iam>(role_needs<kListAttachedRolePolicies>), Blocking::no},
      {"PutRolePolicy", put_role_policy, resolved<Iam>(role_needs<kPutRolePolicy>)},
      {"GetRolePolicy", get_role_policy, resolved<Iam>(role_needs<kGetRolePolicy>), Blocking::no},
      {"DeleteRolePolicy", delete_role_policy, resolved<Iam>(role_needs<kDeleteRolePolicy>)},
      {"ListRolePolicies", list_role_policies, resolved<Iam>(role_needs<kListRolePolicies>), Blocking::no},
      {"PutRolePermissionsBoundary", put_role_permissions_boundary,
       resolved<Iam>(role_needs<kPutRolePermissionsBoundary>)},
      {"DeleteRolePermissionsBoundary", delete_role_permissions_boundary,
       resolved<Iam>(role_needs<kDeleteRolePermissionsBoundary>)},
      {"TagRole", tag_role, resolved<Iam>(role_needs<kTagRole>)},
      {"UntagRole", untag_role, resolved<Iam>(role_needs<kUntagRole>)},
      {"ListRoleTags", list_role_tags, resolved<Iam>(role_needs<kListRoleTags>), Blocking::no},
  };
  return rows;
}

Rows policy_rows() {
  static const Row<Iam> rows[] = {
      {"CreatePolicy", create_policy,
       needs<Iam>("iam:CreatePolicy", "arn:{partition}:iam::{account}:policy{Path}{PolicyName}")
           .tags_from(m::Tags)},
      {"GetPolicy", get_policy, resolved<Iam>(policy_needs<kGetPolicy>), Blocking::no},
      {"ListPolicies", list_policies,
       needs<Iam>("iam:ListPolicies", "arn:{partition}:iam::{account}:policy/"), Blocking::no},
      {"DeletePolicy", delete_policy, resolved<Iam>(policy_needs<kDeletePolicy>)},
      {"CreatePolicyVersion", create_policy_version, resolved<Iam>(policy_needs<kCreatePolicyVersion>)},
      {"GetPolicyVersion", get_policy_version, resolved<Iam>(policy_needs<kGetPolicyVersion>), Blocking::no},
      {"ListPolicyVersions", list_policy_versions, resolved<Iam>(policy_needs<kListPolicyVersions>),
       Blocking::no},
      {"DeletePolicyVersion", delete_policy_version, resolved<Iam>(policy_needs<kDeletePolicyVersion>)},
      {"SetDefaultPolicyVersion", set_default_policy_version,
       resolved<Iam>(policy_needs<kSetDefaultPolicyVersion>)},
      {"ListEntitiesForPolicy", list_entities_for_policy, resolved<Iam>(policy_needs<kListEntitiesForPolicy>),
       Blocking::no},
      {"TagPolicy", tag_policy, resolved<Iam>(policy_needs<kTagPolicy>)},
      {"UntagPolicy", untag_policy, resolved<Iam>(policy_needs<kUntagPolicy>)},
      {"ListPolicyTags", list_policy_tags, resolved<Iam>(policy_needs<kListPolicyTags>), Blocking::no},
  };
  return rows;
}

Rows provider_rows() {
  static const Row<Iam> rows[] = {
      {"CreateOpenIDConnectProvider", create_open_id_connect_provider, resolved<Iam>(create_provider_needs)},
      {"GetOpenIDConnectProvider", get_open_id_connect_provider,
       resolved<Iam>(provider_needs<kGetOpenIDConnectProvider>), Blocking::no},
      {"ListOpenIDConnectProviders", list_open_id_connect_providers,
       needs<Iam>("iam:ListOpenIDConnectProviders", "arn:{partition}:iam::{account}:oidc-provider/"),
       Blocking::no},
      {"DeleteOpenIDConnectProvider", delete_open_id_connect_provider,
       resolved<Iam>(provider_needs<kDeleteOpenIDConnectProvider>)},
      {"AddClientIDToOpenIDConnectProvider", add_client_id,
       resolved<Iam>(provider_needs<kAddClientIDToOpenIDConnectProvider>)},
      {"RemoveClientIDFromOpenIDConnectProvider", remove_client_id,
       resolved<Iam>(provider_needs<kRemoveClientIDFromOpenIDConnectProvider>)},
      {"UpdateOpenIDConnectProviderThumbprint", update_thumbprint,
       resolved<Iam>(provider_needs<kUpdateOpenIDConnectProviderThumbprint>)},
      {"TagOpenIDConnectProvider", tag_provider, resolved<Iam>(provider_needs<kTagOpenIDConnectProvider>)},
      {"UntagOpenIDConnectProvider", untag_provider,
       resolved<Iam>(provider_needs<kUntagOpenIDConnectProvider>)},
      {"ListOpenIDConnectProviderTags", list_provider_tags,
       resolved<Iam>(provider_needs<kListOpenIDConnectProviderTags>), Blocking::no},
  };
  return rows;
}

Rows user_rows() {
  static const Row<Iam> rows[] = {
      {"CreateUser", create_user,
       needs<Iam>("iam:CreateUser", "arn:{partition}:iam::{account}:user{Path}{UserName}")
           .tags_from(m::Tags)
           .condition("iam:PermissionsBoundary", m::PermissionsBoundary)},
      {"GetUser", get_user, resolved<Iam>(user_needs<kGetUser>), Blocking::no},
      {"ListUsers", list_users, needs<Iam>("iam:ListUsers", "arn:{partition}:iam::{account}:user/"),
       Blocking::no},
      {"DeleteUser", delete_user, resolved<Iam>(user_needs<kDeleteUser>)},
      {"AttachUserPolicy", attach_user_policy, resolved<Iam>(user_needs<kAttachUserPolicy>)},
      {"DetachUserPolicy", detach_user_policy, resolved<Iam>(user_needs<kDetachUserPolicy>)},
      {"ListAttachedUserPolicies", list_attached_user_policies,
       resolved<Iam>(user_needs<kListAttachedUserPolicies>), Blocking::no},
      {"PutUserPolicy", put_user_policy, resolved<Iam>(user_needs<kPutUserPolicy>)},
      {"GetUserPolicy", get_user_policy, resolved<Iam>(user_needs<kGetUserPolicy>), Blocking::no},
      {"DeleteUserPolicy", delete_user_policy, resolved<Iam>(user_needs<kDeleteUserPolicy>)},
      {"ListUserPolicies", list_user_policies, resolved<Iam>(user_needs<kListUserPolicies>), Blocking::no},
      {"CreateAccessKey", create_access_key, resolved<Iam>(user_needs<kCreateAccessKey>)},
      {"ListAccessKeys", list_access_keys, resolved<Iam>(user_needs<kListAccessKeys>), Blocking::no},
      {"UpdateAccessKey", update_access_key, resolved<Iam>(user_needs<kUpdateAccessKey>)},
      {"DeleteAccessKey", delete_access_key, resolved<Iam>(user_needs<kDeleteAccessKey>)},
  };
  return rows;
}

}  // namespace

Service make_service(Iam& iam) {
  std::vector<Row<Iam>> rows;
  for (const Rows part : {role_rows(), policy_rows(), provider_rows(), user_rows()}) {
    rows.insert(rows.end(), part.begin(), part.end());
  }
  return Service("iam", iam, std::span<const Row<Iam>>(rows));
}

}  // namespace gatehouse::service::iam
