#pragma once

#include "service/iam/iam.h"

namespace gatehouse::service::iam {

Result<wire::Value> create_policy(Iam& iam, Call& call);
Result<wire::Value> get_policy(Iam& iam, Call& call);
Result<wire::Value> list_policies(Iam& iam, Call& call);
Result<wire::Value> delete_policy(Iam& iam, Call& call);
Result<wire::Value> create_policy_version(Iam& iam, Call& call);
Result<wire::Value> get_policy_version(Iam& iam, Call& call);
Result<wire::Value> list_policy_versions(Iam& iam, Call& call);
Result<wire::Value> delete_policy_version(Iam& iam, Call& call);
Result<wire::Value> set_default_policy_version(Iam& iam, Call& call);
Result<wire::Value> list_entities_for_policy(Iam& iam, Call& call);
Result<wire::Value> tag_policy(Iam& iam, Call& call);
Result<wire::Value> untag_policy(Iam& iam, Call& call);
Result<wire::Value> list_policy_tags(Iam& iam, Call& call);

// Pins the policy that PolicyArn names.
template <char const* Action>
Result<Requirements> policy_needs(Iam& iam, Call& call) {
  const std::string_view arn = call.in[m::PolicyArn].text();
  const auto policy = iam.directory.policy(arn);
  call.pinned = policy;
  account::Requirement r;
  r.action = Action;
  r.resource = arn;
  r.resource_account = call.account;
  if (policy) r.resource_tags(policy->tags);
  if (const auto& tags = call.in[m::Tags]; tags) r.request_tags(read_tags(tags));
  return Requirements{std::move(r)};
}

}  // namespace gatehouse::service::iam
