// What is said of an account as a whole.
#pragma once

#include "service/iam/about.h"

namespace gatehouse::service::iam {

Handler create_account_alias, delete_account_alias, list_account_aliases, get_account_summary,
    get_account_authorization_details;

Handler generate_credential_report, get_credential_report;

Resolver at_reported_entity;
Handler generate_service_last_accessed_details, get_service_last_accessed_details,
    get_service_last_accessed_details_with_entities, list_policies_granting_service_access;

}  // namespace gatehouse::service::iam
