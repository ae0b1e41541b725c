// Users, groups, roles, and what belongs to them.
#pragma once

#include "service/iam/about.h"

namespace gatehouse::service::iam {

std::vector<std::shared_ptr<const account::Group>> groups_of(const Iam& iam, const account::User& user);
std::vector<std::shared_ptr<const account::MfaDevice>> mfa_devices_of(const Iam& iam,
                                                                      const account::User& user);

Result<wire::Value> create_role(Iam& iam, Call& call);
Result<wire::Value> get_role(Iam& iam, Call& call);
Result<wire::Value> list_roles(Iam& iam, Call& call);
Result<wire::Value> delete_role(Iam& iam, Call& call);
Result<wire::Value> update_role(Iam& iam, Call& call);
Result<wire::Value> update_role_description(Iam& iam, Call& call);
Result<wire::Value> update_assume_role_policy(Iam& iam, Call& call);

Result<Requirements> at_new_linked_role(Iam& iam, Call& call);
Result<Requirements> at_linked_role(Iam& iam, Call& call);
Result<Requirements> at_deletion_task(Iam& iam, Call& call);
Result<wire::Value> create_service_linked_role(Iam& iam, Call& call);
Result<wire::Value> delete_service_linked_role(Iam& iam, Call& call);
Result<wire::Value> get_service_linked_role_deletion_status(Iam& iam, Call& call);

Result<Requirements> at_profile_and_role(Iam& iam, Call& call);
Result<wire::Value> create_instance_profile(Iam& iam, Call& call);
Result<wire::Value> get_instance_profile(Iam& iam, Call& call);
Result<wire::Value> list_instance_profiles(Iam& iam, Call& call);
Result<wire::Value> list_instance_profiles_for_role(Iam& iam, Call& call);
Result<wire::Value> delete_instance_profile(Iam& iam, Call& call);
Result<wire::Value> add_role_to_instance_profile(Iam& iam, Call& call);
Result<wire::Value> remove_role_from_instance_profile(Iam& iam, Call& call);

Result<wire::Value> create_user(Iam& iam, Call& call);
Result<wire::Value> get_user(Iam& iam, Call& call);
Result<wire::Value> list_users(Iam& iam, Call& call);
Result<wire::Value> update_user(Iam& iam, Call& call);
Result<wire::Value> delete_user(Iam& iam, Call& call);

Result<wire::Value> create_group(Iam& iam, Call& call);
Result<wire::Value> get_group(Iam& iam, Call& call);
Result<wire::Value> list_groups(Iam& iam, Call& call);
Result<wire::Value> update_group(Iam& iam, Call& call);
Result<wire::Value> delete_group(Iam& iam, Call& call);
Result<wire::Value> add_user_to_group(Iam& iam, Call& call);
Result<wire::Value> remove_user_from_group(Iam& iam, Call& call);
Result<wire::Value> list_groups_for_user(Iam& iam, Call& call);

Result<wire::Value> create_access_key(Iam& iam, Call& call);
Result<wire::Value> list_access_keys(Iam& iam, Call& call);
Result<wire::Value> update_access_key(Iam& iam, Call& call);
Result<wire::Value> delete_access_key(Iam& iam, Call& call);
Result<Requirements> at_access_key(Iam& iam, Call& call);
Result<wire::Value> get_access_key_last_used(Iam& iam, Call& call);

Result<wire::Value> create_login_profile(Iam& iam, Call& call);
Result<wire::Value> get_login_profile(Iam& iam, Call& call);
Result<wire::Value> update_login_profile(Iam& iam, Call& call);
Result<wire::Value> delete_login_profile(Iam& iam, Call& call);
Result<Requirements> at_own_password(Iam& iam, Call& call);
Result<wire::Value> change_password(Iam& iam, Call& call);
Result<wire::Value> update_account_password_policy(Iam& iam, Call& call);
Result<wire::Value> get_account_password_policy(Iam& iam, Call& call);
Result<wire::Value> delete_account_password_policy(Iam& iam, Call& call);

Result<wire::Value> create_virtual_mfa_device(Iam& iam, Call& call);
Result<wire::Value> delete_virtual_mfa_device(Iam& iam, Call& call);
Result<wire::Value> enable_mfa_device(Iam& iam, Call& call);
Result<wire::Value> deactivate_mfa_device(Iam& iam, Call& call);
Result<wire::Value> resync_mfa_device(Iam& iam, Call& call);
Result<wire::Value> list_mfa_devices(Iam& iam, Call& call);
Result<wire::Value> list_virtual_mfa_devices(Iam& iam, Call& call);
Result<wire::Value> get_mfa_device(Iam& iam, Call& call);

}  // namespace gatehouse::service::iam
