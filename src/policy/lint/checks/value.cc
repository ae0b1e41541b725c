// Condition values: whether they are of the kind that the operator and the key compare.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/encoding.h"
#include "base/time.h"
#include "policy/lint/check.h"

namespace gatehouse::policy::lint {
namespace {

using Family = OperatorParts::Family;

// Values that can be judged: neither variables nor placeholders.
template <typename Fn>
void each_value(const Subject& subject, Fn fn) {
  for (const auto& s : subject.statements) {
    for (const ConditionUse& use : s.conditions) {
      for (const Scalar& value : use.values()) {
        if (!has_variable(value.text) && !has_placeholder(value.text)) fn(s, use, value);
      }
    }
  }
}

bool is_boolean(std::string_view text) {
  return equal_ignoring_case(text, "true") || equal_ignoring_case(text, "false");
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

bool is_epoch(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  return is_digits(digits) && digits.size() > 4;
}

// https://www.w3.org/TR/NOTE-datetime: a year, a month, a day, or a moment.
bool is_date(std::string_view text) {
  if (text.size() > 40) return false;
  const auto year = [](std::string_view t) { return t.size() == 4 && is_digits(t); };
  if (year(text)) return true;
  if (text.size() == 7 && year(text.substr(0, 4)) && text[4] == '-' && is_digits(text.substr(5))) return true;
  if (parse_iso8601(text) || parse_iso8601(std::string(text) + "Z")) return true;
  // Without seconds: 2026-01-31T23:59Z.
  const auto zone = text.find_first_of("Z+", 11);
  const auto at = zone == std::string_view::npos ? text.rfind('-') : zone;
  return text.size() > 16 && at == 16 &&
         parse_iso8601(std::string(text.substr(0, 16)) + ":00" + std::string(text.substr(16))).has_value();
}

void mixed_types(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const ConditionUse& use : s.conditions) {
      const auto values = use.values();
      const auto other =
          std::ranges::find_if(values, [&](const Scalar& v) { return v.kind != values.front().kind; });
      if (other == values.end()) continue;
      report.add(other->offset, "The values of " + quoted(use.entry->key) + " are of different JSON types.",
                 "Put all of them in quotes.");
    }
  }
}

void many_booleans(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const ConditionUse& use : s.conditions) {
      if (use.parts.family != Family::boolean && use.parts.family != Family::null) continue;
      if (use.parts.set != OperatorParts::Set::none || use.values().size() < 2) continue;
      report.add(use.entry->list.offset,
                 use.parts.base + " takes one value: with both, every request that has the key matches.",
                 "Keep \"true\" or \"false\".");
    }
  }
}

void bad_boolean(const Subject& subject, Report& report) {
  each_value(subject, [&](const StatementView&, const ConditionUse& use, const Scalar& value) {
    if (use.parts.family != Family::boolean && use.parts.family != Family::null) return;
    if (!is_boolean(value.text))
      report.add(value.offset, quoted(value.text) + " is neither true nor false.",
                 "Write \"true\" or \"false\".");
  });
}

void bad_number(const Subject& subject, Report& report) {
  each_value(subject, [&](const StatementView&, const ConditionUse& use, const Scalar& value) {
    if (use.parts.family != Family::numeric || number(value.text)) return;
    report.add(value.offset,
               quoted(value.text) + " is not a number, so " + use.parts.base + " is never true.",
               "Write a number.");
  });
}

void bad_date(const Subject& subject, Report& report) {
  each_value(subject, [&](const StatementView&, const ConditionUse& use, const Scalar& value) {
    if (use.parts.family != Family::date || is_date(value.text) || is_epoch(value.text)) return;
    report.add(value.offset, quoted(value.text) + " is not a date, so " + use.parts.base + " is never true.",
               "Write 2026-01-31 or 2026-01-31T23:59:59Z.");
  });
}

void epoch_date(const Subject& subject, Report& report) {
  each_value(subject, [&](const StatementView&, const ConditionUse& use, const Scalar& value) {
    if (use.parts.family != Family::date || !is_epoch(value.text)) return;
    report.add(value.offset, "The date is written as seconds since 1970, which few readers can check.",
               "Write it as 2026-01-31T23:59:59Z.");
  });
}

