// Actions that do not work alone: what a call needs besides, and what a tool that made something asks later.
#include <algorithm>
#include <array>

#include "policy/lint/check.h"
#include "policy/lint/types.h"

namespace gatehouse::policy::lint {
namespace {

struct Companion {
  std::string_view action;
  std::array<std::string_view, 10> needs;
  std::string_view why;
};

// Where the action is spelt out and the policy grants none of, or not all of, what goes with it.
constexpr std::array<Companion, 4> kUsually = {{
    {"elasticloadbalancing:CreateLoadBalancer",
     {"elasticloadbalancing:CreateListener", "elasticloadbalancing:CreateTargetGroup",
      "elasticloadbalancing:CreateRule"},
     "a load balancer without them serves nothing"},
    {"glue:GetPartitions",
     {"glue:GetPartition", "glue:BatchGetPartition", "glue:GetUserDefinedFunctions",
      "lakeformation:GetDataAccess"},
     "engines that read the catalogue call these as well, and lakeformation:GetDataAccess where Lake "
     "Formation governs the tables"},
    {"s3:DeleteObjectVersion",
     {"s3:ListBucketVersions", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts",
      "s3:GetBucketLocation"},
     "writing to and clearing a versioned bucket uses them"},
    {"kinesis:GetRecords", {"kinesis:GetShardIterator"}, "records are read through a shard iterator"},
}};

// Policies for an installer: they create something, tag or delete it, and cannot look at it in between.
constexpr std::array<Companion, 5> kLifecycle = {{
    {"kms:CreateKey",
     {"kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags",
      "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:EnableKeyRotation", "kms:CreateGrant"},
     "a key"},
    {"iam:CreateRole", {"iam:UpdateAssumeRolePolicy", "iam:UntagRole"}, "a role"},
    {"iam:CreatePolicy", {"iam:CreatePolicyVersion", "iam:DeletePolicyVersion"}, "a policy"},
    {"iam:CreateOpenIDConnectProvider", {"iam:UpdateOpenIDConnectProviderThumbprint"}, "an OIDC provider"},
    {"eks:CreateNodegroup",
     {"eks:UpdateNodegroupVersion", "eks:CreateAccessEntry", "eks:AssociateAccessPolicy"},
     "a cluster with its nodes"},
}};

bool granted(const Subject& subject, std::string_view action) {
  return std::ranges::any_of(subject.statements,
                             [&](const StatementView& s) { return s.allow && s.grants(action); });
}

const ActionUse* named(const Subject& subject, std::string_view action) {
  for (const auto& s : subject.statements) {
    if (!s.allow || s.not_action) continue;
    for (const ActionUse& use : s.actions) {
      if (equal_ignoring_case(use.text, action)) return &use;
    }
  }
  return nullptr;
}

std::vector<std::string> missing(const Subject& subject, const Companion& c) {
  std::vector<std::string> names;
  for (const std::string_view need : c.needs) {
    if (!need.empty() && !granted(subject, need)) names.emplace_back(need);
  }
  return names;
}

void usually_together(const Subject& subject, Report& report) {
  for (const Companion& c : kUsually) {
    const ActionUse* use = named(subject, c.action);
    const auto names = use ? missing(subject, c) : std::vector<std::string>();
    if (!names.empty())
      report.add(
          use->scalar->offset,
          std::string(use->text) + " is granted without " + joined(names) + ": " + std::string(c.why) + ".",
          "Add what is needed, unless another policy grants it.");
  }
}

void lifecycle(const Subject& subject, Report& report) {
  for (const Companion& c : kLifecycle) {
    const ActionUse* use = named(subject, c.action);
    if (!use) continue;
    // Only of what installs a whole platform, cluster and roles; a policy with one create action is no
    // installer.
    if (!named(subject, "eks:CreateCluster") || !named(subject, "iam:CreateRole") ||
        !named(subject, "iam:PassRole"))
      continue;
    const auto names = missing(subject, c);
    if (!names.empty()) {
      report.add(use->scalar->offset,
                 "Terraform creates, refreshes and destroys " + std::string(c.why) +
                     " with more than this: " + joined(names) + (names.size() == 1 ? " is" : " are") +
                     " missing.",
                 "Add the actions; the first refresh or change fails with AccessDenied otherwise.");
    }
  }
}

void service_linked_role(const Subject& subject, Report& report) {
  struct Needs {
    std::string_view action, service;
  };
  constexpr std::array<Needs, 2> kNeeds = {
      {{"eks:CreateCluster", "eks.amazonaws.com"}, {"eks:CreateNodegroup", "eks-nodegroup.amazonaws.com"}}};
  if (!named(subject, "iam:CreateRole") || granted(subject, "iam:CreateServiceLinkedRole")) return;
  for (const Needs& n : kNeeds) {
    if (const ActionUse* use = named(subject, n.action)) {
      report.add(use->scalar->offset,
                 "In an account that never had one, " + std::string(n.action) +
                     " makes the service-linked role of " + std::string(n.service) +
                     ", and iam:CreateServiceLinkedRole is not granted.",
                 "Allow iam:CreateServiceLinkedRole with \"StringEquals\": {\"iam:AWSServiceName\": \"" +
                     std::string(n.service) + "\"}.");
    }
  }
}

// kms:CreateAlias and kms:DeleteAlias are decided on the alias and on the key.
void alias_and_key(const Subject& subject, Report& report) {
  for (const auto& s : subject.statements) {
    if (!s.allow || s.not_action || s.not_resource || s.everything_as_resource()) continue;
    for (const std::string_view action : {"kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"}) {
      if (!s.names(action)) continue;
      auto covers = [&](std::string_view start) {
        return std::ranges::any_of(subject.statements, [&](const StatementView& other) {
          return other.allow && other.grants(action) &&
                 std::ranges::any_of(other.resources, [&](const ResourceUse& r) {
                   return r.everything || !r.arn || r.arn->resource.starts_with(start) ||
                          r.arn->resource.starts_with('*');
                 });
        });
      };
      if (covers("alias/") && covers("key/")) continue;
      report.add(
          s.source->resource.offset,
          std::string(action) + " is decided on the alias and on the key, and only one of them is here.",
          "List arn:aws:kms:REGION:ACCOUNT:alias/NAME and the key's ARN.");
    }
  }
}

// Creating with tags also asks for the action that adds tags.
struct Tagging {
  std::string_view create, tag, create_action_key;
};
constexpr std::array<Tagging, 6> kTagging = {{
    {"elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:AddTags",
     "elasticloadbalancing:createaction"},
    {"elasticloadbalancing:CreateTargetGroup", "elasticloadbalancing:AddTags",
     "elasticloadbalancing:createaction"},
    {"ec2:RunInstances", "ec2:CreateTags", "ec2:createaction"},
    {"ec2:CreateSecurityGroup", "ec2:CreateTags", "ec2:createaction"},
    {"ec2:CreateVolume", "ec2:CreateTags", "ec2:createaction"},
    {"ec2:CreateSnapshot", "ec2:CreateTags", "ec2:createaction"},
}};

bool asks_presence(const ConditionUse& use) {
  if (use.parts.family != OperatorParts::Family::null) return !use.parts.negated && !use.parts.if_exists;
  return std::ranges::any_of(use.values(), [](const Scalar& v) { return v.text == "false"; });
}

std::vector<std::string> tags_sent(const StatementView& create) {
  std::vector<std::string> tags;
  for (const ConditionUse& use : create.conditions) {
    if (use.lower_key.starts_with("aws:requesttag/") && asks_presence(use)) tags.push_back(use.lower_key);
  }
  return tags;
}

// Why a grant of the tagging action does not hold for a resource that is just being made; empty if it holds.
std::string obstacle(const StatementView& grant, const Tagging& t, const std::vector<std::string>& sent) {
  for (const ConditionUse& use : grant.conditions) {
    if (use.lower_key.starts_with("aws:requesttag/") && asks_presence(use) &&
        std::ranges::find(sent, use.lower_key) == sent.end()) {
      return "needs the tag " + quoted(use.entry->key.substr(15)) + " in the request as well";
    }
    if (use.lower_key.starts_with("aws:requesttag/") && !asks_presence(use) &&
        use.parts.family == OperatorParts::Family::null &&
        std::ranges::find(sent, use.lower_key) != sent.end()) {
      return "forbids the tag " + quoted(use.entry->key.substr(15));
    }
    const bool of_resource = use.lower_key.find(":resourcetag/") != std::string::npos;
    if (of_resource && asks_presence(use)) return "needs a tag that what is just being made has not";
    if (use.lower_key == t.create_action_key && !use.parts.negated) {
      const std::string_view name = t.create.substr(t.create.find(':') + 1);
      if (std::ranges::none_of(use.values(), [&](const Scalar& v) {
            return catalogue::glob_ignoring_case(v.text.substr(0, 128), name);
          }))
        return "is for other calls than " + std::string(name);
    }
  }
  return {};
}

void tag_on_create(const Subject& subject, Report& report) {
  TypeMatcher matcher;
  for (const Tagging& t : kTagging) {
    const auto create = catalogue::find_action(t.create);
    for (const auto& s : subject.statements) {
      const auto sent = tags_sent(s);
      if (!create || !s.allow || !s.names(t.create) || sent.empty()) continue;
      std::vector<std::string> reasons;
      bool held = false;
      for (const auto& grant : subject.statements) {
        if (!grant.allow || !grant.grants(t.tag)) continue;
        const bool reaches =
            grant.not_resource || std::ranges::any_of(grant.resources, [&](const ResourceUse& r) {
              return matcher.fits(r, *create) != Fit::no;
            });
        if (!reaches) continue;
        const std::string why = obstacle(grant, t, sent);
        held = held || why.empty();
        if (!why.empty())
          reasons.push_back("that in statement " + std::to_string(grant.index + 1) + " " + why);
      }
      if (held) continue;
      const auto use = std::ranges::find_if(
          s.actions, [&](const ActionUse& a) { return equal_ignoring_case(a.text, t.create); });
      report.add(use->scalar->offset,
                 "The tags that this asks for are added by " + std::string(t.tag) +
                     ", which is not granted for it" + (reasons.empty() ? "." : ": " + joined(reasons) + "."),
                 "Allow " + std::string(t.tag) + " on what is created, with \"StringEquals\": {\"" +
                     std::string(t.tag.substr(0, t.tag.find(':'))) + ":CreateAction\": \"" +
                     std::string(t.create.substr(t.create.find(':') + 1)) + "\"}.");
    }
  }
}

constexpr Check kChecks[] = {
    {"COMPANION_MISSING", Severity::suggestion, kIdentityLike, usually_together},
    {"LIFECYCLE_INCOMPLETE", Severity::error, bit(Kind::identity), lifecycle},
    {"SERVICE_LINKED_ROLE_MISSING", Severity::error, bit(Kind::identity), service_linked_role},
    {"ALIAS_WITHOUT_KEY", Severity::suggestion, kIdentityLike, alias_and_key},
    {"TAG_ON_CREATE_NOT_GRANTED", Severity::error, bit(Kind::identity), tag_on_create},
};

}  // namespace

std::span<const Check> companion_checks() { return kChecks; }

}  // namespace gatehouse::policy::lint
