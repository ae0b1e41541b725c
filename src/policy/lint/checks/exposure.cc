// What a policy gives away: to everybody, or to whoever can climb from it.
#include <algorithm>
#include <array>
#include <map>

#include "policy/lint/check.h"

namespace gatehouse::policy::lint {
namespace {

bool for_everyone(const StatementView& s) {
  return s.allow && !s.not_principal && std::ranges::any_of(s.principals, [](const PrincipalUse& p) {
           return p.text == "*" && (p.type == "*" || p.type == "AWS");
         });
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
bool tells_who(std::string_view key) {
  constexpr std::array<std::string_view, 14> kKeys = {
      "aws:principalorgid",        "aws:principalorgpaths", "aws:principalarn",
      "aws:principalaccount",      "aws:sourcearn",         "aws:sourceaccount",
      "aws:sourceorgid",           "aws:sourceorgpaths",    "aws:userid",
      "aws:sourceowner",           "kms:calleraccount",     "kms:viaservice",
      "s3:dataaccesspointaccount", "s3:dataaccesspointarn"};
  return std::ranges::find(kKeys, key) != kKeys.end() || key.starts_with("aws:principaltag/") ||
         key == "aws:principalservicename";
}

bool tells_where(std::string_view key) {
  return key == "aws:sourcevpce" || key == "aws:sourcevpc" || key == "aws:sourcevpcarn" ||
         key == "aws:sourceip" || key.starts_with("aws:vpce");
}

void public_access(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (!for_everyone(s) || s.any_condition_key(tells_who) || s.any_condition_key(tells_where)) continue;
    // That "Principal": "*" stands in a trust policy is said by another check.
    const bool trust = subject.kind == Kind::trust;
    if (trust && s.source->principal.scalar) continue;
    report.add(s.source->principal.offset,
               trust ? "Everybody with an AWS account may assume this role."
                     : "Everybody may do this, callers without credentials too.",
               "Name accounts, roles or users, or add a condition on aws:PrincipalOrgID.");
  }
}

void network_alone(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (!for_everyone(s) || s.any_condition_key(tells_who) || !s.any_condition_key(tells_where)) continue;
    report.add(s.source->principal.offset,
               "This restricts nothing: it allows every principal, anonymous ones too, to come by this way, "
               "and leaves all other ways as they are.",
               "To let only this network in, write a Deny with StringNotEquals on the same key; except "
               "administrators and services from it, or they are locked out.");
  }
}

void request_tag_on_everything(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (!s.allow || s.not_action || !std::ranges::any_of(s.actions, &ActionUse::everything)) continue;
    for (const ConditionUse& use : s.conditions) {
      if (!use.lower_key.starts_with("aws:requesttag/") || use.parts.negated || use.parts.if_exists) continue;
      const bool scp = subject.kind == Kind::scp;
      report.add(use.entry->key_offset,
                 scp ? "As an Allow this SCP changes nothing while FullAWSAccess is attached beside it, and "
                       "denies every read, delete and untagged call where it replaces it."
                     : "Only calls that create or tag send aws:RequestTag: every read, delete and untagged "
                       "call stays denied, and resources that have the tag are not meant by it.",
                 scp ? "Keep FullAWSAccess and write Denies: StringNotEquals on aws:RequestTag for the "
                       "actions that create, on aws:ResourceTag for those that change."
                     : "Use aws:ResourceTag for what exists and aws:RequestTag for what is created, each "
                       "with the actions that carry it.");
    }
  }
}

// Ways from a few permissions to all of them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
struct Climb {
  std::string_view first;
  std::array<std::string_view, 3> second;  // any of them, besides the first; all empty: the first is enough
  std::string_view third, how;
};
constexpr std::array<Climb, 14> kClimbs = {{
    {"iam:CreateRole",
     {"iam:AttachRolePolicy", "iam:PutRolePolicy", ""},
     "iam:PassRole",
     "make a role with any permissions and pass it to a service"},
    {"iam:CreatePolicyVersion", {"", "", ""}, "", "rewrite a policy that is attached to the caller"},
    {"iam:SetDefaultPolicyVersion", {"", "", ""}, "", "bring back an older, wider version of a policy"},
    {"iam:AttachUserPolicy", {"", "", ""}, "", "attach any policy to the caller's own user"},
    {"iam:PutUserPolicy", {"", "", ""}, "", "write any policy into the caller's own user"},
    {"iam:AttachGroupPolicy", {"", "", ""}, "", "attach any policy to the caller's own group"},
    {"iam:PutGroupPolicy", {"", "", ""}, "", "write any policy into the caller's own group"},
    {"iam:AddUserToGroup", {"", "", ""}, "", "join a group that may do more"},
    {"iam:CreateAccessKey", {"", "", ""}, "", "make keys of users who may do more"},
    {"iam:CreateLoginProfile", {"", "", ""}, "", "give users who may do more a password"},
    {"iam:UpdateLoginProfile", {"", "", ""}, "", "change the password of users who may do more"},
    {"iam:UpdateAssumeRolePolicy",
     {"sts:AssumeRole", "iam:PassRole", ""},
     "",
     "let itself assume a role that may do more"},
    {"iam:PassRole",
     {"ec2:RunInstances", "lambda:CreateFunction", "ecs:RunTask"},
     "",
     "start a program as any role that the service can assume"},
    {"iam:PassRole",
     {"cloudformation:CreateStack", "glue:CreateJob", "sagemaker:CreateNotebookInstance"},
     "",
     "have a service act as any role that it can assume"},
}};