void bad_binary(const Subject& subject, Report& report) {
  each_value(subject, [&](const StatementView&, const ConditionUse& use, const Scalar& value) {
    if (use.parts.family == Family::binary && !unbase64(value.text))
      report.add(value.offset, quoted(value.text) + " is not Base64.",
                 "Encode the bytes in Base64, with padding.");
  });
}

void bad_region(const Subject& subject, Report& report) {
  each_value(subject, [&](const StatementView&, const ConditionUse& use, const Scalar& value) {
    if (use.lower_key != "aws:requestedregion" || use.parts.family != Family::string) return;
    if (has_wildcard(value.text) || is_known_region(lower(value.text))) return;
    report.add(value.offset, quoted(value.text) + " is not a Region.",
               "Write a Region's code, such as eu-central-1.");
  });
}

bool is_id(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  const std::string_view rest = text.substr(prefix.size());
  const bool plain = std::ranges::all_of(rest, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
  return plain && (rest.size() == 8 || rest.size() == 17);
}

template <bool endpoint>
void bad_vpc(const Subject& subject, Report& report) {
  constexpr std::string_view kKey = endpoint ? "aws:sourcevpce" : "aws:sourcevpc";
  constexpr std::string_view kPrefix = endpoint ? "vpce-" : "vpc-";
  each_value(subject, [&](const StatementView&, const ConditionUse& use, const Scalar& value) {
    if (use.lower_key != kKey || use.parts.family != Family::string || has_wildcard(value.text) ||
        is_id(value.text, kPrefix))
      return;
    report.add(value.offset, quoted(value.text) + " is not the id of a VPC" + (endpoint ? " endpoint." : "."),
               "It is " + std::string(kPrefix) + " and 8 or 17 letters and digits.");
  });
}

void bad_kms_key(const Subject& subject, Report& report) {
  each_value(subject, [&](const StatementView&, const ConditionUse& use, const Scalar& value) {
    if (use.lower_key != "s3:x-amz-server-side-encryption-aws-kms-key-id" || use.parts.family == Family::null)
      return;
    const auto arn = ArnPattern::parse(value.text);
    if (has_wildcard(value.text) ||
        (arn && arn->parts >= 6 && arn->service == "kms" && arn->resource.starts_with("key/")))
      return;
    report.add(value.offset, quoted(value.text) + " is not the ARN of a KMS key, which is what S3 compares.",
               "Write arn:aws:kms:REGION:ACCOUNT:key/ID.");
  });
}

bool is_service_name(std::string_view text) {
  const bool plain = std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  });
  for (const std::string_view end : {".amazonaws.com", ".amazonaws.com.cn", ".amazon.com", ".aws.internal",
                                     ".amazonaws.eu", ".c2s.ic.gov", ".sc2s.sgov.gov", ".aws.com"}) {
    if (plain && text.ends_with(end) && text.size() > end.size()) return true;
  }
  return false;
}

void bad_service_name(const Subject& subject, Report& report) {
  constexpr std::array<std::string_view, 8> kKeys = {"iam:passedtoservice",
                                                     "iam:awsservicename",
                                                     "aws:calledvia",
                                                     "aws:calledviafirst",
                                                     "aws:calledvialast",
                                                     "aws:principalservicename",
                                                     "aws:principalservicenameslist",
                                                     "kms:viaservice"};
  each_value(subject, [&](const StatementView&, const ConditionUse& use, const Scalar& value) {
    if (std::ranges::find(kKeys, use.lower_key) == kKeys.end() || use.parts.family != Family::string) return;
    if (has_wildcard(value.text) || is_service_name(value.text)) return;
    report.add(value.offset, quoted(value.text) + " is not the name of a service as a principal.",
               use.lower_key == "kms:viaservice" ? "Write service.REGION.amazonaws.com, in lower case."
                                                 : "Write service.amazonaws.com, in lower case.");
  });
  for (const auto& s : subject.statements) {
    for (const PrincipalUse& use : s.principals) {
      if (use.type != "Service" || is_open(use.text) || is_service_name(use.text)) continue;
      report.add(use.offset, quoted(use.text) + " is not the name of a service as a principal.",
                 "Write service.amazonaws.com, in lower case.");
    }
  }
}

