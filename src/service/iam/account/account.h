// What is said of an account as a whole.
#pragma once

#include "service/iam/about.h"

namespace gatehouse::service::iam {

Result<wire::Value> create_account_alias(Iam& iam, Call& call);
Result<wire::Value> delete_account_alias(Iam& iam, Call& call);
Result<wire::Value> list_account_aliases(Iam& iam, Call& call);
Result<wire::Value> get_account_summary(Iam& iam, Call& call);
Result<wire::Value> get_account_authorization_details(Iam& iam, Call& call);

Result<wire::Value> generate_credential_report(Iam& iam, Call& call);
Result<wire::Value> get_credential_report(Iam& iam, Call& call);

Result<Requirements> at_reported_entity(Iam& iam, Call& call);
Result<wire::Value> generate_service_last_accessed_details(Iam& iam, Call& call);
Result<wire::Value> get_service_last_accessed_details(Iam& iam, Call& call);
Result<wire::Value> get_service_last_accessed_details_with_entities(Iam& iam, Call& call);
Result<wire::Value> list_policies_granting_service_access(Iam& iam, Call& call);

}  // namespace gatehouse::service::iam
