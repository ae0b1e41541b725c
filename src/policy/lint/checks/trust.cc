// A role's trust policy: who may assume the role, and with which of the sts actions.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp.html
#include <algorithm>

#include "policy/lint/check.h"
#include "policy/lint/federated.h"

namespace gatehouse::policy::lint {
namespace {

void not_principal(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (s.source->not_principal.present) {
      report.add(s.source->not_principal.key_offset, "A trust policy has no NotPrincipal.",
                 "List under Principal who may assume the role.");
    }
  }
}

void wildcard(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (s.source->principal.scalar && s.source->principal.scalar->text == "*") {
      report.add(s.source->principal.scalar->offset, "IAM refuses \"Principal\": \"*\" in a trust policy.",
                 "Name who may assume the role.");
    }
  }
}

void resource(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const auto* list : {&s.source->resource, &s.source->not_resource}) {
      if (list->present)
        report.add(list->key_offset, "A trust policy is about the role it hangs on, and takes no resource.",
                   "Remove it.");
    }
  }
}

void other_actions(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const ActionUse& use : s.actions) {
      if (s.not_action || has_placeholder(use.text)) continue;
      if (starts_with_ignoring_case(use.text, "sts:") && (!use.action || use.action->resource_count() > 0))
        continue;
      report.add(use.scalar->offset, quoted(use.text) + " is not an action on a role's trust.",
                 "A trust policy takes sts:AssumeRole and its kin, sts:TagSession and sts:SetSourceIdentity; "
                 "what the role may do belongs into its permissions.");
    }
  }
}

void federated_syntax(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const PrincipalUse& use : s.principals) {
      if (use.type != "Federated" || provider_of(use.text).type != Provider::Type::unknown) continue;
      if (!use.text.starts_with("arn:") && has_placeholder(use.text)) continue;
      report.add(use.offset, quoted(use.text) + " is not an identity provider.",
                 "Write arn:aws:iam::ACCOUNT:oidc-provider/ISSUER (without https://) or "
                 "arn:aws:iam::ACCOUNT:saml-provider/NAME.");
    }
  }
}

void mismatched_action(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const ActionUse& use : s.actions) {
      if (!use.action || s.not_action) continue;
      const std::string_view name = use.action->name();
      const bool plain = name == "AssumeRole", web = name == "AssumeRoleWithWebIdentity",
                 saml = name == "AssumeRoleWithSAML";
      if (!plain && !web && !saml) continue;
      // A statement may serve several principals; one that the action suits is enough.
      auto suits = [&](const PrincipalUse& p) {
        if (p.type != "Federated") return plain;
        const auto type = provider_of(p.text).type;
        if (type == Provider::Type::unknown) return true;
        return type == Provider::Type::saml ? saml : web;
      };
      if (s.principals.empty() || std::ranges::any_of(s.principals, suits)) continue;
      const PrincipalUse& p = s.principals.front();
      const bool by_saml = p.type == "Federated" && provider_of(p.text).type == Provider::Type::saml;
      report.add(use.scalar->offset,
                 quoted(p.text) + " cannot assume a role by " + std::string(use.text) + ".",
                 p.type != "Federated" ? "Accounts, roles, users and services use sts:AssumeRole; identity "
                                         "providers stand under Federated."
                 : by_saml             ? "SAML providers use sts:AssumeRoleWithSAML."
                                       : "OIDC providers use sts:AssumeRoleWithWebIdentity.");
    }
  }
}

void roles_anywhere(const Subject& subject, Report& report) {
  std::vector<std::string> missing;
  const StatementView* where = nullptr;
  const PrincipalUse* who = nullptr;
  for (const std::string_view action : {"sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"}) {
    bool granted = false;
    for (const auto& s : subject.statements) {
      const auto at = std::ranges::find(s.principals, std::string_view("rolesanywhere.amazonaws.com"),
                                        &PrincipalUse::text);
      if (!s.allow || at == s.principals.end()) continue;
      where = &s;
      who = &*at;
      granted = granted || s.grants(action);
    }
    if (!granted) missing.emplace_back(action);
  }
  if (where && !missing.empty()) {
    report.add(who->offset, "IAM Roles Anywhere also needs " + joined(missing) + ".",
               "Add it to the statement's actions.");
  }
}

bool has_claim(const StatementView& s, std::string_view issuer) {
  return std::ranges::any_of(s.conditions, [&](const ConditionUse& use) {
    const auto claim = claim_of(use.entry->key);
    return claim && equal_ignoring_case(claim->issuer, issuer);
  });
}