// A grant without bounds: on every role or user, with no condition that ties it.
const StatementView* unbounded(const Subject& subject, std::string_view action) {
  for (const auto& s : subject.statements) {
    if (!s.allow || s.not_action || s.not_resource || !s.grants(action)) continue;
    if (std::ranges::any_of(s.actions, &ActionUse::everything)) continue;  // all permissions already
    const bool bound = s.any_condition_key([](std::string_view k) {
      return k == "iam:permissionsboundary" || k == "iam:policyarn" || k == "iam:passedtoservice" ||
             k.find("tag/") != std::string_view::npos;
    });
    const bool wide = std::ranges::any_of(s.resources, [&](const ResourceUse& r) {
      if (r.everything || !action.starts_with("iam:")) return true;
      const std::string_view part = r.arn ? r.arn->resource : std::string_view();
      return part == "*" || part.ends_with("role/*") || part.ends_with("user/*") ||
             part.ends_with("policy/*") || part.ends_with("group/*");
    });
    if (!bound && wide) return &s;
  }
  return nullptr;
}

std::uint32_t place_of(const StatementView& s, std::string_view action) {
  for (const ActionUse& use : s.actions) {
    if (use.text.size() < 256 && catalogue::glob_ignoring_case(use.text, action)) return use.scalar->offset;
  }
  return s.source->offset;
}

void escalation(const Subject& subject, Report& report) {
  std::map<std::uint32_t, std::vector<std::string>> ways;
  for (const Climb& climb : kClimbs) {
    const StatementView* first = unbounded(subject, climb.first);
    if (!first) continue;
    const bool alone = climb.second[0].empty();
    std::string_view with;
    for (const std::string_view second : climb.second) {
      if (with.empty() && !second.empty() && unbounded(subject, second)) with = second;
    }
    if ((!alone && with.empty()) || (!climb.third.empty() && !unbounded(subject, climb.third))) continue;
    std::vector<std::string> names = {std::string(climb.first)};
    if (!with.empty()) names.emplace_back(with);
    if (!climb.third.empty()) names.emplace_back(climb.third);
    ways[place_of(*first, climb.first)].push_back("with " + joined(names) + " " + std::string(climb.how));
  }
  for (const auto& [place, how] : ways) {
    std::string others = how.size() > 1 ? ", and has " + std::to_string(how.size() - 1) + " more ways" : "";
    report.add(place,
               "This leads to administration of the account: on everything, the holder can " + how.front() +
                   others + ".",
               "Restrict Resource to names of your own, and add iam:PermissionsBoundary, iam:PolicyARN or "
               "iam:PassedToService as conditions.");
  }
}

// Actions that lift what keeps data from being shared or deleted.
bool guards(std::string_view name) {
  return name.starts_with("Put") &&
         (name.ends_with("Retention") || name.ends_with("LegalHold") || name.ends_with("Acl"));
}

void wildcard_over_permissions(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (!s.allow || s.not_action) continue;
    for (const ActionUse& use : s.actions) {
      // "s3:*" says what it is; "s3:PutObject*" may not be meant to.
      if (!use.service || !use.wildcard || use.name.size() < 3) continue;
      std::size_t count = 0;
      std::vector<std::string> sensitive;
      catalogue::for_each_action(use.text, [&](catalogue::Action a) {
        ++count;
        if ((a.level() == catalogue::Level::permissions || guards(a.name())) && sensitive.size() < 6)
          sensitive.emplace_back(a.name());
        return true;
      });
      for (const std::string_view reading : {"Get", "List", "Describe", "BatchGet"}) {
        if (starts_with_ignoring_case(use.name, reading)) sensitive.clear();
      }
      const std::string_view stem = use.name.substr(0, use.name.find_first_of("*?"));
      if (sensitive.empty() || sensitive.size() == count || stem.find("Policy") != std::string_view::npos)
        continue;
      report.add(use.scalar->offset,
                 quoted(use.text) + " stands for " + std::to_string(count) + " actions, " +
                     joined(sensitive) + " among them, which change who may do what.",
                 "List the actions that are needed.");
    }
  }
}

constexpr Kinds kOnResource = static_cast<Kinds>(bit(Kind::resource) | bit(Kind::key));

constexpr Check kChecks[] = {
    {"PUBLIC_ACCESS", Severity::security_warning, static_cast<Kinds>(kOnResource | kTrust), public_access},
    {"NETWORK_CONDITION_IN_ALLOW", Severity::security_warning, kOnResource, network_alone},
    {"REQUEST_TAG_ON_ALL_ACTIONS", Severity::error, kWithoutPrincipal, request_tag_on_everything},
    {"PRIVILEGE_ESCALATION", Severity::security_warning,
     static_cast<Kinds>(kIdentityLike & ~bit(Kind::boundary)), escalation},
    {"WILDCARD_COVERS_PERMISSIONS", Severity::suggestion, kIdentityLike, wildcard_over_permissions},
};

}  // namespace

std::span<const Check> exposure_checks() { return kChecks; }

}  // namespace gatehouse::policy::lint
