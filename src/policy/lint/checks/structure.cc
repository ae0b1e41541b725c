// Elements: those that must be there, those that must not, and what kind of JSON they hold.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
#include <algorithm>
#include <unordered_map>

#include "policy/lint/check.h"

namespace gatehouse::policy::lint {
namespace {

template <Problem problem>
void from_parser(const Subject& subject, Report& report) {
  const bool syntax = problem == Problem::syntax;
  for (const DocumentProblem& p : subject.document.problems()) {
    if (p.problem != problem) continue;
    report.add(p.offset, p.message,
               syntax ? "AWS refuses the document with MalformedPolicyDocument until this is valid JSON."
                      : "Elements and their types are those of the policy grammar.");
  }
}

// Twice the same name is a fault of JSON; the same name in another case is one of AWS's.
template <bool other_case>
void duplicate_keys(const Subject& subject, Report& report) {
  for (const DocumentProblem& p : subject.document.problems()) {
    if (p.problem != Problem::duplicate_key || p.message.ends_with("apart from its case.") != other_case)
      continue;
    report.add(p.offset, p.message,
               "Names are compared without case: keep one, and put all its values there.");
  }
}

void missing_statement(const Subject& subject, Report& report) {
  const auto root = subject.document.tree();
  if (root.kind != JsonKind::object) return;
  if (!subject.document.has_statement_element()) {
    report.add(root.begin, "The policy has no Statement.",
               "Add \"Statement\": [ … ] with at least one statement.");
  } else if (subject.statements.empty()) {
    report.add(root.begin, "The policy's Statement is empty.",
               "Add a statement with Effect, Action and Resource.");
  }
}

void invalid_version(const Subject& subject, Report& report) {
  const auto& version = subject.document.version();
  if (!version || version->text == "2012-10-17" || version->text == "2008-10-17") return;
  report.add(version->offset, quoted(version->text) + " is not a version of the policy language.",
             "Write \"2012-10-17\". It names the language, and is not a date of yours.");
}

void missing_version(const Subject& subject, Report& report) {
  const auto& root = subject.document.tree();
  if (root.kind != JsonKind::object || root.find("Version")) return;
  report.add(root.begin, "Version is missing, so AWS reads this as the language of 2008, without variables.",
             "Add \"Version\": \"2012-10-17\" before Statement.");
}

void missing_effect(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (!s.source->effect && s.source->effect_key_offset == 0) {
      report.add(s.source->offset, "The statement has no Effect.",
                 "Add \"Effect\": \"Allow\" or \"Effect\": \"Deny\".");
    }
  }
}

void invalid_effect(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (!s.source->effect || s.allow || s.deny) continue;
    const std::string_view text = s.source->effect->text;
    const bool cased = equal_ignoring_case(text, "Allow") || equal_ignoring_case(text, "Deny");
    report.add(s.source->effect->offset, quoted(text) + " is not an effect.",
               cased ? "Case matters here: write Allow or Deny." : "Write Allow or Deny.");
  }
}

void missing_action(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (s.source->action.present || s.source->not_action.present) continue;
    report.add(s.source->offset, "The statement names no actions.", "Add Action or NotAction.");
  }
}

// A role's trust policy stands on the role itself; an endpoint's and an RCP's need a resource like the
// others.
void missing_resource(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (s.source->resource.present || s.source->not_resource.present) continue;
    report.add(s.source->offset, "The statement names no resources.",
               "Add Resource: the ARNs it is about, or \"*\".");
  }
}

void missing_principal(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (s.source->principal.present || s.source->not_principal.present) continue;
    report.add(s.source->offset, "The statement names no principal, and a policy of this kind must.",
               "Add Principal, for example {\"AWS\": \"arn:aws:iam::111122223333:role/Name\"}.");
  }
}

void unsupported_principal(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const auto* p : {&s.source->principal, &s.source->not_principal}) {
      if (!p->present) continue;
      report.add(p->key_offset, "An identity policy has no Principal: it applies to whom it is attached to.",
                 "Remove it, or attach the policy to a resource or as a role's trust policy.");
    }
  }
}

