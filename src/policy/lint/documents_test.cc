// The documents' own text, and what a reader of them must be told: the finding, its line, its fix.
// The M-numbers are those of the list of mistakes that these documents hold.
#include <gtest/gtest.h>

#include <set>

#include "policy/lint/lint_test.h"

namespace gatehouse::policy::lint {
namespace {

struct Expected {
  std::string_view number, file;
  std::optional<Kind> kind;
  std::string_view code;
  int line;
  std::string_view says;  // in the message or in the help
};

constexpr Expected kExpected[] = {
    {"M1", "e6data/s3-read.json", {}, "INVALID_ACTION", 21, "Listing a bucket's objects is s3:ListBucket"},
    {"M1", "e6data/s3-read-write.json", {}, "INVALID_ACTION", 22, "remove s3:ListObjects"},
    {"M2", "e6data/unload.json", {}, "ACTION_NEVER_MATCHES_RESOURCE", 4, "Drop the slash"},
    {"M3", "e6data/eks-access.json", {}, "PLACEHOLDER_IN_WRONG_PLACE", 16, "${ClusterName}"},
    {"M4",
     "e6data/eks-access.json",
     {},
     "RESOURCE_OF_OTHER_TYPE",
     17,
     "nodegroup/${ClusterName}/${NodegroupName}/${UUID}"},
    {"M5", "e6data/eks-access.json", {}, "ACTION_NEEDS_STAR", 39, "\"Resource\": \"*\""},
    {"M5", "e6data/eks-access.json", {}, "ACTION_CASE", 39, "elasticloadbalancing:SetWebAcl"},
    {"M6",
     "e6data/eks-access.json",
     {},
     "TAG_ON_CREATE_NOT_GRANTED",
     46,
     "needs the tag \"elbv2.k8s.aws/cluster\""},
    {"M7",
     "e6data/eks-access.json",
     {},
     "COMPANION_MISSING",
     46,
     "elasticloadbalancing:CreateListener, elasticloadbalancing:CreateTargetGroup and "
     "elasticloadbalancing:CreateRule"},
    {"M8", "e6data/eks-access.json", {}, "RESOURCE_TAG_ON_CREATION", 138, "wafv2:CreateIPSet"},
    {"M8", "e6data/eks-access.json", {}, "RESOURCE_TAG_BY_TYPE", 133, "wafv2:AssociateWebACL"},
    {"M9", "e6data/glue-read.json", {}, "COMPANION_MISSING", 10, "glue:GetPartition, glue:BatchGetPartition"},
    {"M10",
     "e6data/s3-read-write.json",
     {},
     "COMPANION_MISSING",
     19,
     "s3:ListBucketVersions, s3:AbortMultipartUpload, s3:ListMultipartUploadParts and s3:GetBucketLocation"},
    {"M11", "iomete/tag-policy.json", {}, "JSON_SYNTAX_ERROR", 6, "no comments"},
    {"M12", "e6data/s3-read.json", {}, "JSON_SYNTAX_ERROR", 11, "\"...\""},
    {"M13", "flyte/workers-trust-before.json", {}, "JSON_SYNTAX_ERROR", 1, "outer braces are missing"},
    {"M13", "flyte/workers-trust-after.json", {}, "JSON_SYNTAX_ERROR", 1, "}]}"},
    {"M14",
     "iomete/tag-policy.json",
     {},
     "UNSUPPORTED_ACTION_FOR_CONDITION_KEY",
     10,
     "ec2:DescribeInstances"},
    {"M15", "iomete/tag-policy.json", {}, "UNSUPPORTED_ACTION_FOR_CONDITION_KEY", 10, "aws:ResourceTag"},
    {"M15", "iomete/scp.json", Kind::identity, "REQUEST_TAG_ON_ALL_ACTIONS", 11,
     "Use aws:ResourceTag for what exists"},
    {"M16", "iomete/scp.json", Kind::scp, "REQUEST_TAG_ON_ALL_ACTIONS", 11, "FullAWSAccess"},
    {"M17",
     "iomete/managed-policies.json",
     {},
     "POLICY_NOT_ATTACHABLE",
     16,
     "Grant iam:CreateServiceLinkedRole"},
    {"M18", "iomete/managed-policies.json", {}, "ROLE_POLICY_FOR_PEOPLE", 12, "Grant the eks: actions"},
    {"M18", "iomete/managed-policies.json", {}, "ROLE_POLICY_FOR_PEOPLE", 15, "the nodes"},
    {"M19", "iomete/permissions.json", {}, "SERVICE_LINKED_ROLE_MISSING", 36, "eks.amazonaws.com"},
    {"M19", "iomete/permissions.json", {}, "SERVICE_LINKED_ROLE_MISSING", 43, "eks-nodegroup.amazonaws.com"},
    {"M20", "iomete/permissions.json", {}, "LIFECYCLE_INCOMPLETE", 34, "kms:DescribeKey"},
    {"M20", "iomete/permissions.json", {}, "LIFECYCLE_INCOMPLETE", 7, "iam:UpdateAssumeRolePolicy"},
    {"M22", "iomete/permissions.json", {}, "PRIVILEGE_ESCALATION", 7, "iam:PermissionsBoundary"},
    {"M25", "streamsets/policy.json", {}, "MIXED_RESOURCE_TYPES", 8, "Harmless"},
    {"M25", "flyte/policy.json", {}, "MIXED_RESOURCE_TYPES", 7, "Harmless"},
    {"M26",
     "flyte/policy.json",
     {},
     "WILDCARD_COVERS_PERMISSIONS",
     10,
     "PutObjectAcl, PutObjectLegalHold, PutObjectRetention"},
    {"M27", "e6data/engine-trust.json", {}, "OIDC_AUDIENCE_MISSING", 13, "sts.amazonaws.com"},
    {"M27", "streamsets/trust.json", {}, "OIDC_AUDIENCE_MISSING", 7, "50DCD1E10C8BAD2EC2B3E0E84647098C:aud"},
    {"M28",
     "flyte/system-trust.json",
     {},
     "OIDC_ISSUER_MISMATCH",
     12,
     "oidc.eks.<region-code>.amazonaws.com/id/<UUID-OIDC>:sub"},
    {"M28", "flyte/workers-trust-after.json", {}, "OIDC_ISSUER_MISMATCH", 12, "the condition is false"},
    {"M29", "flyte/workers-trust-after.json", {}, "OIDC_SUBJECT_OPEN", 12, "kube-system"},
    {"M29", "flyte/workers-trust-after.json", {}, "OIDC_LIKE_NEEDLESS", 11, "StringEquals"},
    {"M31", "e6data/cross-account-trust.json", {}, "TRUST_IN_WHOLE_ACCOUNT", 8, "Name the role"},
    {"M31", "e6data/cross-account-trust.json", {}, "SESSION_TAGS_NOT_GRANTED", 6, "sts:TagSession"},
    {"M31", "e6data/cross-account-trust.json", {}, "EXTERNAL_ID_WEAK", 12, "placeholder"},
    {"M35", "e6data/engine-trust.json", {}, "PLACEHOLDER_LEFT", 9, "<OIDC_PROVIDER_SUFFIX>"},
    {"M35",
     "e6data/eks-access.json",
     {},
     "PLACEHOLDER_LEFT",
     16,
     "<AWS_ACCOUNT_ID> is a placeholder, left in 12 places"},
    {"M35", "streamsets/trust.json", {}, "COPIED_ID", 7, "501672548510"},
    {"M35", "flyte/workers-trust-after.json", {}, "COPIED_ID", 6, "66CBAF563FD1438BC98F1EF39FF8DACD"},
    {"M40", "e6data/privatelink-bucket.json", {}, "NETWORK_CONDITION_IN_ALLOW", 7, "locked out"},
};

TEST(Documents, EveryMistakeIsFoundWithItsLineAndItsFix) {
  for (const Expected& e : kExpected) {
    const std::string text = data_file("documents/" + std::string(e.file));
    ASSERT_FALSE(text.empty()) << e.file;
    const auto findings = findings_of(text, e.kind);
    const bool found = std::ranges::any_of(findings, [&](const Finding& f) {
      return f.code == e.code && f.line == e.line &&
             (f.message + " " + f.help).find(e.says) != std::string::npos;
    });
    EXPECT_TRUE(found) << e.number << " " << e.file << "\n" << render_text(e.file, text, findings);
  }
}

// docs/mistakes.md numbers them. M23 is a sentence that only a person can judge; M21, M24, M30 and M32 have
// tests of their own below.
TEST(Documents, EveryNumberIsCovered) {
  std::set<std::string, std::less<>> covered = {"M21", "M23", "M24", "M30", "M32"};
  for (const Expected& e : kExpected) covered.emplace(e.number);
  for (int n = 1; n <= 32; ++n) EXPECT_TRUE(covered.contains("M" + std::to_string(n))) << n;
  EXPECT_TRUE(covered.contains("M35"));
}

// The catalogue's merged rows would have these statements refused; ELBv2's own page has all these types.
TEST(Documents, LoadBalancerTagStatementsAreRight) {
  const auto findings = findings_of(data_file("documents/e6data/eks-access.json"));
  for (const Finding& f : findings) {
    EXPECT_NE(f.code, "ACTION_NEVER_MATCHES_RESOURCE") << f.line << " " << f.message;
    EXPECT_NE(f.code, "INVALID_ARN_RESOURCE") << f.line << " " << f.message;
    EXPECT_TRUE(f.code != "RESOURCE_OF_OTHER_TYPE" || f.line == 17) << f.line << " " << f.message;
    EXPECT_FALSE(f.line > 68 && f.line < 112 && f.severity == Severity::error) << f.line << " " << f.message;
  }
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

// M32: the page says to replace <UNLOAD_BUCKET> by the bucket's ARN.
TEST(Documents, AnArnWhereANameBelongs) {
  const auto findings = findings_of(
      replaced(data_file("documents/e6data/unload.json"), "<UNLOAD_BUCKET>", "arn:aws:s3:::results"));
  ASSERT_TRUE(find(findings, "ARN_INSIDE_ARN")) << codes(findings);
  EXPECT_EQ(find(findings, "ARN_INSIDE_ARN")->line, 6);
}

// M30: the page names the audience sts.amazon.com.
TEST(Documents, AnAudienceThatDoesNotExist) {
  const std::string sub =
      R"("oidc.eks.us-west-2.amazonaws.com/id/50DCD1E10C8BAD2EC2B3E0E84647098C:sub": "system:serviceaccount:ns1:sdc")";
  const auto findings = findings_of(replaced(
      data_file("documents/streamsets/trust.json"), sub,
      R"("oidc.eks.us-west-2.amazonaws.com/id/50DCD1E10C8BAD2EC2B3E0E84647098C:aud": "sts.amazon.com")"));
  ASSERT_TRUE(find(findings, "OIDC_AUDIENCE_MISSPELT")) << codes(findings);
  EXPECT_EQ(find(findings, "OIDC_AUDIENCE_MISSPELT")->line, 12);
}

// M21: the page's rows for key aliases, once a reader narrows them to aliases.
TEST(Documents, AnAliasIsMadeOfAnAliasAndAKey) {
  const auto findings =
      findings_of(replaced(data_file("documents/iomete/permissions.json"), R"("Resource": "*")",
                           R"("Resource": "arn:aws:kms:us-east-1:111122223333:alias/iomete")"));
  const Finding* finding = find(findings, "ALIAS_WITHOUT_KEY");
  ASSERT_TRUE(finding) << codes(findings);
  EXPECT_EQ(finding->line, 59);
  EXPECT_NE(finding->help.find("key"), std::string::npos) << finding->help;
}

// M24: the page's text gives the tag as "iomete.com/managed": true, its policies as "true".
TEST(Documents, ATagsValueIsText) {
  const auto findings = findings_of(
      replaced(data_file("documents/iomete/scp.json"), R"(managed": "true")", R"(managed": true)"));
  ASSERT_TRUE(find(findings, "TAG_VALUE_NOT_STRING")) << codes(findings);
  EXPECT_EQ(find(findings, "TAG_VALUE_NOT_STRING")->line, 11);
}

// What ELB asked for since 2023, and the controller's policy of 2020 lacks.
TEST(Documents, TheOldLoadBalancerControllerCannotTagWhatItCreates) {
  EXPECT_TRUE(find(findings_of(data_file("policies/aws-load-balancer-controller-2.1.json")),
                   "TAG_ON_CREATE_NOT_GRANTED"));
  EXPECT_FALSE(find(findings_of(data_file("policies/vendors/aws-load-balancer-controller.json")),
                    "TAG_ON_CREATE_NOT_GRANTED"));
}

}  // namespace
}  // namespace gatehouse::policy::lint
