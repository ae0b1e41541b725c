// iam:PassRole and iam:CreateServiceLinkedRole on more roles than one thinks of.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
#include <algorithm>

#include "policy/lint/check.h"

namespace gatehouse::policy::lint {
namespace {

enum class How { named, wildcard, not_action };

struct Sensitive {
  std::string_view action, key, what;
};
constexpr Sensitive kPassRole = {"iam:PassRole", "iam:passedtoservice", "pass"};
constexpr Sensitive kCreateRole = {"iam:CreateServiceLinkedRole", "iam:awsservicename",
                                   "create service-linked roles for"};

bool grants_as(const StatementView& s, std::string_view action, How how) {
  if (!s.allow || !s.grants(action)) return false;
  if (s.not_action) return how == How::not_action;
  return how == (s.names(action) ? How::named : How::wildcard);
}

// A role's name of which nothing is said.
bool any_role(const ResourceUse& use) {
  if (use.everything) return true;
  if (!use.arn) return use.text.starts_with('*');
  const std::string_view r = use.arn->resource;
  const auto service = use.arn->service;
  return (service == "iam" || has_wildcard(service)) &&
         (r == "*" || r == "role/*" || r == "role*" || r == "role/aws-service-role/*");
}

std::uint32_t place(const StatementView& s, std::string_view action) {
  for (const ActionUse& use : s.actions) {
    if (s.not_action || use.everything ||
        (use.text.size() < 256 && catalogue::glob_ignoring_case(use.text, action)))
      return use.scalar->offset;
  }
  return s.source->offset;
}

template <const Sensitive& what, How how, bool not_resource>
void on_any_role(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (!grants_as(s, what.action, how) || s.not_resource != not_resource) continue;
    if (!not_resource && !std::ranges::any_of(s.resources, any_role)) continue;
    // The services are named, which restricts as well as naming the roles; exclusions do not.
    if (!not_resource && s.condition_on(what.key)) continue;
    const std::string by = how == How::named      ? ""
                           : how == How::wildcard ? ", by its wildcard,"
                                                  : ", by NotAction,";
    const bool pass = what.action == kPassRole.action;
    report.add(place(s, what.action),
               "The statement" + by + " allows " + std::string(what.action) +
                   (not_resource ? " on all but the roles it excludes." : " on every role."),
               pass ? "List the roles' ARNs under Resource, and add iam:PassedToService."
                    : "List the roles' ARNs under Resource, and add iam:AWSServiceName.");
  }
}

constexpr Severity kSecurity = Severity::security_warning, kGeneral = Severity::warning;

constexpr Check kChecks[] = {
    {"PASS_ROLE_WITH_NOT_RESOURCE", kSecurity, kIdentityLike, on_any_role<kPassRole, How::named, true>},
    {"PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE", kSecurity, kIdentityLike,
     on_any_role<kPassRole, How::wildcard, true>},
    {"PASS_ROLE_WITH_NOT_ACTION_AND_NOT_RESOURCE", kSecurity, kIdentityLike,
     on_any_role<kPassRole, How::not_action, true>},
    {"PASS_ROLE_WITH_STAR_IN_RESOURCE", kSecurity, kIdentityLike, on_any_role<kPassRole, How::named, false>},
    {"PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE", kSecurity, kIdentityLike,
     on_any_role<kPassRole, How::wildcard, false>},
    {"PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION", kSecurity, kIdentityLike,
     on_any_role<kPassRole, How::not_action, false>},
    {"CREATE_SLR_WITH_NOT_RESOURCE", kGeneral, kIdentityLike, on_any_role<kCreateRole, How::named, true>},
    {"CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOT_RESOURCE", kGeneral, kIdentityLike,
     on_any_role<kCreateRole, How::wildcard, true>},
    {"CREATE_SLR_WITH_NOT_ACTION_AND_NOT_RESOURCE", kGeneral, kIdentityLike,
     on_any_role<kCreateRole, How::not_action, true>},
    {"CREATE_SLR_WITH_STAR_IN_RESOURCE", kGeneral, kIdentityLike,
     on_any_role<kCreateRole, How::named, false>},
    {"CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE", kGeneral, kIdentityLike,
     on_any_role<kCreateRole, How::wildcard, false>},
    {"CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOT_ACTION", kGeneral, kIdentityLike,
     on_any_role<kCreateRole, How::not_action, false>},
};

}  // namespace

std::span<const Check> role_checks() { return kChecks; }

}  // namespace gatehouse::policy::lint
