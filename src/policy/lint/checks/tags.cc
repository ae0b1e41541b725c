// aws:ResourceTag on actions of services that never send it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
#include <algorithm>

#include "policy/lint/check.h"

namespace gatehouse::policy::lint {
namespace {

bool has_resource_tags(catalogue::Service service) {
  for (const catalogue::Key key : service.keys()) {
    if (key.name() == "aws:ResourceTag/${TagKey}") return true;
  }
  return false;
}

bool is_tag_condition(const ConditionUse& use) {
  return use.lower_key.starts_with("aws:resourcetag/") && !use.parts.negated && !use.parts.if_exists &&
         use.parts.family != OperatorParts::Family::null && use.parts.set != OperatorParts::Set::all;
}

template <bool deny>
void listed_services(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if ((deny ? !s.deny : !s.allow) || s.not_action) continue;
    for (const ConditionUse& use : s.conditions) {
      if (!is_tag_condition(use)) continue;
      std::vector<std::string> without;
      for (const ActionUse& action : s.actions) {
        if (!action.service || has_resource_tags(*action.service)) continue;
        const std::string prefix(action.service->prefix());
        if (std::ranges::find(without, prefix) == without.end()) without.push_back(prefix);
      }
      if (without.empty()) continue;
      report.add(use.entry->key_offset,
                 "No request to " + joined(without) + " carries " + quoted(use.entry->key) +
                     ", so nothing of it is " + (deny ? "denied" : "allowed") + " here.",
                 "Move these actions to a statement that tells resources apart by their ARNs.");
    }
  }
}

template <bool deny>
void all_but(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if ((deny ? !s.deny : !s.allow) || !s.not_action) continue;
    for (const ConditionUse& use : s.conditions) {
      if (!is_tag_condition(use)) continue;
      report.add(use.entry->key_offset,
                 "NotAction covers services that know no " + quoted(use.entry->key) +
                     "; their actions are not " + (deny ? "denied" : "allowed") + " here.",
                 "List the actions under Action.");
    }
  }
}

constexpr Check kChecks[] = {
    {"DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", Severity::security_warning, kAll,
     listed_services<true>},
    {"ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", Severity::suggestion, kAll,
     listed_services<false>},
    {"DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", Severity::security_warning, kAll,
     all_but<true>},
    {"ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", Severity::suggestion, kAll,
     all_but<false>},
};

}  // namespace

std::span<const Check> tag_checks() { return kChecks; }

}  // namespace gatehouse::policy::lint