void redundant_numbers(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const ConditionUse& use : s.conditions) {
      const bool less = use.parts.base.starts_with("NumericLess"),
                 greater = use.parts.base.starts_with("NumericGreater");
      if ((!less && !greater) || use.values().size() < 2) continue;
      report.add(use.entry->list.offset,
                 "Of several bounds only the " + std::string(less ? "greatest" : "least") +
                     " counts, because any of them suffices.",
                 "Keep that one.");
    }
  }
}

// Keys that say whose, or from where, a request is: a pattern there lets strangers in.
bool is_sensitive(std::string_view key) {
  constexpr std::array<std::string_view, 7> kKeys = {
      "aws:principalorgid", "aws:principalaccount", "aws:sourceaccount", "aws:sourceorgid",
      "aws:sourcevpc",      "aws:sourcevpce",       "aws:resourceorgid"};
  return std::ranges::find(kKeys, key) != kKeys.end();
}

void wide_wildcard(const Subject& subject, Report& report) {
  each_value(subject, [&](const StatementView& s, const ConditionUse& use, const Scalar& value) {
    if (!s.allow || !use.parts.like || use.parts.negated || !has_wildcard(value.text)) return;
    if (is_sensitive(use.lower_key)) {
      report.add(value.offset,
                 "A wildcard in " + quoted(use.entry->key) + " lets in whoever has a similar id.",
                 "List the ids, under StringEquals.");
    } else if (use.lower_key == "aws:userid" && value.text.find(':') == std::string_view::npos) {
      report.add(value.offset, "The wildcard in aws:userid covers ids of every principal.",
                 "Write the wildcard after the colon: AROAEXAMPLE:*.");
    }
  });
}

// Tags of the caller's own and of its request are for it, or for whoever administers it, to choose.
void wide_variable(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    for (const ConditionUse& use : s.conditions) {
      if (!s.allow || !is_sensitive(use.lower_key) || use.parts.negated) continue;
      for (const Scalar& value : use.values()) {
        for (const Variable& v : variables_in(value.text)) {
          const std::string name = lower(v.name);
          if (!name.starts_with("aws:principaltag/") && !name.starts_with("aws:requesttag/")) continue;
          report.add(value.offset,
                     quoted(use.entry->key) +
                         " is compared with a tag, which acts as a wildcard for whoever sets it.",
                     "Write the value itself.");
        }
      }
    }
  }
}

constexpr Check kChecks[] = {
    {"INVALID_CONDITION_DATA_TYPE", Severity::error, kAll, mixed_types},
    {"INVALID_CONDITION_MULTIPLE_BOOLEAN", Severity::error, kAll, many_booleans},
    {"TYPE_MISMATCH_BOOLEAN", Severity::warning, kAll, bad_boolean},
    {"TYPE_MISMATCH_NUMBER", Severity::warning, kAll, bad_number},
    {"TYPE_MISMATCH_DATE", Severity::warning, kAll, bad_date},
    {"INVALID_DATE_VALUE", Severity::warning, kAll, epoch_date},
    {"TYPE_MISMATCH_STRING", Severity::warning, kAll, bad_binary},
    {"INVALID_REGION", Severity::error, kAll, bad_region},
    {"INVALID_VPC_FORMAT", Severity::error, kAll, bad_vpc<false>},
    {"INVALID_VPCE_FORMAT", Severity::error, kAll, bad_vpc<true>},
    {"INVALID_KMS_KEY_VALUE", Severity::error, kAll, bad_kms_key},
    {"INVALID_SERVICE_PRINCIPAL_FORMAT", Severity::error, kAll, bad_service_name},
    {"REDUNDANT_CONDITION_VALUE_NUM", Severity::suggestion, kAll, redundant_numbers},
    {"WILDCARD_USAGE_TOO_PERMISSIVE", Severity::error, kAll, wide_wildcard},
    {"VARIABLE_USAGE_TOO_PERMISSIVE", Severity::error, kAll, wide_variable},
};

}  // namespace

std::span<const Check> value_checks() { return kChecks; }

}  // namespace gatehouse::policy::lint
