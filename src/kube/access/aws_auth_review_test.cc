#include "kube/access/aws_auth_review.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace gatehouse::kube {
namespace {

json::object roles(std::string_view text) { return {{"mapRoles", text}}; }

AwsAuthReview review(const json::object& after, std::string_view bound = "") {
  return review_aws_auth(nullptr, &after, [&](std::string_view user) { return user == bound; });
}

bool says(const AwsAuthReview& review, std::string_view part) {
  return std::any_of(review.findings.begin(), review.findings.end(),
                     [&](const AwsAuthFinding& f) { return f.text().find(part) != std::string::npos; });
}

std::string entry(std::string_view arn, std::string_view rest) {
  return "- rolearn: " + std::string(arn) + "\n" + std::string(rest);
}

constexpr std::string_view kNodeGroups = "  groups: [system:bootstrappers, system:nodes]\n";
constexpr std::string_view kNodeRole = "arn:aws:iam::123456789012:role/nodes";

// What EKS itself writes for a node group.
TEST(AwsAuthReview, HasNothingAgainstAGoodMapping) {
  const std::string text =
      entry(kNodeRole, "  username: system:node:{{EC2PrivateDNSName}}\n") + std::string(kNodeGroups);
  EXPECT_TRUE(review(roles(text)).findings.empty());
}

// The page's updated ConfigMap: its second entry stands under the first one's members.
TEST(AwsAuthReview, ReadsTheYamlInside) {
  const auto found =
      review(roles("- groups:\n  - system:nodes\n  rolearn: arn:aws:iam::1234567890:role/a\n"
                   "  username: system:node:{{EC2PrivateDNSName}}\n  - rolearn: b\n    username: c\n"));
  ASSERT_EQ(found.findings.size(), 1U);
  EXPECT_TRUE(says(found, "mapRoles is not a YAML list"));
  EXPECT_TRUE(says(found, "all of it is ignored"));
}

TEST(AwsAuthReview, KnowsWhichArnsNeverMatch) {
  const auto arn = [](std::string_view text) {
    return review(roles(entry(text, "  username: u\n  groups: [g]\n")));
  };
  EXPECT_TRUE(says(arn("<CROSS_ACCOUNT_ROLE>"), "placeholder"));
  EXPECT_TRUE(says(arn("arn:aws:iam::1234567890:role/a"), "has 10 characters"));
  EXPECT_TRUE(says(arn("arn:aws:iam::123456789012:instance-profile/a"), "but a instance-profile"));
  EXPECT_TRUE(says(arn("arn:aws:sts::123456789012:assumed-role/a/s"), "but a assumed-role"));
  EXPECT_TRUE(says(arn("arn:aws:iam::123456789012:role/team/a"), "write arn:aws:iam::123456789012:role/a"));
  EXPECT_TRUE(says(arn("nonsense"), "is not an ARN"));
  EXPECT_TRUE(says(review(roles("- role_arn: arn:aws:iam::123456789012:role/a\n")),
                   "has role_arn where EKS reads rolearn"));
}

TEST(AwsAuthReview, KnowsWhatNodesNeed) {
  const auto masters = review(
      roles(entry(kNodeRole, "  username: system:node:{{EC2PrivateDNSName}}\n  groups: [system:masters]\n")));
  EXPECT_TRUE(says(masters, "administers the cluster"));
  EXPECT_TRUE(says(masters, "lacks the group system:bootstrappers"));
  const auto spaced = review(roles(entry(
      kNodeRole, "  username: \"system:node: {{EC2PrivateDNSName}}\"\n  groups: [\"system: nodes\"]\n")));
  EXPECT_TRUE(says(spaced, "is not \"system:nodes\""));
  EXPECT_TRUE(says(spaced, "is not \"system:node:{{EC2PrivateDNSName}}\""));
  const auto unquoted = review(roles(entry(kNodeRole, "  username: u\n  groups:\n  - system: nodes\n")));
  EXPECT_TRUE(says(unquoted, "YAML reads as a map"));
}

TEST(AwsAuthReview, AUserWithoutGroupsNeedsABinding) {
  const json::object data =
      roles(entry("arn:aws:iam::123456789012:role/vendor", "  username: e6data-w1-user\n"));
  EXPECT_TRUE(says(review(data), "no binding"));
  EXPECT_TRUE(review(data, "e6data-w1-user").findings.empty());
}

TEST(AwsAuthReview, TellsWhoIsLockedOut) {
  const std::string nodes =
      entry(kNodeRole, "  username: system:node:{{EC2PrivateDNSName}}\n") + std::string(kNodeGroups);
  const json::object before{{"mapRoles", nodes}, {"mapAccounts", "- \"123456789012\"\n"}};
  const auto nobody = [](std::string_view) { return false; };
  const json::object after = roles("not: [a list");
  const auto found = review_aws_auth(&before, &after, nobody);
  EXPECT_EQ(found.lost, (std::vector<std::string>{std::string(kNodeRole), "123456789012"}));
  EXPECT_TRUE(says(found, "its nodes will be NotReady"));
  EXPECT_EQ(review_aws_auth(&before, nullptr, nobody).lost.size(), 2U);
  EXPECT_TRUE(review_aws_auth(&before, &before, nobody).lost.empty());
}

}  // namespace
}  // namespace gatehouse::kube
