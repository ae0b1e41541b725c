#include "wire/model.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "model/ec2.h"
#include "model/iam.h"
#include "model/s3.h"
#include "model/sts.h"

namespace gatehouse::wire {
namespace {

const MemberModel* member(const Shape& shape, std::string_view name) {
  for (const MemberModel& m : shape.members) {
    if (m.name == name) return &m;
  }
  return nullptr;
}

TEST(Model, HoldsTheServicesSortedById) {
  std::vector<std::string> ids;
  for (const ServiceModel* s : services()) ids.emplace_back(s->id);
  EXPECT_EQ(ids, (std::vector<std::string>{"cloudtrail", "ec2", "eks", "eks-auth", "iam", "kms",
                                           "organizations", "s3", "s3control", "sts"}));
  EXPECT_EQ(find_service("sqs"), nullptr);
  EXPECT_EQ(find_service("sts")->version, "2011-06-15");
  EXPECT_EQ(find_service("sts")->protocol, Protocol::query);
  EXPECT_EQ(find_service("eks")->endpoint_prefix, "eks");
}

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
TEST(Model, KnowsWhatCreateRoleNeeds) {
  const ServiceModel& iam = *find_service("iam");
  const OperationModel* create = iam.find("CreateRole");
  ASSERT_NE(create, nullptr);
  std::set<std::string_view> required;
  for (const MemberModel& m : iam.shape(create->input).members) {
    if (m.required) required.insert(m.name);
  }
  EXPECT_EQ(required, (std::set<std::string_view>{"RoleName", "AssumeRolePolicyDocument"}));
  EXPECT_EQ(iam.find("CreateRoles"), nullptr);
  EXPECT_EQ(iam.find_error("NoSuchEntity")->http_error, 404);
  EXPECT_EQ(iam.find_error("DeleteConflict")->http_error, 409);
}

TEST(Model, GivesEqualNamesEqualIdsInAllServices) {
  EXPECT_EQ(model::iam::Tags, model::ec2::Tags);
  EXPECT_EQ(model::sts::Policy, model::s3::Policy);
  EXPECT_EQ(member_name(model::iam::RoleName), "RoleName");
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
TEST(Model, BindsS3MembersToPathQueryHeadersAndPayload) {
  const ServiceModel& s3 = *find_service("s3");
  const OperationModel* put = s3.find("PutObject");
  EXPECT_EQ(put->method, "PUT");
  EXPECT_EQ(put->uri, "/{Bucket}/{Key+}?x-id=PutObject");
  const Shape& input = s3.shape(put->input);
  EXPECT_EQ(member(input, "Bucket")->location, Location::label);
  EXPECT_EQ(member(input, "ACL")->wire_name, "x-amz-acl");
  EXPECT_EQ(member(input, "Metadata")->location, Location::prefix_headers);
  EXPECT_EQ(member(input, "Body")->location, Location::payload);
  EXPECT_TRUE(member(input, "Body")->streaming);
  EXPECT_EQ(s3.find("DeleteObject")->status, 204);
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html
TEST(Model, TellsEc2RequestNamesFromAnswerNames) {
  const ServiceModel& ec2 = *find_service("ec2");
  const Shape& input = ec2.shape(ec2.find("DescribeSubnets")->input);
  EXPECT_EQ(member(input, "Filters")->query_name, "Filter");
  const Shape& output = ec2.shape(ec2.find("DescribeSubnets")->output);
  EXPECT_EQ(member(output, "Subnets")->wire_name, "subnetSet");
  EXPECT_EQ(ec2.shape(member(output, "Subnets")->shape).element_name, "item");
}

TEST(Model, ReferencesOnlyShapesThatExist) {
  for (const ServiceModel* service : services()) {
    for (const Shape& shape : service->shapes) {
      EXPECT_LT(shape.element, service->shapes.size());
      for (const MemberModel& m : shape.members) {
        EXPECT_LT(m.shape, service->shapes.size());
        EXPECT_EQ(member_name(m.member), m.name);
      }
    }
  }
}

}  // namespace
}  // namespace gatehouse::wire
