// Users, groups, roles, and what belongs to them.
#pragma once

#include "service/iam/about.h"

namespace gatehouse::service::iam {

std::vector<std::shared_ptr<const account::Group>> groups_of(const Iam& iam, const account::User& user);
std::vector<std::shared_ptr<const account::MfaDevice>> mfa_devices_of(const Iam& iam,
                                                                      const account::User& user);

std::vector<std::shared_ptr<const account::AccessKey>> keys_of(const Iam& iam, const account::User& user);

Handler create_role, get_role, list_roles, delete_role, update_role, update_role_description,
    update_assume_role_policy;

Resolver at_new_linked_role, at_linked_role, at_deletion_task;
Handler create_service_linked_role, delete_service_linked_role, get_service_linked_role_deletion_status;

Resolver at_profile_and_role;
Handler create_instance_profile, get_instance_profile, list_instance_profiles,
    list_instance_profiles_for_role, delete_instance_profile, add_role_to_instance_profile,
    remove_role_from_instance_profile;

Handler create_user, get_user, list_users, update_user, delete_user;

Handler create_group, get_group, list_groups, update_group, delete_group, add_user_to_group,
    remove_user_from_group, list_groups_for_user;

Handler create_access_key, list_access_keys, update_access_key, delete_access_key;
Resolver at_access_key;
Handler get_access_key_last_used;

Handler upload_ssh_public_key, get_ssh_public_key, list_ssh_public_keys, update_ssh_public_key,
    delete_ssh_public_key, upload_signing_certificate, list_signing_certificates, update_signing_certificate,
    delete_signing_certificate, create_service_specific_credential, reset_service_specific_credential,
    list_service_specific_credentials, update_service_specific_credential, delete_service_specific_credential;

Handler create_login_profile, get_login_profile, update_login_profile, delete_login_profile;
Resolver at_own_password;
Handler change_password, update_account_password_policy, get_account_password_policy,
    delete_account_password_policy;

Handler create_virtual_mfa_device, delete_virtual_mfa_device, enable_mfa_device, deactivate_mfa_device,
    resync_mfa_device, list_mfa_devices, list_virtual_mfa_devices, get_mfa_device;

}  // namespace gatehouse::service::iam
