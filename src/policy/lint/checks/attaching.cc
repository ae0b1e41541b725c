// Managed policies named for attaching: some can be attached to nothing, some help nobody but a service.
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/about-managed-policy-reference.html
#include <algorithm>
#include <array>

#include "policy/lint/check.h"

namespace gatehouse::policy::lint {
namespace {

// The policies that a statement lets someone attach.
template <typename Fn>
void each_attached(const Subject& subject, Fn fn) {
  for (const auto& s : subject.statements) {
    for (const ConditionUse& use : s.conditions) {
      if (use.lower_key != "iam:policyarn" || !s.allow || use.parts.negated) continue;
      for (const Scalar& value : use.values()) fn(s, value);
    }
  }
}

// "arn:aws:iam::aws:policy/path/Name" -> "Name"; empty where it is not one of AWS's.
std::string_view managed_name(std::string_view arn) {
  if (arn.find(":iam::aws:policy/") == std::string_view::npos) return {};
  return arn.substr(arn.rfind('/') + 1);
}

// AttachUserPolicy, AttachGroupPolicy and AttachRolePolicy answer PolicyNotAttachable.
void service_linked_policy(const Subject& subject, Report& report) {
  each_attached(subject, [&](const StatementView&, const Scalar& value) {
    const bool linked = value.text.find(":policy/aws-service-role/") != std::string_view::npos ||
                        managed_name(value.text).starts_with("AWSServiceRoleFor");
    if (!linked) return;
    report.add(value.offset,
               quoted(value.text) + " belongs to a service-linked role and can be attached to nothing else.",
               "Grant iam:CreateServiceLinkedRole for the service instead.");
  });
}

struct RolePolicy {
  std::string_view name, whose;
};
constexpr std::array<RolePolicy, 5> kRolePolicies = {
    {{"AmazonEKSClusterPolicy", "the cluster's role"},
     {"AmazonEKSServicePolicy", "the cluster's role"},
     {"AmazonEKSVPCResourceController", "the cluster's role"},
     {"AmazonEKS_CNI_Policy", "the role of the nodes or of the VPC CNI plugin"},
     {"AmazonEKSWorkerNodePolicy", "the nodes' role"}}};

// https://docs.aws.amazon.com/eks/latest/userguide/security-iam-awsmanpol.html
void role_policy_for_people(const Subject& subject, Report& report) {
  each_attached(subject, [&](const StatementView& s, const Scalar& value) {
    if (!s.grants("iam:AttachUserPolicy") && !s.grants("iam:AttachGroupPolicy")) return;
    const auto found = std::ranges::find(kRolePolicies, managed_name(value.text), &RolePolicy::name);
    if (found == kRolePolicies.end() || s.grants("iam:AttachRolePolicy")) return;
    report.add(value.offset,
               std::string(found->name) + " is for " + std::string(found->whose) +
                   ": it lets nobody create or manage a cluster, and gives a person what they do not need.",
               "Grant the eks: actions themselves, such as eks:CreateCluster, and attach this policy to " +
                   std::string(found->whose) + ".");
  });
}

constexpr Check kChecks[] = {
    {"POLICY_NOT_ATTACHABLE", Severity::error, kIdentityLike, service_linked_policy},
    {"ROLE_POLICY_FOR_PEOPLE", Severity::error, kIdentityLike, role_policy_for_people},
};

}  // namespace

std::span<const Check> attaching_checks() { return kChecks; }

}  // namespace gatehouse::policy::lint
