// Condition operators: whether they exist, and whether they suit their key.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
#include <algorithm>

#include "policy/lint/check.h"

namespace gatehouse::policy::lint {
namespace {

using Family = OperatorParts::Family;
using Set = OperatorParts::Set;
using catalogue::KeyType;

template <typename Fn>
void each_operator(const Subject& subject, Fn fn) {
  for (const auto& s : subject.statements) {
    for (const ConditionOperator& op : s.source->condition.operators)
      fn(s, op, OperatorParts::parse(op.name));
  }
}

template <typename Fn>
void each_condition(const Subject& subject, Fn fn) {
  for (const auto& s : subject.statements) {
    for (const ConditionUse& use : s.conditions) fn(s, use);
  }
}

void invalid_operator(const Subject& subject, Report& report) {
  each_operator(subject, [&](const StatementView&, const ConditionOperator& op, const OperatorParts& parts) {
    if (parts.family != Family::unknown) return;
    const bool qualifier = op.name.find(':') != std::string_view::npos;
    report.add(op.name_offset, quoted(op.name) + " is not a condition operator.",
               qualifier ? "Before the colon stands ForAllValues or ForAnyValue, after it an operator such "
                           "as StringEquals."
                         : "Operators are StringEquals, StringLike, NumericLessThan, Bool, IpAddress, "
                           "ArnLike, Null and their kin.");
  });
}

void null_if_exists(const Subject& subject, Report& report) {
  each_operator(subject, [&](const StatementView&, const ConditionOperator& op, const OperatorParts& parts) {
    if (parts.family == Family::null && parts.if_exists) {
      report.add(op.name_offset, "Null already asks whether the key exists, and takes no IfExists.",
                 "Write Null.");
    }
  });
}

void null_with_set(const Subject& subject, Report& report) {
  each_operator(subject, [&](const StatementView&, const ConditionOperator& op, const OperatorParts& parts) {
    if (parts.family != Family::null || parts.set == Set::none) return;
    report.add(
        op.name_offset,
        parts.set == Set::all ? "ForAllValues:Null is always true." : "ForAnyValue:Null is always false.",
        "Write Null without a qualifier.");
  });
}

// A tag is one value; many of them are under aws:TagKeys.
bool is_audience(std::string_view lower_key) {
  return lower_key.ends_with(":aud") && !lower_key.starts_with("saml:");
}

void missing_qualifier(const Subject& subject, Report& report) {
  each_condition(subject, [&](const StatementView&, const ConditionUse& use) {
    if (!use.key || !use.key->multivalued() || use.parts.set != Set::none) return;
    if (use.parts.family == Family::null || use.parts.family == Family::unknown) return;
    // EventBridge's are lists by the reference and single values in all its examples.
    if (use.lower_key.starts_with("events:")) return;
    report.add(
        use.op->name_offset,
        std::string(use.key->name()) + " holds several values, and " + use.parts.base + " compares one.",
        "Write ForAnyValue:" + use.parts.base + " (one of them must match) or ForAllValues:" +
            use.parts.base + " (all must, and it also matches where there are none).");
  });
}

void all_values_of_one(const Subject& subject, Report& report) {
  each_condition(subject, [&](const StatementView&, const ConditionUse& use) {
    if (!use.key || use.key->multivalued() || use.parts.set != Set::all || is_audience(use.lower_key)) return;
    report.add(use.op->name_offset,
               "ForAllValues also matches a request without " + std::string(use.key->name()) +
                   ", a key of one value.",
               "Remove ForAllValues:.");
  });
}

void any_value_of_audience(const Subject& subject, Report& report) {
  each_condition(subject, [&](const StatementView&, const ConditionUse& use) {
    if (use.parts.set != Set::any || !is_audience(use.lower_key)) return;
    report.add(use.op->name_offset, quoted(use.entry->key) + " is a key of one value.",
               "Remove ForAnyValue:.");
  });
}

void all_values_of_audience(const Subject& subject, Report& report) {
  each_condition(subject, [&](const StatementView&, const ConditionUse& use) {
    if (use.parts.set != Set::all || !is_audience(use.lower_key)) return;
    report.add(use.op->name_offset,
               quoted(use.entry->key) + " names whom the token is for, and is one value.",
               "Remove ForAllValues:, which would also match a token without it.");
  });
}

Family expected(KeyType type) {
  switch (type) {
    case KeyType::string:
    case KeyType::strings:
      return Family::string;
    case KeyType::arn:
    case KeyType::arns:
      return Family::arn;
    case KeyType::boolean:
    case KeyType::booleans:
      return Family::boolean;
    case KeyType::numeric:
      return Family::numeric;
    case KeyType::date:
      return Family::date;
    case KeyType::ip_address:
      return Family::ip;
    case KeyType::binary:
      return Family::binary;
  }
  return Family::unknown;
}

std::string_view word(Family family) {
  switch (family) {
    case Family::string:
      return "string";
    case Family::numeric:
      return "numeric";
    case Family::date:
      return "date";
    case Family::boolean:
      return "Bool";
    case Family::binary:
      return "binary";
    case Family::ip:
      return "IP address";
    case Family::arn:
      return "ARN";
    case Family::null:
    case Family::unknown:
      break;
  }
  return "Null";
}

// Strings and ARNs, booleans and dates compare as text without surprise, and AWS's own policies do so
// throughout.
bool compatible(Family family, Family wanted, std::string_view key) {
  if (family == wanted || family == Family::null || family == Family::unknown) return true;
  if (wanted == Family::arn && family == Family::string) return true;
  if (wanted == Family::boolean && family == Family::string) return true;
  if (wanted == Family::string && (family == Family::arn || family == Family::boolean)) return true;
  if (key == "aws:epochtime" && family == Family::numeric) return true;
  return key.find("tag/") != std::string_view::npos && wanted == Family::string;
}

void type_mismatch(const Subject& subject, Report& report) {
  each_condition(subject, [&](const StatementView&, const ConditionUse& use) {
    if (!use.key) return;
    const Family wanted = expected(use.key->type());
    if (compatible(use.parts.family, wanted, use.lower_key)) return;
    report.add(use.op->name_offset,
               std::string(use.key->name()) + " is compared by " + std::string(word(wanted)) +
                   " operators, not by " + use.parts.base + ".",
               "Under this operator it never compares as you mean.");
  });
}

void like_on_arn(const Subject& subject, Report& report) {
  each_condition(subject, [&](const StatementView&, const ConditionUse& use) {
    if (!use.key || use.parts.family != Family::string || !use.parts.like) return;
    if (use.key->type() != KeyType::arn && use.key->type() != KeyType::arns) return;
    // Only a wildcard that could run over a colon makes a difference.
    const bool open = std::ranges::any_of(use.values(), [](const Scalar& v) { return has_wildcard(v.text); });
    if (!open) return;
    report.add(use.op->name_offset, "Under " + use.parts.base + " a * in an ARN also runs across its colons.",
               std::string("Write ") + (use.parts.negated ? "ArnNotLike" : "ArnLike") +
                   ", which compares the ARN's parts one by one.");
  });
}

void wildcard_without_like(const Subject& subject, Report& report) {
  each_condition(subject, [&](const StatementView&, const ConditionUse& use) {
    if (use.parts.family != Family::string || use.parts.like) return;
    for (const Scalar& value : use.values()) {
      std::string bare(value.text);
      for (const std::string_view literal : {"${*}", "${?}", "${$}"}) {
        for (auto at = bare.find(literal); at != std::string::npos; at = bare.find(literal))
          bare.erase(at, literal.size());
      }
      if (!has_wildcard(bare)) continue;
      report.add(value.offset,
                 use.parts.base + " takes the wildcard in " + quoted(value.text) +
                     " for a character, so it matches only that very text.",
                 use.parts.negated ? "Write StringNotLike if a pattern is meant."
                                   : "Write StringLike if a pattern is meant.");
    }
  });
}

constexpr Check kChecks[] = {
    {"INVALID_CONDITION_OPERATOR", Severity::error, kAll, invalid_operator},
    {"NULL_WITH_IF_EXISTS", Severity::error, kAll, null_if_exists},
    {"NULL_WITH_QUALIFIER", Severity::suggestion, kAll, null_with_set},
    {"MISSING_QUALIFIER", Severity::error, kAll, missing_qualifier},
    {"FORALLVALUES_WITH_SINGLE_VALUED_KEY", Severity::security_warning, kAll, all_values_of_one},
    {"FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE", Severity::security_warning, kAll, any_value_of_audience},
    {"CONFIRM_AUDIENCE_CLAIM_TYPE", Severity::suggestion, kAll, all_values_of_audience},
    {"TYPE_MISMATCH", Severity::warning, kAll, type_mismatch},
    {"STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS", Severity::security_warning, kAll, like_on_arn},
    {"WILDCARD_WITHOUT_LIKE_OPERATOR", Severity::warning, kAll, wildcard_without_like},
};

}  // namespace

std::span<const Check> operator_checks() { return kChecks; }

}  // namespace gatehouse::policy::lint