void element_combination(const Subject& subject, Report& report) {
  auto both = [&](const auto& positive, const auto& negative, std::string_view name) {
    if (!positive.present || !negative.present) return;
    report.add(negative.key_offset,
               std::string(name) + " and Not" + std::string(name) + " exclude each other.",
               "Keep one of the two, or make two statements.");
  };
  for (const auto& s : subject.statements) {
    both(s.source->action, s.source->not_action, "Action");
    both(s.source->resource, s.source->not_resource, "Resource");
    both(s.source->principal, s.source->not_principal, "Principal");
  }
}

void unsupported_sid(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (!s.source->sid) continue;
    const bool plain = std::ranges::all_of(s.source->sid->text, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    });
    if (plain) continue;
    report.add(s.source->sid->offset,
               "A Sid here consists of letters and digits only, unlike " + quoted(s.source->sid->text) + ".",
               "Rename it without spaces, hyphens or other signs.");
  }
}

// IAM refuses duplicates; the services with resource policies take them.
void duplicate_sids(const Subject& subject, Report& report) {
  std::unordered_map<std::string_view, std::size_t> seen;
  for (const auto& s : subject.statements) {
    if (!s.source->sid || s.source->sid->text.empty()) continue;
    const auto [at, fresh] = seen.emplace(s.source->sid->text, s.index);
    if (fresh) continue;
    report.add(s.source->sid->offset,
               "Sid " + quoted(s.source->sid->text) + " is already that of statement " +
                   std::to_string(at->second + 1) + ".",
               "Give every statement a Sid of its own, or none.");
  }
}

constexpr Kinds kNeedsResource = static_cast<Kinds>(kAll & ~kTrust);
constexpr Kinds kNeedsPrincipal = static_cast<Kinds>(kTrust | kResourceLike | bit(Kind::rcp));
constexpr Kinds kIam = static_cast<Kinds>(kIdentityLike | kTrust | kOrganization);

constexpr Check kChecks[] = {
    {"JSON_SYNTAX_ERROR", Severity::error, kAll, from_parser<Problem::syntax>},
    {"JSON_SYNTAX_ERROR", Severity::error, kAll, duplicate_keys<false>},
    {"DUPLICATE_KEYS_WITH_DIFFERENT_CASE", Severity::error, kAll, duplicate_keys<true>},
    {"INVALID_POLICY_ELEMENT", Severity::error, kAll, from_parser<Problem::unknown_element>},
    {"DATA_TYPE_MISMATCH", Severity::error, kAll, from_parser<Problem::wrong_type>},
    {"MISSING_STATEMENT", Severity::error, kAll, missing_statement},
    {"INVALID_VERSION", Severity::error, kAll, invalid_version},
    {"MISSING_VERSION", Severity::warning, kAll, missing_version},
    {"MISSING_EFFECT", Severity::error, kAll, missing_effect},
    {"INVALID_EFFECT", Severity::error, kAll, invalid_effect},
    {"MISSING_ACTION", Severity::error, kAll, missing_action},
    {"MISSING_RESOURCE", Severity::error, kNeedsResource, missing_resource},
    {"MISSING_PRINCIPAL", Severity::error, kNeedsPrincipal, missing_principal},
    {"UNSUPPORTED_PRINCIPAL", Severity::error, kIdentityLike, unsupported_principal},
    {"UNSUPPORTED_ELEMENT_COMBINATION", Severity::error, kAll, element_combination},
    {"UNSUPPORTED_SID", Severity::error, kIam, unsupported_sid},
    {"UNIQUE_SIDS_REQUIRED", Severity::error, kIam, duplicate_sids},
    {"UNIQUE_SIDS_RECOMMENDED", Severity::warning, kResourceLike, duplicate_sids},
};

}  // namespace

std::span<const Check> structure_checks() { return kChecks; }

}  // namespace gatehouse::policy::lint
