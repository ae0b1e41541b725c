// Who is trusted: issuers and their claims, outside accounts, external ids.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
#include <algorithm>

#include "base/arn.h"
#include "policy/lint/check.h"
#include "policy/lint/federated.h"

namespace gatehouse::policy::lint {
namespace {

constexpr std::string_view kAudience = "sts.amazonaws.com";

template <typename Fn>
void each_principal(const Subject& subject, Fn fn) {
  for (const auto& s : subject.statements) {
    for (const PrincipalUse& use : s.principals) fn(s, use);
  }
}

// The issuers a statement trusts.
std::vector<std::string_view> issuers_of(const StatementView& s) {
  std::vector<std::string_view> issuers;
  for (const PrincipalUse& use : s.principals) {
    if (use.type != "Federated") continue;
    const Provider p = provider_of(use.text);
    if (!p.issuer.empty()) issuers.push_back(p.issuer);
  }
  return issuers;
}

template <typename Fn>
void each_claim(const Subject& subject, Fn fn) {
  for (const auto& s : subject.statements) {
    for (const ConditionUse& use : s.conditions) {
      if (const auto claim = claim_of(use.entry->key)) fn(s, use, *claim);
    }
  }
}

void issuer_mismatch(const Subject& subject, Report& report) {
  each_claim(subject, [&](const StatementView& s, const ConditionUse& use, const Claim& claim) {
    const auto issuers = issuers_of(s);
    if (issuers.empty() || use.key) return;
    if (std::ranges::any_of(issuers,
                            [&](std::string_view i) { return equal_ignoring_case(i, claim.issuer); }))
      return;
    report.add(use.entry->key_offset,
               "The key's issuer " + quoted(claim.issuer) + " is not the provider " +
                   quoted(issuers.front()) +
                   ": tokens of that provider never carry this key, and the condition is false.",
               "Write " + quoted(std::string(issuers.front()) + ":" + std::string(claim.name)) + ".");
  });
}

void no_audience(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const PrincipalUse& use : s.principals) {
      const Provider p = provider_of(use.text);
      if (!s.allow || use.type != "Federated" || p.type != Provider::Type::oidc) continue;
      bool any = false, audience = false;
      for (const ConditionUse& condition : s.conditions) {
        const auto claim = claim_of(condition.entry->key);
        if (!claim) continue;
        any = true;
        audience = audience || claim->name == "aud" || claim->name == "oaud" || claim->name == "app_id";
      }
      if (!any || audience) continue;
      report.add(
          use.offset,
          "The audience of the token is not asked for; STS compares it with the provider's client ids only.",
          "Add \"StringEquals\": {\"" + std::string(p.issuer) + ":aud\": \"sts.amazonaws.com\"}.");
    }
  }
}

// sts.amazon.com, sts.amazonaws.co, sts.aws.amazon.com: meant is one name.
void audience_misspelt(const Subject& subject, Report& report) {
  each_claim(subject, [&](const StatementView&, const ConditionUse& use, const Claim& claim) {
    if (claim.name != "aud") return;
    for (const Scalar& value : use.values()) {
      const std::string text = lower(value.text);
      const bool meant = text.starts_with("sts.") && text.find("amazon") != std::string::npos;
      if (!meant || value.text == kAudience || value.text == "sts.amazonaws.com.cn" ||
          has_wildcard(value.text))
        continue;
      report.add(value.offset,
                 "No token for AWS has the audience " + quoted(value.text) +
                     ": STS answers InvalidIdentityToken, Incorrect token audience.",
                 "Write \"sts.amazonaws.com\", here and in the provider's client ids.");
    }
  });
}

// A cluster's issuer speaks for all its service accounts. Without any claim another check speaks up.
void no_subject(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    bool any = false, told = false;
    for (const ConditionUse& use : s.conditions) {
      const auto claim = claim_of(use.entry->key);
      any = any || claim;
      told = told || (claim && claim->name == "sub");
    }
    if (!s.allow || !any || told) continue;
    for (const PrincipalUse& use : s.principals) {
      const Provider p = provider_of(use.text);
      if (use.type != "Federated" || !p.issuer.starts_with("oidc.eks.")) continue;
      report.add(use.offset, "Every service account of the cluster may assume this role.",
                 "Add \"StringEquals\": {\"" + std::string(p.issuer) +
                     ":sub\": \"system:serviceaccount:NAMESPACE:NAME\"}.");
    }
  }
}

