// Entities as IAM answers them. Policy documents are percent-encoded inside the XML, as AWS sends them.
#pragma once

#include "service/iam/iam.h"

namespace gatehouse::service::iam {

std::string encoded(const account::PolicyText& document);
std::string encoded_trust(const Iam& iam, const account::Role& role);  // principals by their ARNs

wire::Value role_value(const Iam& iam, const account::Role& role);
wire::Value listed_role(const Iam& iam, const account::Role& role);  // ListRoles leaves out tags and boundary
wire::Value role_last_used(const Iam& iam, const account::Role& role);
wire::Value policy_value(const account::ManagedPolicy& policy, const account::Directory::Uses& uses,
                         bool listed);
wire::Value version_value(const account::ManagedPolicy& policy, const account::PolicyVersion& version,
                          bool document);
wire::Value attached_value(const account::ManagedPolicy& policy);
wire::Value user_value(const account::User& user);
wire::Value group_value(const account::Group& group);
wire::Value instance_profile_value(const Iam& iam, const account::InstanceProfile& profile);
wire::Value boundary_value(const account::Grants& grants);
wire::Value tags_or_nothing(const std::vector<account::Tag>& tags);

}  // namespace gatehouse::service::iam
