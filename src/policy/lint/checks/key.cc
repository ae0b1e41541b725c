// Condition keys: whether they exist, and whether they can be trusted, paired and present.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
#include <algorithm>
#include <array>

#include "policy/lint/check.h"
#include "policy/lint/types.h"

namespace gatehouse::policy::lint {
namespace {

using Family = OperatorParts::Family;

template <typename Fn>
void each_condition(const Subject& subject, Fn fn) {
  for (const auto& s : subject.statements) {
    for (const ConditionUse& use : s.conditions) fn(s, use);
  }
}

std::string_view prefix_of(const ConditionUse& use) {
  return use.entry->key.substr(0, use.entry->key.find(':'));
}

// A host name with an optional path: the issuer whose claims the keys are.
bool is_issuer_key(std::string_view key) {
  const auto colon = key.rfind(':');
  return colon != std::string_view::npos && key.substr(0, colon).find('.') != std::string_view::npos;
}

bool is_aws_key(const ConditionUse& use) { return use.lower_key.starts_with("aws:"); }

bool takes_tag(std::string_view key) {
  const std::string_view bare = key.ends_with('/') ? key.substr(0, key.size() - 1) : key;
  const auto with_tag = catalogue::find_key(std::string(bare.substr(0, 200)) + "/x");
  return with_tag && with_tag->has_tag_hole();
}

void key_format(const Subject& subject, Report& report) {
  each_condition(subject, [&](const StatementView&, const ConditionUse& use) {
    if (use.entry->key.find(':') != std::string_view::npos || has_placeholder(use.entry->key)) return;
    report.add(use.entry->key_offset, quoted(use.entry->key) + " is not a condition key.",
               "A key is a prefix, a colon and a name: aws:SourceIp, s3:prefix.");
  });
}

void unknown_global(const Subject& subject, Report& report) {
  each_condition(subject, [&](const StatementView&, const ConditionUse& use) {
    if (report.full() || !is_aws_key(use) || use.key || has_placeholder(use.entry->key)) return;
    if (takes_tag(use.entry->key) || use.lower_key == "aws:arn") return;
    const auto near = catalogue::nearest_key(use.entry->key);
    report.add(use.entry->key_offset,
               "There is no global key " + quoted(use.entry->key) + ", so no request carries it.",
               near ? "Did you mean " + std::string(near->name()) + "?"
                    : std::string("Global keys are those of the IAM User Guide's list."));
  });
}

void unknown_service_key(const Subject& subject, Report& report) {
  each_condition(subject, [&](const StatementView&, const ConditionUse& use) {
    if (report.full() || use.key || is_aws_key(use) || is_issuer_key(use.entry->key) ||
        is_open(use.entry->key))
      return;
    if (takes_tag(use.entry->key)) return;
    const auto service = catalogue::find_service(prefix_of(use));
    if (!service && !catalogue::is_key_prefix(prefix_of(use))) return;
    const auto near = catalogue::nearest_key(use.entry->key);
    const bool same = near && starts_with_ignoring_case(near->name(), std::string(prefix_of(use)) + ":");
    report.add(use.entry->key_offset,
               (service ? std::string(service->title()) : quoted(prefix_of(use))) + " has no condition key " +
                   quoted(use.entry->key) + ".",
               same ? "Did you mean " + std::string(near->name()) + "?"
                    : std::string("Look it up in the service authorization reference."));
  });
}

void unknown_key_service(const Subject& subject, Report& report) {
  each_condition(subject, [&](const StatementView&, const ConditionUse& use) {
    const std::string_view prefix = prefix_of(use);
    if (report.full() || prefix.size() == use.entry->key.size() || use.key || is_aws_key(use)) return;
    if (is_issuer_key(use.entry->key) || is_open(use.entry->key) || is_retired(prefix)) return;
    if (catalogue::find_service(prefix) || catalogue::is_key_prefix(prefix)) return;
    const auto near = catalogue::nearest_service(prefix);
    report.add(use.entry->key_offset, "No service has keys that begin with " + quoted(prefix) + ".",
               near ? "Did you mean " + std::string(near->prefix()) + "?"
                    : std::string("Check the part before the colon."));
  });
}

void deprecated(const Subject& subject, Report& report) {
  each_condition(subject, [&](const StatementView&, const ConditionUse& use) {
    if (use.lower_key == "aws:arn")
      report.add(use.entry->key_offset, "aws:ARN is the old name of a key.", "Write aws:PrincipalArn.");
  });
}

void missing_tag_key(const Subject& subject, Report& report) {
  each_condition(subject, [&](const StatementView&, const ConditionUse& use) {
    if (use.key || !takes_tag(use.entry->key)) return;
    report.add(use.entry->key_offset, quoted(use.entry->key) + " does not say which tag.",
               "Write the tag's key after a slash: " + std::string(use.entry->key) +
                   (use.entry->key.ends_with('/') ? "" : "/") + "team.");
  });
}

// Under these the statement cannot match a request without the key.
bool needs_key(const ConditionUse& use) {
  if (use.parts.if_exists || use.parts.set == OperatorParts::Set::all) return false;
  if (use.parts.family == Family::null) {
    return !use.values().empty() &&
           std::ranges::all_of(use.values(), [](const Scalar& v) { return v.text == "false"; });
  }
  return !use.parts.negated && use.parts.family != Family::unknown;
}

std::string why_absent(const ConditionUse& use) {
  if (use.lower_key.starts_with("aws:requesttag/") || use.lower_key == "aws:tagkeys") {
    return "It holds the tags that a create or tag call sends, and nothing else; for tags a resource already "
           "has, use "
           "aws:ResourceTag where the action supports it.";
  }
  return "Move these actions to a statement without the key.";
}

// A key of one service, or of the tags in a request, that the named actions never carry.
void unsupported_action(const Subject& subject, Report& report) {
  if (subject.kind == Kind::trust) return;
  each_condition(subject, [&](const StatementView& s, const ConditionUse& use) {
    if (report.full() || !use.key || s.not_action || !needs_key(use)) return;
    const bool request_tags = use.lower_key.starts_with("aws:requesttag/") || use.lower_key == "aws:tagkeys";
    if (is_aws_key(use) && !request_tags) return;
    std::vector<std::string> without;
    for (const ActionUse& action : s.actions) {
      if (!action.action || action.action->supports(*use.key) != catalogue::Action::Support::none) continue;
      if (action.service->prefix() == "tag" ||
          (!request_tags && !is_well_documented(action.service->prefix())))
        continue;
      without.emplace_back(action.text);
    }
    if (without.empty()) return;
    const bool one = without.size() == 1;
    const std::string effect = s.deny ? "so it is not denied here" : "so it is not allowed here";
    report.add(
        use.entry->key_offset,
        "No request for " + joined(without) + " carries " + quoted(use.entry->key) + ", " +
            (one ? effect : "so they are not " + std::string(s.deny ? "denied" : "allowed") + " here") + ".",
        why_absent(use));
  });
}

void missing_action(const Subject& subject, Report& report) {
  struct Pair {
    std::string_view key, action;
  };
  constexpr std::array<Pair, 5> kPairs = {{{"aws:requesttag/", "sts:TagSession"},
                                           {"aws:tagkeys", "sts:TagSession"},
                                           {"sts:transitivetagkeys", "sts:TagSession"},
                                           {"sts:sourceidentity", "sts:SetSourceIdentity"},
                                           {"sts:requestcontext", "sts:SetContext"}}};
  each_condition(subject, [&](const StatementView& s, const ConditionUse& use) {
    for (const Pair& pair : kPairs) {
      if (!use.lower_key.starts_with(pair.key) || s.grants(pair.action)) continue;
      report.add(
          use.entry->key_offset,
          quoted(use.entry->key) + " is only set by callers that may " + std::string(pair.action) + ".",
          "Add " + std::string(pair.action) + " to the statement's actions.");
    }
  });
}

void untrustworthy(const Subject& subject, Report& report) {
  each_condition(subject, [&](const StatementView&, const ConditionUse& use) {
    if (use.lower_key != "aws:referer" && use.lower_key != "aws:useragent") return;
    report.add(use.entry->key_offset,
               "The caller writes " + quoted(use.entry->key) + " itself, and can write anything.",
               "Do not decide access by it.");
  });
}

void unpaired(const Subject& subject, Report& report) {
  each_condition(subject, [&](const StatementView& s, const ConditionUse& use) {
    if (use.lower_key != "aws:vpcsourceip") return;
    if (s.condition_on("aws:sourcevpc") || s.condition_on("aws:sourcevpce") ||
        s.condition_on("aws:sourcevpcarn"))
      return;
    report.add(use.entry->key_offset,
               "Every VPC may use the same private addresses, so aws:VpcSourceIp alone tells little.",
               "Add aws:SourceVpc to the same condition.");
  });
}

void only_some_services(const Subject& subject, Report& report) {
  each_condition(subject, [&](const StatementView& s, const ConditionUse& use) {
    if (use.lower_key != "aws:vpceaccount" && use.lower_key != "aws:vpceorgid" &&
        use.lower_key != "aws:vpceorgpaths")
      return;
    const bool unscoped = s.not_action || std::ranges::any_of(s.actions, &ActionUse::everything);
    if (!unscoped) return;
    report.add(use.entry->key_offset,
               "Only some services fill in " + quoted(use.entry->key) + ", and this statement is about all.",
               "Name the actions of services that support the key.");
  });
}

void irrelevant(const Subject& subject, Report& report) {
  each_condition(subject, [&](const StatementView&, const ConditionUse& use) {
    if (use.lower_key != "s3:resourceaccount") return;
    report.add(use.entry->key_offset,
               "The owner of the bucket is always the same in the bucket's own policy.",
               "s3:ResourceAccount belongs into identity policies.");
  });
}

void dynamodb_attributes(const Subject& subject, Report& report) {
  each_condition(subject, [&](const StatementView& s, const ConditionUse& use) {
    if (!s.allow || use.lower_key != "dynamodb:attributes" || s.condition_on("dynamodb:select")) return;
    report.add(use.entry->key_offset,
               "A read that names no attributes is not held to dynamodb:Attributes and returns all of them.",
               "Add \"StringEqualsIfExists\": {\"dynamodb:Select\": \"SPECIFIC_ATTRIBUTES\"}.");
  });
}

void s3_prefix_negative(const Subject& subject, Report& report) {
  each_condition(subject, [&](const StatementView& s, const ConditionUse& use) {
    if (use.lower_key != "s3:prefix" || use.parts.family != Family::string) return;
    const bool wrong = (s.deny && !use.parts.negated) || (s.allow && use.parts.negated);
    if (!wrong) return;
    report.add(use.entry->key_offset, "A shorter prefix escapes this condition and lists the same objects.",
               "Allow with StringLike on the prefixes that are permitted, or Deny with StringNotLike.");
  });
}

bool is_star(const Scalar& value) {
  return !value.text.empty() && value.text.find_first_not_of('*') == std::string_view::npos;
}

bool always_present(std::string_view key) {
  constexpr std::array<std::string_view, 6> kAlways = {"aws:requestedregion", "aws:principaltype",
                                                       "aws:userid",          "aws:currenttime",
                                                       "aws:epochtime",       "aws:securetransport"};
  return std::ranges::find(kAlways, key) != kAlways.end();
}

void always_matched(const Subject& subject, Report& report) {
  each_condition(subject, [&](const StatementView&, const ConditionUse& use) {
    if (!use.parts.like || use.parts.negated || !std::ranges::any_of(use.values(), is_star)) return;
    if (!use.parts.if_exists && use.parts.set != OperatorParts::Set::all && !always_present(use.lower_key))
      return;
    report.add(use.entry->key_offset, quoted(use.entry->key) + " matches whatever its value is.",
               "Remove it, or say which values are meant.");
  });
}

void never_matched(const Subject& subject, Report& report) {
  each_condition(subject, [&](const StatementView&, const ConditionUse& use) {
    if (!use.parts.like || !use.parts.negated || !std::ranges::any_of(use.values(), is_star)) return;
    report.add(use.entry->key_offset,
               "No value of " + quoted(use.entry->key) +
                   " is unlike \"*\": this matches only requests without the key.",
               "If that is meant, write \"Null\": {\"" + std::string(use.entry->key) +
                   "\": \"true\"}; otherwise remove it.");
  });
}

constexpr Check kChecks[] = {
    {"INVALID_CONDITION_KEY_FORMAT", Severity::error, kAll, key_format},
    {"INVALID_GLOBAL_CONDITION_KEY", Severity::error, kAll, unknown_global},
    {"INVALID_SERVICE_CONDITION_KEY", Severity::error, kAll, unknown_service_key},
    {"INVALID_SERVICE", Severity::error, kAll, unknown_key_service},
    {"DEPRECATED_GLOBAL_CONDITION_KEY", Severity::warning, kAll, deprecated},
    {"MISSING_TAG_KEY_IN_CONDITION", Severity::error, kAll, missing_tag_key},
    {"UNSUPPORTED_ACTION_FOR_CONDITION_KEY", Severity::error, kAll, unsupported_action},
    {"MISSING_ACTION_FOR_CONDITION_KEY", Severity::error, kTrust, missing_action},
    {"UNTRUSTWORTHY_CONDITION_KEY", Severity::security_warning, kAll, untrustworthy},
    {"MISSING_PAIRED_CONDITION_KEYS", Severity::security_warning, kAll, unpaired},
    {"USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES", Severity::warning, kAll, only_some_services},
    {"IRRELEVANT_CONDITION_KEY_IN_POLICY", Severity::suggestion, bit(Kind::resource), irrelevant},
    {"DYNAMODB_ATTRIBUTES_WITHOUT_SELECT", Severity::security_warning, kAll, dynamodb_attributes},
    {"S3_PREFIX_IN_NEGATIVE_CONTEXT", Severity::security_warning, kAll, s3_prefix_negative},
    {"REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION", Severity::suggestion, kAll, always_matched},
    {"REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION", Severity::suggestion, kAll, never_matched},
};

}  // namespace

std::span<const Check> key_checks() { return kChecks; }

}  // namespace gatehouse::policy::lint