// system:serviceaccount:NAMESPACE:NAME
void open_subject(const Subject& subject, Report& report) {
  no_subject(subject, report);
  each_claim(subject, [&](const StatementView& s, const ConditionUse& use, const Claim& claim) {
    if (!s.allow || claim.name != "sub" || !use.parts.like || use.parts.negated ||
        claim.issuer.starts_with(kGitHub))
      return;
    constexpr std::string_view kServiceAccount = "system:serviceaccount:";
    for (const Scalar& value : use.values()) {
      std::string_view text = value.text;
      if (text == "*" || text == "system:*" || text == "system:serviceaccount*") {
        report.add(value.offset, "Every token of this issuer may assume the role.", "Name the subjects.");
        continue;
      }
      if (!text.starts_with(kServiceAccount)) continue;
      text.remove_prefix(kServiceAccount.size());
      const std::string_view name_space = text.substr(0, text.find(':'));
      const std::string_view account =
          text.find(':') == std::string_view::npos ? std::string_view() : text.substr(text.find(':') + 1);
      if (name_space == "*" || (has_wildcard(name_space) && account.empty())) {
        report.add(
            value.offset,
            "The service account " + quoted(account.empty() ? "*" : account) +
                " of any namespace may assume this role, kube-system's too.",
            "List the subjects that are meant, namespace by namespace: system:serviceaccount:NAMESPACE:" +
                std::string(account.empty() ? "NAME" : account) + ".");
      } else if (account == "*") {
        report.add(
            value.offset,
            "Every service account of " + quoted(name_space) + " may assume this role, \"default\" too.",
            "Name the service accounts.");
      }
    }
  });
}

void needless_like(const Subject& subject, Report& report) {
  each_claim(subject, [&](const StatementView&, const ConditionUse& use, const Claim& claim) {
    if (use.parts.base != "StringLike" || use.values().empty()) return;
    if (std::ranges::any_of(use.values(),
                            [](const Scalar& v) { return has_wildcard(v.text) || has_variable(v.text); }))
      return;
    report.add(
        use.entry->key_offset,
        "No value of :" + std::string(claim.name) + " has a wildcard, so StringLike is not needed for it.",
        "Put it under StringEquals.");
  });
}

bool is_whole_account(const PrincipalUse& use) {
  if (use.type != "AWS") return false;
  if (is_account_id(use.text)) return true;
  const auto arn = ArnPattern::parse(use.text);
  return arn && arn->service == "iam" && arn->resource == "root";
}

std::string_view account_of(const PrincipalUse& use) {
  if (is_account_id(use.text)) return use.text;
  const auto arn = ArnPattern::parse(use.text);
  return arn ? arn->account : std::string_view();
}

void whole_account(const Subject& subject, Report& report) {
  each_principal(subject, [&](const StatementView& s, const PrincipalUse& use) {
    if (!s.allow || !is_whole_account(use) || s.condition_on("aws:principalarn")) return;
    if (!subject.options.account.empty() && account_of(use) == subject.options.account) return;
    report.add(use.offset,
               "Anyone in account " + quoted(account_of(use)) +
                   " whom that account gives sts:AssumeRole may assume this role.",
               "Name the role that assumes it: arn:aws:iam::" + std::string(account_of(use)) + ":role/NAME.");
  });
}

void no_session_tags(const Subject& subject, Report& report) {
  each_principal(subject, [&](const StatementView& s, const PrincipalUse& use) {
    if (!s.allow || !is_whole_account(use) || !s.grants("sts:AssumeRole") ||
        subject.options.account == account_of(use))
      return;
    const bool tags = std::ranges::any_of(subject.statements, [](const StatementView& other) {
      return other.allow && other.grants("sts:TagSession");
    });
    if (tags) return;
    report.add(s.actions.empty() ? s.source->offset : s.actions.front().scalar->offset,
               "A caller that sends session tags is denied: sts:TagSession is not granted.",
               "Add sts:TagSession beside sts:AssumeRole if the other side tags its sessions.");
  });
}

bool tells_callers_apart(std::string_view key) {
  return key == "sts:externalid" || key == "aws:principalarn" || key == "aws:principalorgid" ||
         key == "aws:principalorgpaths" || key == "aws:sourcearn" || key == "aws:sourceaccount" ||
         key.starts_with("aws:principaltag/") || key == "aws:userid" || key == "aws:multifactorauthpresent";
}

