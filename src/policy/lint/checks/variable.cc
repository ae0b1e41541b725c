// Policy variables: ${aws:username} and ${aws:PrincipalTag/team, 'nobody'}.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
#include <algorithm>

#include "policy/lint/check.h"

namespace gatehouse::policy::lint {
namespace {

// What stands where variables are allowed, and, with `everywhere`, also where they are not.
template <typename Fn>
void each_text(const Subject& subject, bool everywhere, Fn fn) {
  for (const auto& s : subject.statements) {
    for (const ResourceUse& use : s.resources) fn(use.text, use.scalar->offset);
    for (const ConditionUse& use : s.conditions) {
      for (const Scalar& value : use.values()) fn(value.text, value.offset);
    }
    if (!everywhere) continue;
    for (const ActionUse& use : s.actions) fn(use.text, use.scalar->offset);
    for (const PrincipalUse& use : s.principals) fn(use.text, use.offset);
  }
}

bool is_literal(const Variable& v) { return v.name == "*" || v.name == "?" || v.name == "$"; }

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(' ');
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(' ') - from + 1);
}

// Each check looks at one variable that is no template's placeholder.
template <typename Fn>
void each_variable(const Subject& subject, Fn fn) {
  each_text(subject, false, [&](std::string_view text, std::uint32_t offset) {
    for (const Variable& v : variables_in(text)) {
      if (begins_placeholder(text.substr(v.begin))) continue;
      fn(v, offset);
    }
  });
}

void missing_brace(const Subject& subject, Report& report) {
  each_variable(subject, [&](const Variable& v, std::uint32_t offset) {
    if (!v.closed)
      report.add(offset, "A variable is opened by ${ and never closed.", "Add } after its name.");
  });
}

void empty(const Subject& subject, Report& report) {
  each_variable(subject, [&](const Variable& v, std::uint32_t offset) {
    if (v.closed && trimmed(v.name).empty())
      report.add(offset, "The variable has no name.",
                 "Write a condition key between the braces, or remove them.");
  });
}

void space(const Subject& subject, Report& report) {
  each_variable(subject, [&](const Variable& v, std::uint32_t offset) {
    // A tag's key may hold spaces; the rest of a name may not, nor may it begin or end with one.
    const std::string_view own = v.name.substr(0, v.name.find('/'));
    const bool spaced = own.find(' ') != std::string_view::npos || v.name.ends_with(' ');
    if (v.closed && !trimmed(v.name).empty() && spaced) {
      report.add(offset, "The variable " + quoted(v.name) + " holds a space.",
                 "Remove it: only its default value may hold spaces.");
    }
  });
}

void symbol(const Subject& subject, Report& report) {
  each_variable(subject, [&](const Variable& v, std::uint32_t offset) {
    if (!v.closed || is_literal(v) || trimmed(v.name).empty()) return;
    const std::string_view own = v.name.substr(0, v.name.find('/'));
    const bool plain = std::ranges::all_of(own, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' ||
             c == '-' || c == '.' || c == '_' || c == ' ';
    });
    if (plain) return;
    report.add(offset, "The variable " + quoted(v.name) + " holds a sign that no condition key has.",
               "A variable is a condition key: service:name, and /tag for tags.");
  });
}

void quote(const Subject& subject, Report& report) {
  each_variable(subject, [&](const Variable& v, std::uint32_t offset) {
    if (!v.closed || !v.has_fallback) return;
    const std::string_view value = trimmed(v.fallback);
    if (value.size() >= 2 && value.starts_with('\'') && value.ends_with('\'')) return;
    report.add(offset, "The default of variable " + quoted(v.name) + " is not in single quotes.",
               "Write ${" + std::string(trimmed(v.name)) + ", 'default'}.");
  });
}

void in_wrong_element(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    auto check = [&](std::string_view text, std::uint32_t offset, std::string_view element) {
      if (!has_variable(text) || has_placeholder(text)) return;
      report.add(offset,
                 "AWS puts no variables into " + std::string(element) + ": " + quoted(text) +
                     " is taken as it stands.",
                 "Variables work in Resource, NotResource and Condition only.");
    };
    for (const ActionUse& use : s.actions) check(use.text, use.scalar->offset, "Action");
    for (const PrincipalUse& use : s.principals) check(use.text, use.offset, "Principal");
    if (s.source->sid) check(s.source->sid->text, s.source->sid->offset, "Sid");
    if (s.source->effect) check(s.source->effect->text, s.source->effect->offset, "Effect");
  }
}

void in_old_version(const Subject& subject, Report& report) {
  if (subject.document.version_or_default() != "2008-10-17") return;
  each_variable(subject, [&](const Variable& v, std::uint32_t offset) {
    if (!v.closed || trimmed(v.name).empty()) return;
    report.add(offset,
               "In a policy of version 2008-10-17 ${" + std::string(v.name) + "} is text, not a variable.",
               "Write \"Version\": \"2012-10-17\" at the head of the policy.");
  });
}

void for_operator(const Subject& subject, Report& report) {
  using Family = OperatorParts::Family;
  for (const auto& s : subject.statements) {
    for (const ConditionUse& use : s.conditions) {
      const Family f = use.parts.family;
      if (f == Family::string || f == Family::arn || f == Family::unknown || f == Family::boolean) continue;
      for (const Scalar& value : use.values()) {
        if (!has_variable(value.text) || has_placeholder(value.text)) continue;
        report.add(value.offset, use.parts.base + " does not take variables.",
                   "Variables work under string and ARN operators.");
      }
    }
  }
}

constexpr Check kChecks[] = {
    {"MISSING_BRACE_IN_VARIABLE", Severity::error, kAll, missing_brace},
    {"EMPTY_VARIABLE", Severity::error, kAll, empty},
    {"UNSUPPORTED_SPACE_IN_VARIABLE", Severity::error, kAll, space},
    {"UNSUPPORTED_SYMBOL_IN_VARIABLE", Severity::error, kAll, symbol},
    {"MISSING_QUOTE_IN_VARIABLE", Severity::error, kAll, quote},
    {"VARIABLE_UNSUPPORTED_IN_ELEMENT", Severity::error, kAll, in_wrong_element},
    {"VARIABLE_UNSUPPORTED_IN_VERSION", Severity::error, kAll, in_old_version},
    {"INVALID_VARIABLE_FOR_OPERATOR", Severity::error, kAll, for_operator},
};

}  // namespace

std::span<const Check> variable_checks() { return kChecks; }

}  // namespace gatehouse::policy::lint
