// Entities as IAM answers them. Policy documents are percent-encoded inside the XML, as AWS sends them.
#pragma once

#include "service/iam/iam.h"

namespace gatehouse::service::iam {

std::string encoded(const account::PolicyText& document);
wire::Value role_value(const account::Role& role);   // with the trust policy
wire::Value listed_role(const account::Role& role);  // ListRoles leaves tags and the boundary out
wire::Value policy_value(const account::ManagedPolicy& policy, const account::Directory::Uses& uses,
                         bool listed);
wire::Value version_value(const account::ManagedPolicy& policy, const account::PolicyVersion& version,
                          bool document);
wire::Value user_value(const account::User& user);
wire::Value group_value(const account::Group& group);

}  // namespace gatehouse::service::iam
