// The table the IAM service is built from. A row's action is "iam:" and its name.
#include "service/iam/account/account.h"
#include "service/iam/policies/grants.h"
#include "service/iam/policies/policies.h"
#include "service/iam/policies/simulate.h"
#include "service/iam/principals/principals.h"
#include "service/iam/providers/providers.h"
#include "service/iam/tags.h"

namespace gatehouse::service::iam {
namespace {

using account::Group;
using account::InstanceProfile;
using account::ManagedPolicy;
using account::MfaDevice;
using account::OidcProvider;
using account::Role;
using account::SamlProvider;
using account::ServerCertificate;
using account::User;
using Rows = std::vector<Row<Iam>>;

template <typename T>
Needs<Iam> of() {
  return resolved<Iam>(at<T>);
}

// "arn:…:WORD{Path}{RoleName}": what is about to be made.
Needs<Iam> made(std::string_view arn) { return on<Iam>(arn).tags_from(m::Tags); }

Rows role_rows() {
  return {
      {"CreateRole", create_role,
       made("arn:{partition}:iam::{account}:role{Path}{RoleName}")
           .condition("iam:PermissionsBoundary", m::PermissionsBoundary)},
      {"GetRole", get_role, of<Role>()},
      {"ListRoles", list_roles, on<Iam>("arn:{partition}:iam::{account}:role/")},
      {"DeleteRole", delete_role, of<Role>()},
      {"UpdateRole", update_role, of<Role>()},
      {"UpdateRoleDescription", update_role_description, of<Role>()},
      {"UpdateAssumeRolePolicy", update_assume_role_policy, of<Role>()},
      {"AttachRolePolicy", attach_policy<Role>, of<Role>()},
      {"DetachRolePolicy", detach_policy<Role>, of<Role>()},
      {"ListAttachedRolePolicies", list_attached_policies<Role>, of<Role>()},
      {"PutRolePolicy", put_inline_policy<Role>, of<Role>()},
      {"GetRolePolicy", get_inline_policy<Role>, of<Role>()},
      {"DeleteRolePolicy", delete_inline_policy<Role>, of<Role>()},
      {"ListRolePolicies", list_inline_policies<Role>, of<Role>()},
      {"PutRolePermissionsBoundary", put_boundary<Role>, of<Role>()},
      {"DeleteRolePermissionsBoundary", delete_boundary<Role>, of<Role>()},
      {"TagRole", tag<Role>, of<Role>()},
      {"UntagRole", untag<Role>, of<Role>()},
      {"ListRoleTags", list_tags<Role>, of<Role>()},
      {"CreateServiceLinkedRole", create_service_linked_role, resolved<Iam>(at_new_linked_role)},
      {"DeleteServiceLinkedRole", delete_service_linked_role, resolved<Iam>(at_linked_role)},
      {"GetServiceLinkedRoleDeletionStatus", get_service_linked_role_deletion_status,
       resolved<Iam>(at_deletion_task)},
  };
}

Rows instance_profile_rows() {
  return {
      {"CreateInstanceProfile", create_instance_profile,
       made("arn:{partition}:iam::{account}:instance-profile{Path}{InstanceProfileName}")},
      {"GetInstanceProfile", get_instance_profile, of<InstanceProfile>()},
      {"ListInstanceProfiles", list_instance_profiles,
       on<Iam>("arn:{partition}:iam::{account}:instance-profile/")},
      {"ListInstanceProfilesForRole", list_instance_profiles_for_role, of<Role>()},
      {"DeleteInstanceProfile", delete_instance_profile, of<InstanceProfile>()},
      {"AddRoleToInstanceProfile", add_role_to_instance_profile, resolved<Iam>(at_profile_and_role)},
      {"RemoveRoleFromInstanceProfile", remove_role_from_instance_profile, of<InstanceProfile>()},
      {"TagInstanceProfile", tag<InstanceProfile>, of<InstanceProfile>()},
      {"UntagInstanceProfile", untag<InstanceProfile>, of<InstanceProfile>()},
      {"ListInstanceProfileTags", list_tags<InstanceProfile>, of<InstanceProfile>()},
  };
}

Rows user_rows() {
  return {
      {"CreateUser", create_user,
       made("arn:{partition}:iam::{account}:user{Path}{UserName}")
           .condition("iam:PermissionsBoundary", m::PermissionsBoundary)},
      {"GetUser", get_user, of<User>()},
      {"ListUsers", list_users, on<Iam>("arn:{partition}:iam::{account}:user/")},
      {"UpdateUser", update_user, of<User>()},
      {"DeleteUser", delete_user, of<User>()},
      {"AttachUserPolicy", attach_policy<User>, of<User>()},
      {"DetachUserPolicy", detach_policy<User>, of<User>()},
      {"ListAttachedUserPolicies", list_attached_policies<User>, of<User>()},
      {"PutUserPolicy", put_inline_policy<User>, of<User>()},
      {"GetUserPolicy", get_inline_policy<User>, of<User>()},
      {"DeleteUserPolicy", delete_inline_policy<User>, of<User>()},
      {"ListUserPolicies", list_inline_policies<User>, of<User>()},
      {"PutUserPermissionsBoundary", put_boundary<User>, of<User>()},
      {"DeleteUserPermissionsBoundary", delete_boundary<User>, of<User>()},
      {"TagUser", tag<User>, of<User>()},
      {"UntagUser", untag<User>, of<User>()},
      {"ListUserTags", list_tags<User>, of<User>()},
      {"CreateAccessKey", create_access_key, of<User>()},
      {"ListAccessKeys", list_access_keys, of<User>()},
      {"UpdateAccessKey", update_access_key, of<User>()},
      {"DeleteAccessKey", delete_access_key, of<User>()},
      {"GetAccessKeyLastUsed", get_access_key_last_used, resolved<Iam>(at_access_key)},
      {"CreateLoginProfile", create_login_profile, of<User>()},
      {"GetLoginProfile", get_login_profile, of<User>()},
      {"UpdateLoginProfile", update_login_profile, of<User>()},
      {"DeleteLoginProfile", delete_login_profile, of<User>()},
      {"ChangePassword", change_password, resolved<Iam>(at_own_password)},
  };
}

Rows credential_rows() {
  return {
      {"UploadSSHPublicKey", upload_ssh_public_key, of<User>()},
      {"GetSSHPublicKey", get_ssh_public_key, of<User>()},
      {"ListSSHPublicKeys", list_ssh_public_keys, of<User>()},
      {"UpdateSSHPublicKey", update_ssh_public_key, of<User>()},
      {"DeleteSSHPublicKey", delete_ssh_public_key, of<User>()},
      {"UploadSigningCertificate", upload_signing_certificate, of<User>()},
      {"ListSigningCertificates", list_signing_certificates, of<User>()},
      {"UpdateSigningCertificate", update_signing_certificate, of<User>()},
      {"DeleteSigningCertificate", delete_signing_certificate, of<User>()},
      {"CreateServiceSpecificCredential", create_service_specific_credential, of<User>()},
      {"ListServiceSpecificCredentials", list_service_specific_credentials, of<User>()},
      {"UpdateServiceSpecificCredential", update_service_specific_credential, of<User>()},
      {"ResetServiceSpecificCredential", reset_service_specific_credential, of<User>()},
      {"DeleteServiceSpecificCredential", delete_service_specific_credential, of<User>()},
  };
}

Rows mfa_rows() {
  return {
      {"CreateVirtualMFADevice", create_virtual_mfa_device,
       made("arn:{partition}:iam::{account}:mfa{Path}{VirtualMFADeviceName}")},
      {"DeleteVirtualMFADevice", delete_virtual_mfa_device, of<MfaDevice>()},
      {"EnableMFADevice", enable_mfa_device, of<User>()},
      {"DeactivateMFADevice", deactivate_mfa_device, of<User>()},
      {"ResyncMFADevice", resync_mfa_device, of<User>()},
      {"ListMFADevices", list_mfa_devices, of<User>()},
      {"ListVirtualMFADevices", list_virtual_mfa_devices, on<Iam>()},
      {"GetMFADevice", get_mfa_device, of<MfaDevice>()},
      {"TagMFADevice", tag<MfaDevice>, of<MfaDevice>()},
      {"UntagMFADevice", untag<MfaDevice>, of<MfaDevice>()},
      {"ListMFADeviceTags", list_tags<MfaDevice>, of<MfaDevice>()},
  };
}

Rows group_rows() {
  return {
      {"CreateGroup", create_group, on<Iam>("arn:{partition}:iam::{account}:group{Path}{GroupName}")},
      {"GetGroup", get_group, of<Group>()},
      {"ListGroups", list_groups, on<Iam>("arn:{partition}:iam::{account}:group/")},
      {"UpdateGroup", update_group, of<Group>()},
      {"DeleteGroup", delete_group, of<Group>()},
      {"AddUserToGroup", add_user_to_group, of<Group>()},
      {"RemoveUserFromGroup", remove_user_from_group, of<Group>()},
      {"ListGroupsForUser", list_groups_for_user, of<User>()},
      {"AttachGroupPolicy", attach_policy<Group>, of<Group>()},
      {"DetachGroupPolicy", detach_policy<Group>, of<Group>()},
      {"ListAttachedGroupPolicies", list_attached_policies<Group>, of<Group>()},
      {"PutGroupPolicy", put_inline_policy<Group>, of<Group>()},
      {"GetGroupPolicy", get_inline_policy<Group>, of<Group>()},
      {"DeleteGroupPolicy", delete_inline_policy<Group>, of<Group>()},
      {"ListGroupPolicies", list_inline_policies<Group>, of<Group>()},
  };
}

Rows policy_rows() {
  return {
      {"CreatePolicy", create_policy, made("arn:{partition}:iam::{account}:policy{Path}{PolicyName}")},
      {"GetPolicy", get_policy, of<ManagedPolicy>()},
      {"ListPolicies", list_policies, on<Iam>("arn:{partition}:iam::{account}:policy/")},
      {"DeletePolicy", delete_policy, of<ManagedPolicy>()},
      {"CreatePolicyVersion", create_policy_version, of<ManagedPolicy>()},
      {"GetPolicyVersion", get_policy_version, of<ManagedPolicy>()},
      {"ListPolicyVersions", list_policy_versions, of<ManagedPolicy>()},
      {"DeletePolicyVersion", delete_policy_version, of<ManagedPolicy>()},
      {"SetDefaultPolicyVersion", set_default_policy_version, of<ManagedPolicy>()},
      {"ListEntitiesForPolicy", list_entities_for_policy, of<ManagedPolicy>()},
      {"TagPolicy", tag<ManagedPolicy>, of<ManagedPolicy>()},
      {"UntagPolicy", untag<ManagedPolicy>, of<ManagedPolicy>()},
      {"ListPolicyTags", list_tags<ManagedPolicy>, of<ManagedPolicy>()},
      {"SimulateCustomPolicy", simulate_custom_policy, on<Iam>()},
      {"SimulatePrincipalPolicy", simulate_principal_policy, resolved<Iam>(at_policy_source)},
      {"GetContextKeysForCustomPolicy", get_context_keys_for_custom_policy, on<Iam>()},
      {"GetContextKeysForPrincipalPolicy", get_context_keys_for_principal_policy,
       resolved<Iam>(at_policy_source)},
  };
}

Rows provider_rows() {
  return {
      {"CreateOpenIDConnectProvider", create_open_id_connect_provider, resolved<Iam>(create_provider_needs)},
      {"GetOpenIDConnectProvider", get_open_id_connect_provider, of<OidcProvider>()},
      {"ListOpenIDConnectProviders", list_open_id_connect_providers,
       on<Iam>("arn:{partition}:iam::{account}:oidc-provider/")},
      {"DeleteOpenIDConnectProvider", delete_open_id_connect_provider, of<OidcProvider>()},
      {"AddClientIDToOpenIDConnectProvider", add_client_id, of<OidcProvider>()},
      {"RemoveClientIDFromOpenIDConnectProvider", remove_client_id, of<OidcProvider>()},
      {"UpdateOpenIDConnectProviderThumbprint", update_thumbprint, of<OidcProvider>()},
      {"TagOpenIDConnectProvider", tag<OidcProvider>, of<OidcProvider>()},
      {"UntagOpenIDConnectProvider", untag<OidcProvider>, of<OidcProvider>()},
      {"ListOpenIDConnectProviderTags", list_tags<OidcProvider>, of<OidcProvider>()},
      {"CreateSAMLProvider", create_saml_provider,
       made("arn:{partition}:iam::{account}:saml-provider/{Name}")},
      {"GetSAMLProvider", get_saml_provider, of<SamlProvider>()},
      {"ListSAMLProviders", list_saml_providers, on<Iam>("arn:{partition}:iam::{account}:saml-provider/")},
      {"UpdateSAMLProvider", update_saml_provider, of<SamlProvider>()},
      {"DeleteSAMLProvider", delete_saml_provider, of<SamlProvider>()},
      {"TagSAMLProvider", tag<SamlProvider>, of<SamlProvider>()},
      {"UntagSAMLProvider", untag<SamlProvider>, of<SamlProvider>()},
      {"ListSAMLProviderTags", list_tags<SamlProvider>, of<SamlProvider>()},
      {"UploadServerCertificate", upload_server_certificate,
       made("arn:{partition}:iam::{account}:server-certificate{Path}{ServerCertificateName}")},
      {"GetServerCertificate", get_server_certificate, of<ServerCertificate>()},
      {"ListServerCertificates", list_server_certificates,
       on<Iam>("arn:{partition}:iam::{account}:server-certificate/")},
      {"UpdateServerCertificate", update_server_certificate, of<ServerCertificate>()},
      {"DeleteServerCertificate", delete_server_certificate, of<ServerCertificate>()},
      {"TagServerCertificate", tag<ServerCertificate>, of<ServerCertificate>()},
      {"UntagServerCertificate", untag<ServerCertificate>, of<ServerCertificate>()},
      {"ListServerCertificateTags", list_tags<ServerCertificate>, of<ServerCertificate>()},
  };
}

Rows account_rows() {
  return {
      {"CreateAccountAlias", create_account_alias, on<Iam>()},
      {"DeleteAccountAlias", delete_account_alias, on<Iam>()},
      {"ListAccountAliases", list_account_aliases, on<Iam>()},
      {"UpdateAccountPasswordPolicy", update_account_password_policy, on<Iam>()},
      {"GetAccountPasswordPolicy", get_account_password_policy, on<Iam>()},
      {"DeleteAccountPasswordPolicy", delete_account_password_policy, on<Iam>()},
      {"GetAccountSummary", get_account_summary, on<Iam>()},
      {"GetAccountAuthorizationDetails", get_account_authorization_details, on<Iam>()},
      {"GenerateCredentialReport", generate_credential_report, on<Iam>()},
      {"GetCredentialReport", get_credential_report, on<Iam>()},
      {"GenerateServiceLastAccessedDetails", generate_service_last_accessed_details,
       resolved<Iam>(at_reported_entity)},
      {"GetServiceLastAccessedDetails", get_service_last_accessed_details, on<Iam>()},
      {"GetServiceLastAccessedDetailsWithEntities", get_service_last_accessed_details_with_entities,
       on<Iam>()},
      {"ListPoliciesGrantingServiceAccess", list_policies_granting_service_access,
       resolved<Iam>(at_reported_entity)},
  };
}

// Everything IAM reads is in memory.
bool only_reads(std::string_view operation) {
  return operation.starts_with("Get") || operation.starts_with("List");
}

}  // namespace

Service make_service(Iam& iam) {
  std::vector<Row<Iam>> rows;
  for (const Rows& part : {role_rows(), instance_profile_rows(), user_rows(), credential_rows(), mfa_rows(),
                           group_rows(), policy_rows(), provider_rows(), account_rows()}) {
    rows.insert(rows.end(), part.begin(), part.end());
  }
  for (Row<Iam>& row : rows) {
    if (only_reads(row.name)) row.blocking = Blocking::no;
  }
  return Service("iam", iam, std::span<const Row<Iam>>(rows));
}

}  // namespace gatehouse::service::iam