void oidc_without_condition(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const PrincipalUse& use : s.principals) {
      const Provider p = provider_of(use.text);
      if (!s.allow || use.type != "Federated" || p.type != Provider::Type::oidc || p.issuer == kGitHub)
        continue;
      if (has_claim(s, p.issuer)) continue;
      report.add(use.offset, "Everybody with a token of " + quoted(p.issuer) + " may assume this role.",
                 "Add a condition on " + std::string(p.issuer) + ":sub, and on :aud.");
    }
  }
}

const ConditionUse* github_claim(const StatementView& s, std::string_view name) {
  for (const ConditionUse& use : s.conditions) {
    const auto claim = claim_of(use.entry->key);
    if (claim && claim->issuer.starts_with(kGitHub) && claim->name == name) return &use;
  }
  return nullptr;
}

bool trusts_github(const StatementView& s) {
  return s.allow && std::ranges::any_of(s.principals, [](const PrincipalUse& p) {
           return p.type == "Federated" && provider_of(p.text).issuer.starts_with(kGitHub);
         });
}

void github_without_subject(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (!trusts_github(s)) continue;
    bool told = false;
    for (const std::string_view name : {"sub", "repository", "repository_id", "job_workflow_ref"})
      told = told || github_claim(s, name);
    if (!told) {
      report.add(s.principals.front().offset, "Every workflow on GitHub may assume this role.",
                 "Add a condition on token.actions.githubusercontent.com:sub, such as "
                 "repo:ORG/REPO:ref:refs/heads/main.");
    }
  }
}

// repo:ORG/REPO:ref:refs/heads/main: the organization and the repository must be plain.
void github_wide_subject(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (!trusts_github(s)) continue;
    const ConditionUse* use = github_claim(s, "sub");
    if (!use || !use->parts.like) continue;
    for (const Scalar& value : use->values()) {
      const std::string_view text = value.text;
      const auto repository = text.starts_with("repo:") ? text.substr(5, text.find(':', 5) - 5) : text;
      const auto rest = text.starts_with("repo:") && text.find(':', 5) != std::string_view::npos
                            ? text.substr(text.find(':', 5))
                            : std::string_view();
      const bool wide =
          has_wildcard(repository) || (rest.ends_with(":*") && rest.size() == 2 && !github_claim(s, "ref"));
      if (!wide) continue;
      report.add(value.offset, quoted(text) + " lets in more repositories or branches than one.",
                 "Write repo:ORG/REPO:ref:refs/heads/BRANCH, or add a condition on :ref.");
    }
  }
}

void session_beside_role(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const PrincipalUse& use : s.principals) {
      const auto session = ArnPattern::parse(use.text);
      constexpr std::string_view kSession = "assumed-role/";
      if (!session || !session->resource.starts_with(kSession)) continue;
      const std::string_view role = session->resource.substr(
          kSession.size(), session->resource.find('/', kSession.size()) - kSession.size());
      const bool parent = std::ranges::any_of(s.principals, [&](const PrincipalUse& other) {
        const auto arn = ArnPattern::parse(other.text);
        return arn && arn->account == session->account && arn->resource.starts_with("role/") &&
               arn->resource.substr(arn->resource.rfind('/') + 1) == role;
      });
      if (parent)
        report.add(use.offset, "The role of this session is listed too, and covers it.",
                   "Remove the session.");
    }
  }
}

constexpr Check kChecks[] = {
    {"ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL", Severity::error, kTrust, not_principal},
    {"ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL", Severity::error, kTrust, wildcard},
    {"ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", Severity::error, kTrust, resource},
    {"UNSUPPORTED_ACTION_IN_POLICY", Severity::error, kTrust, other_actions},
    {"INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY", Severity::error, kTrust, federated_syntax},
    {"MISMATCHED_ACTION_FOR_PRINCIPAL", Severity::error, kTrust, mismatched_action},
    {"MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY", Severity::error, kTrust, roles_anywhere},
    {"MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL", Severity::security_warning, kTrust, oidc_without_condition},
    {"MISSING_GITHUB_REPO_CONDITION_KEY", Severity::security_warning, kTrust, github_without_subject},
    {"SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED", Severity::warning, kTrust, github_wide_subject},
    {"REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY", Severity::suggestion, kTrust, session_beside_role},
};

}  // namespace

std::span<const Check> trust_checks() { return kChecks; }

}  // namespace gatehouse::policy::lint