void no_external_id(const Subject& subject, Report& report) {
  each_principal(subject, [&](const StatementView& s, const PrincipalUse& use) {
    if (!s.allow || !is_whole_account(use) || !s.grants("sts:AssumeRole") ||
        s.any_condition_key(tells_callers_apart))
      return;
    if (subject.options.account == account_of(use)) return;
    report.add(
        use.offset,
        "If " + quoted(account_of(use)) +
            " is not your own account, any other customer of its owner can have it assume this role.",
        "Add \"StringEquals\": {\"sts:ExternalId\": \"…\"} with a value that its owner made for you alone.");
  });
}

void weak_external_id(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    const ConditionUse* use = s.condition_on("sts:externalid");
    if (!use) continue;
    for (const Scalar& value : use->values()) {
      const bool account = std::ranges::any_of(
          s.principals, [&](const PrincipalUse& p) { return account_of(p) == value.text; });
      std::string why;
      if (has_placeholder(value.text))
        why = "is a placeholder";
      else if (account || is_account_id(value.text))
        why = "is an account id, which everybody can know";
      else if (value.text.size() < 8 || has_wildcard(value.text))
        why = "is easily guessed";
      if (why.empty()) continue;
      report.add(value.offset, "The external id " + quoted(value.text) + " " + why + ".",
                 "Use a value that the other side makes for you alone, such as a UUID: 2 to 1224 letters, "
                 "digits and =,.@:/-.");
    }
  }
}

// Users, roles, sessions and accounts can call; groups, policies and instance profiles cannot.
void not_a_caller(const Subject& subject, Report& report) {
  each_principal(subject, [&](const StatementView&, const PrincipalUse& use) {
    if (use.type != "AWS" || is_open(use.text) || use.text.starts_with("AROA") ||
        use.text.starts_with("AIDA"))
      return;
    const auto arn = ArnPattern::parse(use.text);
    if (!arn || arn->parts < 6) {
      if (is_account_id(use.text)) return;
      report.add(use.offset, quoted(use.text) + " is neither an ARN nor an account id of twelve digits.",
                 "Write arn:aws:iam::ACCOUNT:role/NAME, or the account.");
      return;
    }
    if (!is_account_id(arn->account) && !(arn->service == "iam" && arn->account == "cloudfront")) {
      report.add(use.offset, quoted(arn->account) + " is not an account id of twelve digits.",
                 "Write the account that the principal belongs to.");
      return;
    }
    const std::string_view r = arn->resource;
    const bool caller =
        (arn->service == "iam" && (r == "root" || r.starts_with("user/") || r.starts_with("role/"))) ||
        (arn->service == "sts" &&
         (r.starts_with("assumed-role/") || r.starts_with("federated-user/") || r == "self")) ||
        (arn->service == "iam" && r.starts_with("assumed-role/"));
    if (!caller)
      report.add(use.offset, quoted(use.text) + " cannot make calls, so it is no principal.",
                 "Name a role, a user, a session or an account.");
  });
}

constexpr Kinds kWithPrincipal = static_cast<Kinds>(kResourceLike | kTrust);

constexpr Check kChecks[] = {
    {"OIDC_ISSUER_MISMATCH", Severity::error, kTrust, issuer_mismatch},
    {"OIDC_AUDIENCE_MISSING", Severity::warning, kTrust, no_audience},
    {"OIDC_AUDIENCE_MISSPELT", Severity::error, kTrust, audience_misspelt},
    {"OIDC_SUBJECT_OPEN", Severity::security_warning, kTrust, open_subject},
    {"OIDC_LIKE_NEEDLESS", Severity::suggestion, kTrust, needless_like},
    {"TRUST_IN_WHOLE_ACCOUNT", Severity::warning, kTrust, whole_account},
    {"SESSION_TAGS_NOT_GRANTED", Severity::warning, kTrust, no_session_tags},
    {"EXTERNAL_ID_MISSING", Severity::security_warning, kTrust, no_external_id},
    {"EXTERNAL_ID_WEAK", Severity::warning, kTrust, weak_external_id},
    {"INVALID_PRINCIPAL", Severity::error, kWithPrincipal, not_a_caller},
};

}  // namespace

std::span<const Check> federation_checks() { return kChecks; }

}  // namespace gatehouse::policy::lint
