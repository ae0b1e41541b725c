// The table the Organizations service is built from.
#include "service/organizations/organizations.h"

namespace gatehouse::service::organizations {
namespace {

// What a row needs to be allowed: its action, on each resource that one of these members names.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html
struct Rule {
  std::string_view action;
  wire::Member first{}, second{}, third{};
  wire::Member type{};  // the member that is organizations:PolicyType
};

std::string handshake_arn(const Org& org, std::string_view id) {
  for (const auto& organization : org.organizations.all()) {
    const auto it = organization->handshakes.find(id);
    if (it != organization->handshakes.end()) return it->second->arn;
  }
  return "*";
}

std::string arn_of(const Org& org, const Organization& o, std::string_view id) {
  if (const OrganizationNode* node = o.node(id)) return node->arn;
  if (const ControlPolicy* policy = o.policy(id)) return policy->arn;
  if (id.starts_with("h-")) return handshake_arn(org, id);
  if (id.starts_with("p-")) return o.arn_of("policy", fmt::format("service_control_policy/{}", id));
  return o.arn_of(id.starts_with("r-") ? "root" : id.starts_with("ou-") ? "ou" : "account", id);
}

void add_policy_type(const Organization* o, const Call& call, const Rule& rule, account::Requirement& r) {
  if (rule.type.id != 0 && call.in[rule.type]) {
    r.key("organizations:PolicyType", std::string(call.in[rule.type].text()));
    return;
  }
  if (o == nullptr) return;
  for (const wire::Member member : {rule.first, rule.second}) {
    const ControlPolicy* policy = member.id == 0 ? nullptr : o->policy(call.in[member].text());
    if (policy) r.key("organizations:PolicyType", std::string(account::to_string(policy->type)));
  }
}

account::Requirement requirement(const Organization* o, const Call& call, const Rule& rule) {
  account::Requirement r;
  r.action = rule.action;
  r.request_tags(read_tags(call.in[m::Tags]));
  if (const wire::Value& keys = call.in[m::TagKeys]; keys) {
    std::vector<std::string> names;
    for (const wire::Value& key : keys.list()) names.emplace_back(key.text());
    r.keys_of("aws:TagKeys", std::move(names));
  }
  if (const wire::Value& service = call.in[m::ServicePrincipal]; service)
    r.key("organizations:ServicePrincipal", std::string(service.text()));
  add_policy_type(o, call, rule, r);
  return r;
}

// Resources are the management account's: whoever else calls is asked about "*", and then told by the
// operation that they are not theirs. A handshake is both sides' own.
Result<Requirements> needs_of(Org& org, Call& call, const Rule& rule) {
  const auto organization = org.organizations.of_account(call.account);
  const bool manages = organization != nullptr && organization->management == call.account;
  auto authorised = std::make_shared<Authorised>();
  Requirements out;
  for (const wire::Member member : {rule.first, rule.second, rule.third}) {
    const std::string_view id = member.id == 0 ? std::string_view() : call.in[member].text();
    if (id.empty() || (!manages && !id.starts_with("h-"))) continue;
    account::Requirement r = requirement(organization.get(), call, rule);
    r.resource_account = call.account;
    r.resource = manages ? arn_of(org, *organization, id) : handshake_arn(org, id);
    if (const auto* tags = manages ? tags_of(*organization, id) : nullptr) {
      r.resource_tags(*tags);
      authorised->tags.emplace_back(id, *tags);
    }
    out.push_back(std::move(r));
  }
  if (out.empty()) out.push_back(requirement(organization.get(), call, rule));
  call.pinned = std::move(authorised);
  return out;
}

template <const Rule& R>
Needs<Org> ruled() {
  return resolved<Org>([](Org& org, Call& call) { return needs_of(org, call, R); });
}

#define GATEHOUSE_RULE(operation, ...) \
  constexpr Rule k##operation{"organizations:" #operation __VA_OPT__(, ) __VA_ARGS__};
GATEHOUSE_RULE(CreateOrganization)
GATEHOUSE_RULE(DescribeOrganization)
GATEHOUSE_RULE(DeleteOrganization)
GATEHOUSE_RULE(ListRoots)
GATEHOUSE_RULE(EnablePolicyType, m::RootId, {}, {}, m::PolicyType)
GATEHOUSE_RULE(DisablePolicyType, m::RootId, {}, {}, m::PolicyType)
GATEHOUSE_RULE(EnableAWSServiceAccess)
GATEHOUSE_RULE(DisableAWSServiceAccess)
GATEHOUSE_RULE(ListAWSServiceAccessForOrganization)
GATEHOUSE_RULE(CreateOrganizationalUnit, m::ParentId)
GATEHOUSE_RULE(DescribeOrganizationalUnit, m::OrganizationalUnitId)
GATEHOUSE_RULE(UpdateOrganizationalUnit, m::OrganizationalUnitId)
GATEHOUSE_RULE(DeleteOrganizationalUnit, m::OrganizationalUnitId)
GATEHOUSE_RULE(ListOrganizationalUnitsForParent, m::ParentId)
GATEHOUSE_RULE(ListAccountsForParent, m::ParentId)
GATEHOUSE_RULE(ListChildren, m::ParentId)
GATEHOUSE_RULE(ListParents, m::ChildId)
GATEHOUSE_RULE(CreateAccount)
GATEHOUSE_RULE(DescribeCreateAccountStatus)
GATEHOUSE_RULE(ListCreateAccountStatus)
GATEHOUSE_RULE(DescribeAccount, m::AccountId)
GATEHOUSE_RULE(ListAccounts)
GATEHOUSE_RULE(MoveAccount, m::AccountId, m::SourceParentId, m::DestinationParentId)
GATEHOUSE_RULE(CloseAccount, m::AccountId)
GATEHOUSE_RULE(RemoveAccountFromOrganization, m::AccountId)
GATEHOUSE_RULE(LeaveOrganization)
GATEHOUSE_RULE(CreatePolicy, {}, {}, {}, m::Type)
GATEHOUSE_RULE(DescribePolicy, m::PolicyId)
GATEHOUSE_RULE(UpdatePolicy, m::PolicyId)
GATEHOUSE_RULE(DeletePolicy, m::PolicyId)
GATEHOUSE_RULE(ListPolicies, {}, {}, {}, m::Filter)
GATEHOUSE_RULE(AttachPolicy, m::PolicyId, m::TargetId)
GATEHOUSE_RULE(DetachPolicy, m::PolicyId, m::TargetId)
GATEHOUSE_RULE(ListPoliciesForTarget, m::TargetId, {}, {}, m::Filter)
GATEHOUSE_RULE(ListTargetsForPolicy, m::PolicyId)
GATEHOUSE_RULE(DescribeEffectivePolicy, m::TargetId, {}, {}, m::PolicyType)
GATEHOUSE_RULE(InviteAccountToOrganization)
GATEHOUSE_RULE(EnableAllFeatures)
GATEHOUSE_RULE(DescribeHandshake, m::HandshakeId)
GATEHOUSE_RULE(AcceptHandshake, m::HandshakeId)
GATEHOUSE_RULE(DeclineHandshake, m::HandshakeId)
GATEHOUSE_RULE(CancelHandshake, m::HandshakeId)
GATEHOUSE_RULE(ListHandshakesForAccount)
GATEHOUSE_RULE(ListHandshakesForOrganization)
GATEHOUSE_RULE(TagResource, m::ResourceId)
GATEHOUSE_RULE(UntagResource, m::ResourceId)
GATEHOUSE_RULE(ListTagsForResource, m::ResourceId)
#undef GATEHOUSE_RULE

#define GATEHOUSE_ROW(operation, function) {#operation, function, ruled<k##operation>()}
const Row<Org> kRows[] = {
    GATEHOUSE_ROW(CreateOrganization, create_organization),
    GATEHOUSE_ROW(DescribeOrganization, describe_organization),
    GATEHOUSE_ROW(DeleteOrganization, delete_organization),
    GATEHOUSE_ROW(ListRoots, list_roots),
    GATEHOUSE_ROW(EnablePolicyType, enable_policy_type),
    GATEHOUSE_ROW(DisablePolicyType, disable_policy_type),
    GATEHOUSE_ROW(EnableAWSServiceAccess, enable_service_access),
    GATEHOUSE_ROW(DisableAWSServiceAccess, disable_service_access),
    GATEHOUSE_ROW(ListAWSServiceAccessForOrganization, list_service_access),
    GATEHOUSE_ROW(CreateOrganizationalUnit, create_unit),
    GATEHOUSE_ROW(DescribeOrganizationalUnit, describe_unit),
    GATEHOUSE_ROW(UpdateOrganizationalUnit, update_unit),
    GATEHOUSE_ROW(DeleteOrganizationalUnit, delete_unit),
    GATEHOUSE_ROW(ListOrganizationalUnitsForParent, list_units_for_parent),
    GATEHOUSE_ROW(ListAccountsForParent, list_accounts_for_parent),
    GATEHOUSE_ROW(ListChildren, list_children),
    GATEHOUSE_ROW(ListParents, list_parents),
    GATEHOUSE_ROW(CreateAccount, create_account),
    GATEHOUSE_ROW(DescribeCreateAccountStatus, describe_create_account_status),
    GATEHOUSE_ROW(ListCreateAccountStatus, list_create_account_status),
    GATEHOUSE_ROW(DescribeAccount, describe_account),
    GATEHOUSE_ROW(ListAccounts, list_accounts),
    GATEHOUSE_ROW(MoveAccount, move_account),
    GATEHOUSE_ROW(CloseAccount, close_account),
    GATEHOUSE_ROW(RemoveAccountFromOrganization, remove_account),
    GATEHOUSE_ROW(LeaveOrganization, leave_organization),
    GATEHOUSE_ROW(CreatePolicy, create_policy),
    GATEHOUSE_ROW(DescribePolicy, describe_policy),
    GATEHOUSE_ROW(UpdatePolicy, update_policy),
    GATEHOUSE_ROW(DeletePolicy, delete_policy),
    GATEHOUSE_ROW(ListPolicies, list_policies),
    GATEHOUSE_ROW(AttachPolicy, attach_policy),
    GATEHOUSE_ROW(DetachPolicy, detach_policy),
    GATEHOUSE_ROW(ListPoliciesForTarget, list_policies_for_target),
    GATEHOUSE_ROW(ListTargetsForPolicy, list_targets_for_policy),
    GATEHOUSE_ROW(DescribeEffectivePolicy, describe_effective_policy),
    GATEHOUSE_ROW(InviteAccountToOrganization, invite_account),
    GATEHOUSE_ROW(EnableAllFeatures, enable_all_features),
    GATEHOUSE_ROW(DescribeHandshake, describe_handshake),
    GATEHOUSE_ROW(AcceptHandshake, accept_handshake),
    GATEHOUSE_ROW(DeclineHandshake, decline_handshake),
    GATEHOUSE_ROW(CancelHandshake, cancel_handshake),
    GATEHOUSE_ROW(ListHandshakesForAccount, list_handshakes_for_account),
    GATEHOUSE_ROW(ListHandshakesForOrganization, list_handshakes_for_organization),
    GATEHOUSE_ROW(TagResource, tag_resource),
    GATEHOUSE_ROW(UntagResource, untag_resource),
    GATEHOUSE_ROW(ListTagsForResource, list_tags_for_resource),
};
#undef GATEHOUSE_ROW

}  // namespace

Service make_service(Org& org) { return Service("organizations", org, std::span<const Row<Org>>(kRows)); }

}  // namespace gatehouse::service::organizations
