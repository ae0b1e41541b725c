// Facts from the service authorization reference, not from the table.
#include "policy/catalogue/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace gatehouse::policy::catalogue {
namespace {

using testing::Contains;
using testing::IsSupersetOf;
using testing::UnorderedElementsAre;

std::vector<std::string> resource_names(std::string_view action) {
  std::vector<std::string> names;
  const auto found = find_action(action);
  if (!found) return {"no such action"};
  for (std::size_t i = 0; i < found->resource_count(); ++i) names.emplace_back(found->resource(i).name());
  return names;
}

std::vector<std::string> expand(std::string_view pattern) {
  std::vector<std::string> names;
  for_each_action(pattern, [&](Action a) {
    names.push_back(std::string(a.service().prefix()) + ":" + std::string(a.name()));
    return true;
  });
  return names;
}

TEST(Catalogue, FindsActionsWithoutCase) {
  const auto action = find_action("S3:getobject");
  ASSERT_TRUE(action);
  EXPECT_EQ(action->name(), "GetObject");
  EXPECT_EQ(action->service().prefix(), "s3");
  EXPECT_EQ(action->level(), Level::read);
  EXPECT_FALSE(find_action("s3:ListObjects"));
  EXPECT_FALSE(find_action("s4:GetObject"));
  EXPECT_FALSE(find_action("GetObject"));
  EXPECT_FALSE(find_action(""));
  EXPECT_FALSE(find_action(":"));
}

// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
TEST(Catalogue, KnowsResourceTypes) {
  EXPECT_THAT(resource_names("s3:GetObject"), Contains("object"));
  EXPECT_THAT(resource_names("s3:ListBucket"), UnorderedElementsAre("accesspoint", "bucket"));
  EXPECT_EQ(find_action("s3:CreateBucket")->resource(0).arn_formats(), "arn:${Partition}:s3:::${BucketName}");
  EXPECT_TRUE(resource_names("s3:ListAllMyBuckets").empty());
  EXPECT_TRUE(resource_names("ec2:DescribeInstances").empty());
  EXPECT_EQ(resource_names("eks:DescribeNodegroup"), std::vector<std::string>{"nodegroup"});
}

// The page of ELBv2 lists ten types for AddTags; the merged row of the package has the Classic one alone.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html
TEST(Catalogue, LoadBalancerRowsHoldBothGenerations) {
  for (const char* action : {"elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"}) {
    EXPECT_THAT(resource_names(action),
                UnorderedElementsAre("loadbalancer", "listener-rule/app", "listener-rule/net", "listener/app",
                                     "listener/gwy", "listener/net", "loadbalancer/app/", "loadbalancer/gwy/",
                                     "loadbalancer/net/", "targetgroup", "truststore"));
  }
  for (const char* action :
       {"elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:DeleteLoadBalancer"}) {
    EXPECT_THAT(resource_names(action), UnorderedElementsAre("loadbalancer", "loadbalancer/app/",
                                                             "loadbalancer/gwy/", "loadbalancer/net/"));
  }
}

TEST(Catalogue, ExpandsWildcards) {
  EXPECT_THAT(expand("glue:GetDatabase*"), UnorderedElementsAre("glue:GetDatabase", "glue:GetDatabases"));
  EXPECT_THAT(expand("s3:DeleteObject*"), IsSupersetOf({"s3:DeleteObject", "s3:DeleteObjectVersion"}));
  EXPECT_THAT(expand("S3:GETOBJECTACL"), UnorderedElementsAre("s3:GetObjectAcl"));
  EXPECT_EQ(expand("*").size(), action_count());
  EXPECT_EQ(expand("*:*").size(), action_count());
  EXPECT_THAT(expand("sts:Get?allerIdentity"), UnorderedElementsAre("sts:GetCallerIdentity"));
  EXPECT_TRUE(expand("s3*").empty());
  EXPECT_TRUE(expand("nosuch:*").empty());
  EXPECT_TRUE(matches_any_action("iam:*Role"));
  EXPECT_FALSE(matches_any_action("iam:Frob*"));
}

TEST(Catalogue, FindsKeysThroughTheirHoles) {
  EXPECT_EQ(find_key("AWS:RequestTag/iomete.com/managed")->name(), "aws:RequestTag/${TagKey}");
  EXPECT_EQ(find_key("aws:sourceip")->type(), KeyType::ip_address);
  EXPECT_EQ(find_key("s3:ExistingObjectTag/a")->has_tag_hole(), true);
  EXPECT_TRUE(find_key("aws:TagKeys")->multivalued());
  EXPECT_FALSE(find_key("aws:RequestTag/"));
  EXPECT_FALSE(find_key("aws:NoSuchKey"));
  EXPECT_TRUE(find_key("kms:EncryptionContext:AppName"));
  EXPECT_TRUE(is_key_prefix("saml"));
  EXPECT_TRUE(is_key_prefix("token.actions.githubusercontent.com"));
  EXPECT_FALSE(is_key_prefix("nosuch"));
}

// ec2:DescribeInstances supports ec2:Region alone; CreateTags supports request tags.
TEST(Catalogue, KnowsWhichKeysAnActionCarries) {
  const Key request_tag = *find_key("aws:RequestTag/a"), resource_tag = *find_key("aws:ResourceTag/a");
  EXPECT_EQ(find_action("ec2:DescribeInstances")->supports(request_tag), Action::Support::none);
  EXPECT_NE(find_action("ec2:CreateTags")->supports(request_tag), Action::Support::none);
  EXPECT_EQ(find_action("ec2:DescribeInstances")->supports(*find_key("aws:SourceIp")),
            Action::Support::global);
  // The action's own row lacks the key; the resource type has it.
  EXPECT_EQ(find_action("wafv2:DeleteWebACL")->supports(resource_tag), Action::Support::by_resource_type);
}

TEST(Catalogue, NamesWhatWasMeant) {
  EXPECT_EQ(nearest_service("elasticloadbalancingv2")->prefix(), "elasticloadbalancing");
  EXPECT_EQ(nearest_action(*find_service("s3"), "GetObjcet")->name(), "GetObject");
  EXPECT_EQ(nearest_action(*find_service("iam"), "PasRole")->name(), "PassRole");
  EXPECT_EQ(nearest_key("aws:SourceVpcE-")->name(), "aws:SourceVpce");
  EXPECT_FALSE(nearest_action(*find_service("s3"), "Xyzzy"));
  EXPECT_FALSE(nearest_action(*find_service("s3"), std::string(100000, 'a')));
  EXPECT_FALSE(nearest_service(""));
}

TEST(Catalogue, RcpServices) {
  EXPECT_TRUE(find_service("s3")->supports_rcp());
  EXPECT_FALSE(find_service("ec2")->supports_rcp());
}

TEST(Catalogue, LongPatternsTakeBoundedTime) {
  std::string stars = "*:";
  for (int i = 0; i < 200000; ++i) stars += "*a";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_TRUE(expand(stars).empty());
  EXPECT_EQ(expand(std::string(200000, '*')).size(), action_count());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

}  // namespace
}  // namespace gatehouse::policy::catalogue
