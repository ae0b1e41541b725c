// Service control policies and resource control policies.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
// Since 19 September 2025 SCPs take the whole language: conditions, resources and NotAction under Allow,
// NotResource, and wildcards anywhere in an action. The checks that refused those are gone from Access
// Analyzer, and are not here.
#include <algorithm>

#include "policy/lint/check.h"

namespace gatehouse::policy::lint {
namespace {

constexpr Kinds kScp = bit(Kind::scp), kRcp = bit(Kind::rcp);

void scp_principal(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const auto* p : {&s.source->principal, &s.source->not_principal}) {
      if (p->present)
        report.add(p->key_offset, "An SCP names no principals: it binds everyone in its accounts.",
                   "Remove it; to except some, add a condition on aws:PrincipalArn.");
    }
  }
}

bool everyone(const StatementView& s) {
  return !s.not_principal && !s.principals.empty() &&
         std::ranges::all_of(s.principals, [](const PrincipalUse& p) {
           return p.text == "*" && (p.type == "*" || p.type == "AWS");
         });
}

void rcp_principal(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    const Statement& source = *s.source;
    if (source.not_principal.present)
      report.add(source.not_principal.key_offset, "An RCP has no NotPrincipal.",
                 "Write \"Principal\": \"*\".");
    if (source.principal.present && !everyone(s)) {
      report.add(source.principal.offset, "An RCP is about all principals.",
                 "Write \"Principal\": \"*\", and tell them apart in the condition.");
    }
  }
}

void rcp_allow(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (!s.allow ||
        (everyone(s) && s.everything_as_resource() && s.conditions.empty() && s.resources.size() == 1 &&
         s.actions.size() == 1 && s.actions[0].everything && !s.not_action))
      continue;
    report.add(s.source->effect->offset,
               "An RCP allows everything or nothing: all principals, actions and resources, no condition.",
               "To restrict, write a Deny.");
  }
}

void rcp_not_action(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (s.source->not_action.present)
      report.add(s.source->not_action.key_offset, "An RCP has no NotAction.",
                 "List the actions under Action.");
  }
}

void rcp_action(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const ActionUse& use : s.actions) {
      const bool whole = use.everything && s.allow;
      if (whole || s.not_action || (use.service && use.service->supports_rcp()) ||
          (!use.service && !use.everything && !has_wildcard(use.prefix)))
        continue;
      report.add(use.scalar->offset,
                 use.everything ? "An RCP that denies names the services."
                                : "RCPs do not reach " + quoted(use.text) + ".",
                 "RCPs work for S3, STS, KMS, SQS, Secrets Manager and the other services that AWS lists.");
    }
  }
}

template <typename Of>
void rcp_needs(const Subject& subject, Report& report, Of of, std::string_view companion,
               std::string_view why, std::string_view help) {
  for (const auto& s : subject.statements) {
    if (!s.deny || s.condition_on(companion)) continue;
    for (const ConditionUse& use : s.conditions) {
      if (of(use))
        report.add(use.entry->key_offset, quoted(use.entry->key) + std::string(why), std::string(help));
    }
  }
}

void rcp_principal_key(const Subject& subject, Report& report) {
  auto of = [](const ConditionUse& use) {
    return use.lower_key == "aws:principalorgid" || use.lower_key == "aws:principalorgpaths" ||
           use.lower_key == "aws:principalaccount" || use.lower_key == "aws:principalarn" ||
           use.lower_key.starts_with("aws:principaltag/");
  };
  rcp_needs(subject, report, of, "aws:principalisawsservice",
            " is absent when a service calls as itself, which this may deny.",
            "Add \"BoolIfExists\": {\"aws:PrincipalIsAWSService\": \"false\"}.");
}

bool of_source(const ConditionUse& use) {
  return use.parts.family != OperatorParts::Family::null &&
         (use.lower_key == "aws:sourceorgid" || use.lower_key == "aws:sourceorgpaths" ||
          use.lower_key == "aws:sourceaccount" || use.lower_key == "aws:sourcearn");
}

void rcp_source_key(const Subject& subject, Report& report) {
  rcp_needs(subject, report, of_source, "aws:principalisawsservice",
            " is absent when your own principals call, whom this may deny.",
            "Add \"BoolIfExists\": {\"aws:PrincipalIsAWSService\": \"true\"}.");
}

void rcp_null_check(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    const bool asked = std::ranges::any_of(s.conditions, [](const ConditionUse& use) {
      return use.parts.family == OperatorParts::Family::null &&
             (use.lower_key == "aws:sourceaccount" || use.lower_key == "aws:sourcearn");
    });
    if (!s.deny || asked) continue;
    for (const ConditionUse& use : s.conditions) {
      if (!of_source(use) || !use.parts.negated || use.parts.if_exists) continue;
      report.add(
          use.entry->key_offset,
          "Some integrations between services send no " + quoted(use.entry->key) + ", and are denied here.",
          "Add \"Null\": {\"aws:SourceAccount\": \"false\"}.");
    }
  }
}

constexpr Check kChecks[] = {
    {"SCP_SYNTAX_ERROR_PRINCIPAL", Severity::error, kScp, scp_principal},
    {"RCP_SYNTAX_ERROR_PRINCIPAL", Severity::error, kRcp, rcp_principal},
    {"RCP_SYNTAX_ERROR_ALLOW", Severity::error, kRcp, rcp_allow},
    {"RCP_SYNTAX_ERROR_NOTACTION", Severity::error, kRcp, rcp_not_action},
    {"RCP_SYNTAX_ERROR_ACTION", Severity::error, kRcp, rcp_action},
    {"RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY", Severity::warning, kRcp, rcp_principal_key},
    {"RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY", Severity::warning, kRcp, rcp_source_key},
    {"RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK", Severity::warning, kRcp, rcp_null_check},
};

}  // namespace

std::span<const Check> organization_checks() { return kChecks; }

}  // namespace gatehouse::policy::lint
