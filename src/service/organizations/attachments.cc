// Which policies are attached to what.
#include <algorithm>

#include "service/organizations/organizations.h"

namespace gatehouse::service::organizations {
namespace {

// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
constexpr size_t kMostAttached = 5;

struct Pair {
  const ControlPolicy* policy;
  const OrganizationNode* target;
};

Result<void> check_ids(const Call& call) {
  CHECK_OK(check_id(call.in[m::PolicyId].text(), Id::policy));
  return check_id(call.in[m::TargetId].text(), Id::target);
}

Result<Pair> pair_of(const Organization& o, const Call& call) {
  const ControlPolicy* policy = o.policy(call.in[m::PolicyId].text());
  if (policy == nullptr) return error::policy_not_found();
  const OrganizationNode* target = o.node(call.in[m::TargetId].text());
  if (target == nullptr) return error::target_not_found();
  if (!o.is_enabled(policy->type))
    return fail("PolicyTypeNotEnabledException",
                "This operation can be performed only for enabled policy types.");
  return Pair{policy, target};
}

bool is_attached(const OrganizationNode& node, std::string_view policy) {
  return std::find(node.policies.begin(), node.policies.end(), policy) != node.policies.end();
}

std::string_view target_type(Kind kind) {
  switch (kind) {
    case Kind::root:
      return "ROOT";
    case Kind::unit:
      return "ORGANIZATIONAL_UNIT";
    case Kind::account:
      return "ACCOUNT";
  }
  return "";
}

}  // namespace

Result<wire::Value> attach_policy(Org& org, Call& call) {
  CHECK_OK(check_ids(call));
  CHECK_OK(change(org, call, [&](Organization& o) -> Result<void> {
    TRY(const Pair pair, pair_of(o, call));
    if (is_attached(*pair.target, pair.policy->id))
      return fail("DuplicatePolicyAttachmentException",
                  "A policy with the specified name and type already exists.");
    if (o.attached(*pair.target, pair.policy->type) >= kMostAttached)
      return error::constraint("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
                               "You have attached the maximum number of policies to the specified target.");
    OrganizationNode changed = *pair.target;
    changed.policies.push_back(pair.policy->id);
    o.set(std::move(changed));
    return {};
  }));
  return wire::Value();
}

// RCPFullAWSAccess stays where it is, for ever.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
Result<wire::Value> detach_policy(Org& org, Call& call) {
  CHECK_OK(check_ids(call));
  CHECK_OK(change(org, call, [&](Organization& o) -> Result<void> {
    TRY(const Pair pair, pair_of(o, call));
    if (!is_attached(*pair.target, pair.policy->id))
      return fail("PolicyNotAttachedException",
                  "The policy isn't attached to the specified target in the specified root.");
    const bool last = o.attached(*pair.target, pair.policy->type) <= 1;
    if (last || pair.policy->id == account::full_access(ControlType::rcp))
      return error::constraint("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
                               "You cannot remove the last policy attached to the specified target. You must "
                               "have at least one attached at all times.");
    OrganizationNode changed = *pair.target;
    std::erase(changed.policies, pair.policy->id);
    o.set(std::move(changed));
    return {};
  }));
  return wire::Value();
}

Result<wire::Value> list_policies_for_target(Org& org, Call& call) {
  const std::string_view id = call.in[m::TargetId].text();
  CHECK_OK(check_id(id, Id::target));
  TRY(const auto organization, managed(org, call));
  const OrganizationNode* target = organization->node(id);
  if (target == nullptr) return error::target_not_found();
  std::vector<const ControlPolicy*> policies;
  if (!is_other_type(call.in[m::Filter].text())) {
    TRY(const ControlType type, check_type(call.in[m::Filter]));
    for (const std::string& attached : target->policies) {
      const ControlPolicy* policy = organization->policy(attached);
      if (policy->type == type) policies.push_back(policy);
    }
  }
  return page(call, policies, m::Policies,
              [](const ControlPolicy* policy) { return policy_summary(*policy); });
}

Result<wire::Value> list_targets_for_policy(Org& org, Call& call) {
  const std::string_view id = call.in[m::PolicyId].text();
  CHECK_OK(check_id(id, Id::policy));
  TRY(const auto organization, managed(org, call));
  if (organization->policy(id) == nullptr) return error::policy_not_found();
  std::vector<const OrganizationNode*> targets;
  for (const auto& [key, node] : organization->nodes) {
    if (is_attached(*node, id)) targets.push_back(node.get());
  }
  return page(call, targets, m::Targets, [](const OrganizationNode* node) {
    return wire::structure({{m::TargetId, node->id},
                            {m::Arn, node->arn},
                            {m::Name, node->name},
                            {m::Type, target_type(node->kind)}});
  });
}

// Policies that are merged into one have an effective one; SCPs and RCPs are asked level by level and have
// none, nor is the operation for them.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeEffectivePolicy.html
Result<wire::Value> describe_effective_policy(Org& org, Call& call) {
  if (!is_other_type(call.in[m::PolicyType].text())) return error::invalid("INVALID_ENUM_POLICY_TYPE");
  const std::string_view id = call.in[m::TargetId].text_or(call.account);
  CHECK_OK(check_id(id, Id::target));
  TRY(const auto organization, own(org, call));
  if (organization->management != call.account && id != call.account) return error::access_denied();
  const OrganizationNode* target = organization->node(id);
  if (target == nullptr || target->kind != Kind::account) return error::target_not_found();
  return fail("EffectivePolicyNotFoundException",
              "If you ran this action on the management account, this policy type is not enabled. If you ran "
              "the action on a member account, the account doesn't have an effective policy of this type.");
}

}  // namespace gatehouse::service::organizations
