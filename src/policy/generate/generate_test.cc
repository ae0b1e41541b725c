#include "policy/generate/generate.h"

#include <gtest/gtest.h>

#include <array>

#include "base/json.h"
#include "policy/policy.h"

namespace gatehouse::policy {
namespace {

std::string compact(const std::string& text) { return json::dump(*json::parse(text)); }

TEST(Generate, ActionsOnTheSameResourcesShareAStatement) {
  const std::array used = {
      Used{"s3:GetObject", "arn:aws:s3:::lake/a"}, Used{"s3:PutObject", "arn:aws:s3:::lake/a"},
      Used{"s3:GetObject", "arn:aws:s3:::lake/a"}, Used{"s3:ListBucket", "arn:aws:s3:::lake"}};
  EXPECT_EQ(
      compact(smallest_policy(used)),
      R"({"Version":"2012-10-17","Statement":[)"
      R"({"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::lake"},)"
      R"({"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::lake/a"}]})");
}

TEST(Generate, ManyObjectsBecomeTheirFolderAndNeverMoreThanTheBucket) {
  std::vector<Used> used;
  for (int i = 0; i < 100; ++i)
    used.push_back({"s3:PutObject", "arn:aws:s3:::lake/raw/" + std::to_string(i)});
  for (int i = 0; i < 3; ++i) used.push_back({"s3:PutObject", "arn:aws:s3:::lake/out/" + std::to_string(i)});
  EXPECT_EQ(compact(smallest_policy(used)),
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":[)"
            R"("arn:aws:s3:::lake/out/0","arn:aws:s3:::lake/out/1","arn:aws:s3:::lake/out/2",)"
            R"("arn:aws:s3:::lake/raw/*"]}]})");
  for (int i = 0; i < 100; ++i)
    used.push_back({"s3:PutObject", "arn:aws:s3:::lake/day-" + std::to_string(i) + "/x"});
  EXPECT_NE(smallest_policy(used).find("arn:aws:s3:::lake/day-5/x"), std::string::npos)
      << "a hundred folders of one object each are not one folder";
}

TEST(Generate, AnActionWithoutResourcesStandsOnAStar) {
  const std::array used = {Used{"s3:ListAllMyBuckets", "arn:aws:s3:::*"}, Used{"ec2:DescribeVpcs", "*"}};
  EXPECT_EQ(compact(smallest_policy(used)),
            R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
            R"("Action":["ec2:DescribeVpcs","s3:ListAllMyBuckets"],"Resource":"*"}]})");
}

// Whatever was used is allowed by the policy made of it.
TEST(Generate, WhatWasDoneIsAllowed) {
  std::vector<Used> used;
  for (int i = 0; i < 40; ++i) {
    used.push_back(
        {"s3:GetObject", "arn:aws:s3:::lake/p" + std::to_string(i % 3) + "/k" + std::to_string(i)});
    used.push_back({"iam:GetRole", "arn:aws:iam::123456789012:role/r" + std::to_string(i)});
  }
  const auto compiled = compile(smallest_policy(used), Kind::identity);
  ASSERT_TRUE(compiled) << compiled.error().message;
  const Compiled* identity[] = {compiled->get()};
  PolicyView view;
  view.identity = identity;
  const Context context;
  for (const Used& u : used) {
    Request request;
    request.principal = {
        PrincipalType::user, "123456789012", "arn:aws:iam::123456789012:user/ana", "", "", ""};
    request.action = u.action;
    request.resource = u.resource;
    request.resource_account = "123456789012";
    request.context = &context;
    EXPECT_TRUE(decide(request, view).allowed()) << u.action << " on " << u.resource;
  }
}

TEST(Generate, BeyondNamesWhatWasGrantedAndNotUsed) {
  const std::array<std::string, 1> documents = {
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:SendMessage","sqs:ReceiveMessage"],)"
      R"("Resource":"*"},{"Effect":"Deny","Action":"s3:*","Resource":"*"}]})"};
  const std::array used = {Used{"sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:q"}};
  const auto found = beyond(documents, used);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].service, "sqs");
  EXPECT_EQ(found[0].granted, 2U);
  EXPECT_EQ(found[0].unused, std::vector<std::string>{"sqs:ReceiveMessage"});
}

}  // namespace
}  // namespace gatehouse::policy
