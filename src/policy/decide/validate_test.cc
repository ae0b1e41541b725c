#include "policy/decide/validate.h"

#include <gtest/gtest.h>

namespace gatehouse::policy {
namespace {

std::string refused(std::string_view text, Kind kind = Kind::identity) {
  const auto result = compile(text, kind);
  if (result) return "";
  EXPECT_EQ(result.error().code, "MalformedPolicyDocument");
  EXPECT_EQ(result.error().status, 400);
  return result.error().message;
}

std::string statement(std::string_view inside, Kind kind = Kind::identity) {
  return refused("{\"Version\":\"2012-10-17\",\"Statement\":[{" + std::string(inside) + "}]}", kind);
}

struct Refusal {
  std::string_view inside, message;
};

// What IAM answers to CreatePolicy and PutUserPolicy.
TEST(Validate, IdentityPolicies) {
  const Refusal cases[] = {
      {R"("Effect":"Allow","Resource":"*")", "Policy statement must contain actions."},
      {R"("Effect":"Allow","Action":[],"Resource":"*")", "Policy statement must contain actions."},
      {R"("Effect":"Allow","Action":"s3:GetObject")", "Policy statement must contain resources."},
      {R"("Effect":"Allow","Action":"s3:GetObject","Resource":[])",
       "Policy statement must contain resources."},
      {R"("Effect":"Allow","Action":"GetObject","Resource":"*")",
       "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."},
      {R"("Effect":"Allow","NotAction":"","Resource":"*")",
       "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."},
      {R"("Effect":"Allow","Action":"a a:ListBucket","Resource":"*")", "Vendor a a is not valid"},
      {R"("Effect":"Allow","Action":"s3*:Get","Resource":"*")", "Vendor s3* is not valid"},
      {R"("Effect":"Allow","Action":":GetObject","Resource":"*")", "Vendor  is not valid"},
      {R"("Effect":"Allow","Action":"s3:List:Bucket","Resource":"*")",
       "Actions/Condition can contain only one colon."},
      {R"("Effect":"Allow","Action":"s3:GetObject","Resource":"invalid")",
       "Resource invalid must be in ARN format or \"*\"."},
      {R"("Effect":"Allow","Action":"s3:GetObject","NotResource":"")",
       "Resource  must be in ARN format or \"*\"."},
      {R"("Effect":"Allow","Action":"s:3:ListBucket","Resource":"sdfsadf")",
       "Resource sdfsadf must be in ARN format or \"*\"."},
      {R"("Effect":"Allow","Action":"s3:GetObject","Resource":"a:b:c")",
       "Partition \"b\" is not valid for resource \"arn:b:c:*:*:*\"."},
      {R"("Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws2:s3:::b/*")",
       "Partition \"aws2\" is not valid for resource \"arn:aws2:s3:::b/*\"."},
      {R"("Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws")",
       "Resource vendor must be fully qualified and cannot contain regexes."},
      {R"("Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s*:::b")",
       "Resource vendor must be fully qualified and cannot contain regexes."},
      {R"("Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3::b")",
       "The policy failed legacy parsing"},
      {R"("Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws::::b")",
       "The policy failed legacy parsing"},
      {R"("Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:iam::${aws:PrincipalAccount}:role/r")",
       "The policy failed legacy parsing"},
      {R"("Effect":"allow","Action":"s3:GetObject","Resource":"*")", "The policy failed legacy parsing"},
      {R"("Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"DateLessThan":{"a":"234-13"}})",
       "The policy failed legacy parsing"},
      {R"("Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"DateLessThan":{"a":"9223372036854775808"}})",
       "The policy failed legacy parsing"},
      {R"("Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*")",
       "Policy document should not specify a principal."},
      {R"("Sid":"a b","Effect":"Allow","Action":"s3:GetObject","Resource":"*")",
       "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
       "[0-9A-Za-z]*"},
      {R"("Effect":"Allow","Action":"iam:GetUser","Resource":"arn:aws:iam:us-east-1::user/a")",
       "IAM resource arn:aws:iam:us-east-1::user/a cannot contain region information."},
      {R"("Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:us-east-1::b")",
       "Resource arn:aws:s3:us-east-1::b can not contain region information."},
      {R"("Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:iam:::example_bucket")",
       "IAM resource path must either be \"*\" or start with user/, federated-user/, role/, group/, "
       "instance-profile/, mfa/, "
       "server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/."},
  };
  for (const Refusal& c : cases) EXPECT_EQ(statement(c.inside), c.message) << c.inside;
}

TEST(Validate, SyntaxErrorsSayWhere) {
  constexpr std::string_view kFront = "Syntax errors in policy.";
  const std::string_view inside[] = {
      R"("Action":"s3:GetObject","Resource":"*")",
      R"("Effect":"Maybe","Action":"s3:GetObject","Resource":"*")",
      R"("Effect":"Allow","Action":"s3:GetObject","NotAction":"s3:PutObject","Resource":"*")",
      R"("Effect":"Allow","Action":"s3:GetObject","Resource":"*","NotResource":[])",
      R"("Effect":"Allow","Action":123,"Resource":"*")",
      R"("Effect":"Allow","Action":"s3:GetObject","Resource":"*","Extra":"x")",
      R"("Effect":"Allow","Effect":"Deny","Action":"s3:GetObject","Resource":"*")",
      R"("Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":[])",
      R"("Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":"b"}})",
      R"("Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"x":{"a":"1"}})",
      R"("Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"ForAnyValue::StringEquals":{"a":"1"}})",
      R"("Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"NullIfExists":{"a":"true"}})",
  };
  for (const std::string_view i : inside)
    EXPECT_TRUE(statement(i).starts_with(kFront)) << i << "\n" << statement(i);
  for (const std::string_view text :
       {"{not json", "{}", R"({"Version":"2012-10-17"})", R"({"Version":"2012-10-17","Statement":[]})",
        R"({"Version":"2020-01-01","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})"}) {
    EXPECT_TRUE(refused(text).starts_with(kFront)) << text;
  }
  EXPECT_EQ(refused("{\n \"Statement\": [\n  {},\n ]\n}"),
            "Syntax errors in policy. Line 3, column 5: Remove this comma: nothing follows it.");
  EXPECT_EQ(
      refused(
          R"({"Statement":[{"Sid":"a","Effect":"Allow","Action":"s3:*","Resource":"*"},{"Sid":"a","Effect":"Allow"}]})"),
      "Statement IDs (SID) in a single policy must be unique.");
}

TEST(Validate, WhatIamTakes) {
  const std::string_view inside[] = {
      R"("Effect":"Allow","Action":"iam: asdf safdsf af ","Resource":"arn:aws:s3:::b")",
      R"("Effect":"Allow","Action":"*","Resource":"*","Condition":{})",
      R"("Effect":"Allow","Action":"*","Resource":"*","Condition":{"a":{}})",
      R"("Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateGreaterThan":{"a":[]}})",
      R"("Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:fdsasf")",
      R"("Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:invalid-service:us-east-1::x")",
      R"("Effect":"Allow","Action":"codebuild:*","Resource":"arn:aws:codebuild:*")",
      R"("Effect":"Allow","Action":"*","Resource":"arn:*:ec2:*:*:instance/*")",
      R"("Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::111122223333:*")",
      R"("Effect":"Allow","Action":"iam:GetPolicy","Resource":"arn:aws:iam::aws:policy/*")",
      R"("Sid":"","Effect":"Allow","Action":"*:*","Resource":"*")",
  };
  for (const std::string_view i : inside) EXPECT_EQ(statement(i), "") << i;
}

TEST(Validate, TrustPolicies) {
  const Refusal cases[] = {
      {R"("Effect":"Allow","Action":"sts:AssumeRole")", "Missing required field Principal"},
      {R"("Effect":"Allow","Principal":{},"Action":"sts:AssumeRole")",
       "Missing required field Principal cannot be empty!"},
      {R"("Effect":"Allow","Principal":{"AWS":"*"},"Action":"*")",
       "AssumeRole policy may only specify STS AssumeRole actions."},
      {R"("Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Resource":"*")",
       "Has prohibited field Resource"},
      {R"("Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","NotResource":"*")",
       "AssumeRole policy must not contain resources."},
      {R"("Effect":"Allow","NotPrincipal":{"AWS":"*"},"Action":"sts:AssumeRole")",
       "Allow with NotPrincipal is not allowed."},
      {R"("Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/*"},"Action":"sts:AssumeRole")",
       R"(Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:role/*")"},
      {R"("Effect":"Allow","Principal":{"AWS":"1234"},"Action":"sts:AssumeRole")",
       R"(Invalid principal in policy: "AWS":"1234")"},
      {R"("Effect":"Allow","Principal":{"Group":"x"},"Action":"sts:AssumeRole")",
       R"(Invalid principal in policy: "Group":"x")"},
      {R"("Effect":"Allow","Principal":"111122223333","Action":"sts:AssumeRole")",
       R"(Invalid principal in policy: "111122223333")"},
  };
  for (const Refusal& c : cases) EXPECT_EQ(statement(c.inside, Kind::trust), c.message) << c.inside;
  EXPECT_TRUE(refused("{invalid", Kind::trust).starts_with("This policy contains invalid Json"));
  EXPECT_EQ(refused(R"({"Version":"2012-10-17","Statement":[]})", Kind::trust),
            "Could not parse the policy: Statement is empty!");
  for (const std::string_view p :
       {R"({"AWS":"111122223333"})", R"({"AWS":111122223333})", R"({"AWS":"AROAEXAMPLEID1234567"})",
        R"({"Service":["ec2.amazonaws.com"]})", R"({"Federated":"cognito-identity.amazonaws.com"})",
        R"({"AWS":"arn:aws-us-gov:iam::111122223333:user/path/u"})", R"("*")"}) {
    EXPECT_EQ(statement("\"Effect\":\"Allow\",\"Action\":\"sts:AssumeRole\",\"Principal\":" + std::string(p),
                        Kind::trust),
              "")
        << p;
  }
}

TEST(Validate, OtherKinds) {
  const std::string_view blank_sid =
      R"("Sid":"Allow use of the key","Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*")";
  EXPECT_EQ(statement(blank_sid, Kind::key), "");
  EXPECT_EQ(statement(R"("Effect":"Allow","Action":"s3:*","Resource":"*")", Kind::resource),
            "Missing required field Principal");
  EXPECT_EQ(statement(R"("Effect":"Deny","Action":"s3:*","Resource":"*")", Kind::rcp),
            "Missing required field Principal");
  EXPECT_EQ(statement(R"("Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*")", Kind::scp),
            "Policy document should not specify a principal.");
  EXPECT_EQ(
      statement(R"("Effect":"Allow","Principal":{"CanonicalUser":"79a59df9"},"Action":"s3:*","Resource":"*")",
                Kind::resource),
      "");
}

}  // namespace
}  // namespace gatehouse::policy
