// Service control policies and resource control policies.
#include <algorithm>

#include "policy/compiled.h"
#include "policy/lint/lint.h"
#include "service/organizations/organizations.h"

namespace gatehouse::service::organizations {
namespace {

// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
constexpr size_t kPolicySize = 5120;
constexpr size_t kMostPolicies[] = {10'000, 1'000};  // by ControlType

std::unexpected<Error> malformed() {
  return fail("MalformedPolicyDocumentException",
              "The provided policy document does not meet the requirements of the specified policy type.");
}

// What the kind's own syntax forbids.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
bool keeps_syntax(std::string_view text, ControlType type, const policy::Compiled& compiled) {
  const bool rcp = type == ControlType::rcp;
  for (size_t i = 0; rcp && i < compiled.statement_count(); ++i) {
    if (compiled.allows(i)) return false;  // those of customers only deny
  }
  policy::lint::Options options;
  options.kind = rcp ? policy::Kind::rcp : policy::Kind::scp;
  const auto found = policy::lint::lint(text, options).findings;
  return std::none_of(found.begin(), found.end(), [](const auto& finding) {
    return finding.code.starts_with("RCP_SYNTAX_ERROR") || finding.code.starts_with("SCP_SYNTAX_ERROR");
  });
}

Result<account::PolicyText> read_content(std::string_view text, ControlType type) {
  CHECK_OK(check_length(text, 1, 1'000'000));
  if (!check_length(text, 1, kPolicySize)) {
    return error::constraint("POLICY_CONTENT_LIMIT_EXCEEDED", "You have exceeded the maximum policy size.");
  }
  auto compiled = policy::compile(text, type == ControlType::scp ? policy::Kind::scp : policy::Kind::rcp);
  if (!compiled || !keeps_syntax(text, type, **compiled)) return malformed();
  return account::PolicyText{std::string(text), std::move(*compiled)};
}

Result<void> check_name(const Organization& o, ControlType type, std::string_view name,
                        std::string_view but = "") {
  const bool taken = std::any_of(o.policies.begin(), o.policies.end(), [&](const auto& other) {
    return other.second->type == type && other.second->name == name && other.first != but;
  });
  if (taken) return fail("DuplicatePolicyException", "A policy with the same name already exists.");
  return {};
}

Result<void> check_count(const Organization& o, ControlType type) {
  const auto count = std::count_if(o.policies.begin(), o.policies.end(),
                                   [&](const auto& p) { return p.second->type == type; });
  if (static_cast<size_t>(count) <= kMostPolicies[static_cast<size_t>(type)])
    return {};  // AWS's one is there
  return error::constraint("POLICY_NUMBER_LIMIT_EXCEEDED",
                           "You attempted to exceed the number of policies that you can have in an "
                           "organization.");
}

Result<ControlPolicy> own_policy(const Organization& o, std::string_view id) {
  const ControlPolicy* policy = o.policy(id);
  if (policy == nullptr) return error::policy_not_found();
  if (policy->aws_managed)
    return error::invalid("IMMUTABLE_POLICY",
                          "You specified a policy that is managed by AWS and can't be modified.");
  return *policy;
}

}  // namespace

Result<wire::Value> create_policy(Org& org, Call& call) {
  ControlPolicy policy;
  TRY(policy.type, check_type(call.in[m::Type]));
  policy.name = call.in[m::Name].text();
  policy.description = call.in[m::Description].text();
  CHECK_OK(check_length(policy.name, 1, 128));
  CHECK_OK(check_length(policy.description, 0, 512));
  TRY(policy.tags, check_tags(call.in[m::Tags]));
  CHECK_OK(managed(org, call));  // before a word about the document
  TRY(policy.document, read_content(call.in[m::Content].text(), policy.type));
  policy.id = account::organization_id(org.random, "p-", 8);
  CHECK_OK(change(org, call, [&](Organization& o) -> Result<void> {
    if (!o.all_features) {
      return fail("PolicyTypeNotAvailableForOrganizationException",
                  "You can't use the specified policy type with the feature set currently enabled for this "
                  "organization.");
    }
    CHECK_OK(check_name(o, policy.type, policy.name));
    CHECK_OK(check_count(o, policy.type));
    policy.arn = fmt::format("arn:aws:organizations::{}:policy/{}/{}/{}", o.management, o.id,
                             account::arn_word(policy.type), policy.id);
    o.set(policy);
    return {};
  }));
  return wire::structure({{m::Policy, policy_value(policy)}});
}

Result<wire::Value> describe_policy(Org& org, Call& call) {
  const std::string_view id = call.in[m::PolicyId].text();
  CHECK_OK(check_id(id, Id::policy));
  TRY(const auto organization, managed(org, call));
  const ControlPolicy* policy = organization->policy(id);
  if (policy == nullptr) return error::policy_not_found();
  return wire::structure({{m::Policy, policy_value(*policy)}});
}

Result<wire::Value> update_policy(Org& org, Call& call) {
  const std::string_view id = call.in[m::PolicyId].text();
  const wire::Value& content = call.in[m::Content];
  CHECK_OK(check_id(id, Id::policy));
  if (call.in[m::Name]) CHECK_OK(check_length(call.in[m::Name].text(), 1, 128));
  CHECK_OK(check_length(call.in[m::Description].text(), 0, 512));
  wire::Value out;
  CHECK_OK(change(org, call, [&](Organization& o) -> Result<void> {
    TRY(ControlPolicy policy, own_policy(o, id));
    policy.name = call.in[m::Name].text_or(policy.name);
    policy.description = call.in[m::Description].text_or(policy.description);
    if (content) {
      TRY(policy.document, read_content(content.text(), policy.type));
    }
    CHECK_OK(check_name(o, policy.type, policy.name, id));
    out = wire::structure({{m::Policy, policy_value(policy)}});
    o.set(std::move(policy));
    return {};
  }));
  return out;
}

Result<wire::Value> delete_policy(Org& org, Call& call) {
  const std::string_view id = call.in[m::PolicyId].text();
  CHECK_OK(check_id(id, Id::policy));
  CHECK_OK(change(org, call, [&](Organization& o) -> Result<void> {
    CHECK_OK(own_policy(o, id));
    const bool used = std::any_of(o.nodes.begin(), o.nodes.end(), [&](const auto& node) {
      const auto& policies = node.second->policies;
      return std::find(policies.begin(), policies.end(), id) != policies.end();
    });
    if (used)
      return fail("PolicyInUseException",
                  "The policy is attached to one or more entities. You must detach it from all roots, OUs, "
                  "and accounts before performing this operation.");
    o.policies.erase(std::string(id));
    return {};
  }));
  return wire::Value();
}

Result<wire::Value> list_policies(Org& org, Call& call) {
  TRY(const auto organization, managed(org, call));
  std::vector<const ControlPolicy*> policies;
  if (!is_other_type(call.in[m::Filter].text())) {
    TRY(const ControlType type, check_type(call.in[m::Filter]));
    for (const auto& [id, policy] : organization->policies) {
      if (policy->type == type) policies.push_back(policy.get());
    }
  }
  return page(call, policies, m::Policies,
              [](const ControlPolicy* policy) { return policy_summary(*policy); });
}

}  // namespace gatehouse::service::organizations
