#include <gtest/gtest.h>

#include "base/json.h"
#include "policy/eval.h"
#include "policy/explain/account_dump.h"
#include "policy/explain/aws_error.h"
#include "policy/explain/report.h"

namespace gatehouse::policy {
namespace {

Report report(std::string_view case_json) {
  const auto c = Case::parse(case_json);
  if (!c) {
    ADD_FAILURE() << c.error().message;
    return {};
  }
  return make_report((*c)->request(), (*c)->policies(), (*c)->message_style());
}

constexpr std::string_view kMfa =
    R"({"request":{"principal":"arn:aws:iam::111122223333:user/a","action":"ec2:StopInstances",
 "resource":"arn:aws:ec2:us-east-1:111122223333:instance/i-1","context":{"aws:PrincipalTag/team":"red"}},
 "policies":{"identity":[{"Version":"2012-10-17","Statement":[
  {"Sid":"Stop","Effect":"Allow","Action":"ec2:StopInstances","Resource":"*",
   "Condition":{"StringEquals":{"aws:PrincipalTag/team":["data","ops"]},"Bool":{"aws:MultiFactorAuthPresent":"true"}}},
  {"Sid":"Other","Effect":"Allow","Action":"ec2:RunInstances","Resource":"*"}]}]}})";

TEST(Report, NamesTheConditionThatFailedAndWhatTheRequestHad) {
  const Report r = report(kMfa);
  EXPECT_EQ(r.decision.outcome, Outcome::implicitly_denied);
  ASSERT_EQ(r.nearly.size(), 1u);
  EXPECT_EQ(r.nearly[0].sid, "Stop");
  ASSERT_EQ(r.nearly[0].failed.size(), 2u);
  const FailedCondition& team = r.nearly[0].failed[0];
  EXPECT_EQ(team.op, "StringEquals");
  EXPECT_EQ(team.key, "aws:PrincipalTag/team");
  EXPECT_EQ(team.wanted, (std::vector<std::string>{"data", "ops"}));
  EXPECT_EQ(team.found, std::vector<std::string>{"red"});
  EXPECT_TRUE(r.nearly[0].failed[1].missing);
  const std::string text = report_text(r);
  EXPECT_NE(text.find("StringEquals aws:PrincipalTag/team (line 3): the policy has \"data\", \"ops\", the "
                      "request has \"red\""),
            text.npos)
      << text;
  EXPECT_NE(text.find("Bool aws:MultiFactorAuthPresent (line 3): the policy has \"true\", the request does "
                      "not have the key"),
            text.npos)
      << text;
}

TEST(Report, ChangesWereTried) {
  const Report r = report(kMfa);
  ASSERT_EQ(r.changes.size(), 2u) << report_text(r);
  EXPECT_EQ(r.changes[0].kind, Change::Kind::match_statement);
  EXPECT_EQ(r.changes[0].at, (StatementRef{Layer::identity, 0, 0}));
  EXPECT_EQ(r.changes[1].layer, Layer::identity);
}

// EC2 and IAM have no resource policies to add anything to; S3 has.
TEST(Report, AResourcePolicyIsSuggestedWhereThereCanBeOne) {
  const Report r = report(
      R"({"request":{"principal":"arn:aws:iam::111122223333:user/a","action":"s3:GetObject","resource":"arn:aws:s3:::b/k"}})");
  ASSERT_EQ(r.changes.size(), 2u) << report_text(r);
  EXPECT_EQ(r.changes[1].layer, Layer::resource);
  ASSERT_EQ(r.layers.size(), 1u);
  EXPECT_EQ(r.layers[0].says, ReportLayer::Says::absent);
}

TEST(Report, ToldWhichResourcesAndWhichVariableHasNoValue) {
  const Report r = report(
      R"({"request":{"principal":"arn:aws:iam::111122223333:user/a","action":"s3:GetObject","resource":"arn:aws:s3:::b/a/k"},
    "policies":{"identity":[{"Version":"2012-10-17","Statement":[
    {"Sid":"Home","Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}/*"},
    {"Sid":"Bucket","Effect":"Allow","Action":"s3:GetObject","Resource":["arn:aws:s3:::b","arn:aws:s3:::${aws:PrincipalTag/t, 'x'}"]}]}]}})");
  ASSERT_EQ(r.nearly.size(), 2u) << report_text(r);
  EXPECT_EQ(r.nearly[0].valueless, std::vector<std::string>{"aws:username"});
  EXPECT_EQ(r.nearly[1].resources.front(), "arn:aws:s3:::b");
  EXPECT_TRUE(r.nearly[1].valueless.empty());
  EXPECT_NE(report_text(r).find("the request has no value for ${aws:username}"), std::string::npos);
  const json::object o = json::parse(report_json(r))->as_object();
  EXPECT_EQ(o.at("nearly").at(0).at("variablesWithoutValue").at(0).as_string(), "aws:username");
  EXPECT_FALSE(o.at("nearly").at(0).at("resourceMatches").as_bool());
}

TEST(Report, NamesTheLevelThatIsSilent) {
  const std::string all =
      R"([{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}])";
  const Report r = report(
      R"({"request":{"principal":"arn:aws:iam::111122223333:user/a","action":"s3:GetObject","resource":"arn:aws:s3:::b/k"},"policies":{"identity":)" +
      all + R"(,"scp":[)" + all +
      R"(,[{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*"}}],)" + all +
      "]}}");
  EXPECT_NE(report_text(r).find("scp       says nothing: level 2 of 3"), std::string::npos) << report_text(r);
}

TEST(Report, SaysWhenNoSingleChangeIsEnough) {
  const Report r = report(
      R"({"request":{"principal":"arn:aws:iam::111122223333:user/a","action":"ec2:RunInstances","resource":"*"},
    "policies":{"identity":[],"boundary":[{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}]}})");
  EXPECT_TRUE(r.changes.empty());
  ASSERT_EQ(r.notes.size(), 1u);
  EXPECT_EQ(r.notes[0], "No single change is enough: identity and boundary must each allow it.");
}

TEST(Report, ABoundaryIsTheOnlyThingToChange) {
  const Report r = report(
      R"({"request":{"principal":"arn:aws:iam::111122223333:user/a","action":"iam:CreateUser","resource":"*"},
    "policies":{"identity":[{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}],
    "boundary":[{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}]}})");
  EXPECT_EQ(r.decision.decided_by, Layer::boundary);
  ASSERT_EQ(r.layers.size(), 2u);
  EXPECT_EQ(r.layers[0].says, ReportLayer::Says::allows);
  EXPECT_EQ(r.layers[1].says, ReportLayer::Says::nothing);
  std::vector<Layer> layers;
  for (const Change& c : r.changes) layers.push_back(c.layer);
  EXPECT_EQ(layers, (std::vector<Layer>{Layer::boundary})) << report_text(r);
}

TEST(Report, TwoDeniesAreNotOneChange) {
  const Report r = report(
      R"({"request":{"principal":"arn:aws:iam::111122223333:user/a","action":"s3:GetObject","resource":"arn:aws:s3:::b/k"},
    "policies":{"identity":[{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
    {"Effect":"Deny","Action":"s3:*","Resource":"*"},{"Effect":"Deny","Action":"s3:Get*","Resource":"*"}]}]}})");
  EXPECT_EQ(r.decision.outcome, Outcome::explicitly_denied);
  EXPECT_EQ(r.matched.size(), 2u);
  EXPECT_TRUE(r.changes.empty()) << report_text(r);
}

TEST(Report, JsonHoldsTheSame) {
  const Report r = report(kMfa);
  const json::object o = json::parse(report_json(r))->as_object();
  EXPECT_EQ(json::string_or(o, "decision", ""), "ImplicitlyDenied");
  const json::object& miss = o.at("nearly").at(0).as_object();
  EXPECT_EQ(json::int_or(miss, "line", 0), 2);
  EXPECT_EQ(miss.at("failedConditions").at(0).at("request").at(0).as_string(), "red");
  EXPECT_TRUE(miss.at("failedConditions").at(1).at("request").is_null());
  EXPECT_EQ(o.at("changes").as_array().size(), r.changes.size());
}

struct Message {
  std::string_view text, principal, action, resource;
  std::optional<Layer> layer;
  bool explicitly;
};

// The examples of AWS's page on access-denied messages, and a newer one with the policy's ARN.
TEST(AwsDenial, ReadsTheMessagesOfTheGuide) {
  constexpr std::string_view john = "arn:aws:iam::123456789012:user/JohnDoe";
  const Message messages[] = {
      {"User: arn:aws:iam::123456789012:user/JohnDoe is not authorized to perform: "
       "codecommit:ListRepositories with an "
       "explicit deny in a service control policy",
       john, "codecommit:ListRepositories", "", Layer::scp, true},
      {"User: arn:aws:iam::123456789012:user/JohnDoe is not authorized to perform: "
       "\ncodecommit:ListRepositories because "
       "no VPC endpoint policy allows the codecommit:ListRepositories action",
       john, "codecommit:ListRepositories", "", Layer::endpoint, false},
      {"User: arn:aws:iam::123456789012:user/JohnDoe is not authorized to perform: "
       "codedeploy:ListDeployments on "
       "resource: arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:* because no permissions "
       "boundary allows the "
       "codedeploy:ListDeployments action",
       john, "codedeploy:ListDeployments", "arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:*",
       Layer::boundary, false},
      {"User: arn:aws:iam::123456789012:user/JohnDoe is not authorized to perform: "
       "codedeploy:ListDeployments on "
       "resource: arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:* with an explicit deny in a "
       "sessions policy",
       john, "codedeploy:ListDeployments", "arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:*",
       Layer::session, true},
      {"An error occurred (AccessDenied) when calling the GetObject operation: User: "
       "arn:aws:sts::123456789012:assumed-role/r/s is not authorized to perform: s3:GetObject on resource: "
       "\"arn:aws:s3:::b/k\" because no identity-based policy allows the s3:GetObject action",
       "arn:aws:sts::123456789012:assumed-role/r/s", "s3:GetObject", "arn:aws:s3:::b/k", Layer::identity,
       false},
      {"An error occurred (AccessDenied) when calling the AssumeRole operation: User: "
       "arn:aws:iam::123456789012:user/JohnDoe is not authorized to perform: sts:AssumeRole on resource: "
       "arn:aws:iam::123456789012:role/r",
       john, "sts:AssumeRole", "arn:aws:iam::123456789012:role/r", std::nullopt, false},
      {"An error occurred (AccessDenied) when calling the AssumeRoleWithWebIdentity operation: Not "
       "authorized to perform "
       "sts:AssumeRoleWithWebIdentity",
       "", "sts:AssumeRoleWithWebIdentity", "", std::nullopt, false},
  };
  for (const Message& m : messages) {
    const auto d = parse_aws_denial(m.text);
    ASSERT_TRUE(d) << m.text;
    EXPECT_EQ(d->principal, m.principal);
    EXPECT_EQ(d->action, m.action);
    EXPECT_EQ(d->resource, m.resource);
    EXPECT_EQ(d->layer, m.layer) << m.text;
    EXPECT_EQ(d->explicitly, m.explicitly);
    EXPECT_FALSE(describe(*d).empty());
  }
  const auto with_arn = parse_aws_denial(
      "User: arn:aws:iam::123456789012:user/JohnDoe is not authorized to perform: s3:ListAllMyBuckets with "
      "an explicit "
      "deny in a service control policy: "
      "arn:aws:organizations::987654321098:policy/o-x/service_control_policy/p-y");
  ASSERT_TRUE(with_arn);
  EXPECT_EQ(with_arn->policy_arn,
            "arn:aws:organizations::987654321098:policy/o-x/service_control_policy/p-y");
  const auto boundary = parse_aws_denial(
      "User: arn:aws:iam::123456789012:user/JohnDoe is not authorized to perform: s3:GetObject because no "
      "permissions boundary allows the s3:GetObject action: arn:aws:iam::123456789012:policy/limit");
  ASSERT_TRUE(boundary);
  EXPECT_EQ(boundary->policy_arn, "arn:aws:iam::123456789012:policy/limit");
  EXPECT_FALSE(parse_aws_denial(""));
}

TEST(AwsDenial, ReadsTheMessagesThatSayLess) {
  const auto bare = parse_aws_denial(
      "An error occurred (AccessDenied) when calling the GetObject operation: Access Denied");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->withheld, AwsDenial::Withheld::bare);
  const auto encoded = parse_aws_denial(
      "You are not authorized to perform this operation. Encoded authorization failure message: 6BkmTP-9Tg");
  ASSERT_TRUE(encoded);
  EXPECT_NE(describe(*encoded).find("aws sts decode-authorization-message"), std::string::npos);
  const auto xml = parse_aws_denial(
      "<Message>User: arn:aws:iam::123456789012:user/a is not authorized to perform: s3:ListBucket on "
      "resource: "
      "&quot;arn:aws:s3:::lake&quot; because no resource-based policy allows the s3:ListBucket "
      "action</Message>");
  ASSERT_TRUE(xml);
  EXPECT_EQ(xml->resource, "arn:aws:s3:::lake");
  const auto through = parse_aws_denial(
      "User: arn:aws:iam::123456789012:user/a is not authorized to perform: s3:GetObject with an explicit "
      "deny "
      "in a VPC endpoint policy transitively through a service control policy");
  ASSERT_TRUE(through);
  EXPECT_EQ(through->layer, Layer::endpoint);
  EXPECT_EQ(through->through, Layer::scp);
}

// https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
TEST(AwsDenial, ReadsWhatWasDecoded) {
  const std::string message =
      R"({"allowed":false,"explicitDeny":true,"matchedStatements":{"items":[]},"failures":{"items":[]},"context":{"principal":{"id":"AIDA","name":"a","arn":"arn:aws:iam::123456789012:user/a"},"action":"ec2:StopInstances","resource":"arn:aws:ec2:us-east-1:123456789012:instance/i-1","conditions":{"items":[]}}})";
  for (const std::string& text : {message, json::dump(json::object{{"DecodedMessage", message}})}) {
    const auto d = parse_aws_denial(text);
    ASSERT_TRUE(d) << text;
    EXPECT_EQ(d->principal, "arn:aws:iam::123456789012:user/a");
    EXPECT_EQ(d->action, "ec2:StopInstances");
    EXPECT_TRUE(d->explicitly);
    EXPECT_NE(describe(*d).find("A Deny statement struck"), std::string::npos);
  }
}

constexpr std::string_view kDump = R"({
 "UserDetailList": [{"Path": "/", "UserName": "a", "UserId": "AIDAEXAMPLEID1234567", "Arn": "arn:aws:iam::111122223333:user/a",
   "GroupList": ["g"], "AttachedManagedPolicies": [], "Tags": [{"Key": "team", "Value": "data"}]}],
 "GroupDetailList": [{"GroupName": "g", "GroupPolicyList": [{"PolicyName": "home",
   "PolicyDocument": "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3AGetObject%22%2C%22Resource%22%3A%22arn%3Aaws%3As3%3A%3A%3Ab%2F%24%7Baws%3Ausername%7D%2F%2A%22%7D%7D"}],
   "AttachedManagedPolicies": []}],
 "RoleDetailList": [{"Path": "/data/", "RoleName": "etl", "RoleId": "AROAEXAMPLEID1234567", "Arn": "arn:aws:iam::111122223333:role/data/etl",
   "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/a"}, "Action": "sts:AssumeRole"}},
   "RolePolicyList": [], "AttachedManagedPolicies": [{"PolicyName": "p", "PolicyArn": "arn:aws:iam::111122223333:policy/p"}],
   "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "arn:aws:iam::111122223333:policy/limit"}}],
 "Policies": [
  {"Arn": "arn:aws:iam::111122223333:policy/p", "PolicyVersionList": [{"IsDefaultVersion": false, "Document": {}},
    {"IsDefaultVersion": true, "Document": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}}]},
  {"Arn": "arn:aws:iam::111122223333:policy/limit", "PolicyVersionList": [
    {"IsDefaultVersion": true, "Document": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}}]}]})";

TEST(AccountDump, AnswersFromWhatIsAttached) {
  const auto dump = AccountDump::parse(kDump);
  ASSERT_TRUE(dump) << dump.error().message;
  const auto ask = [&](std::string principal, std::string action, std::string resource) {
    const auto r = dump->explain({std::move(principal), std::move(action), std::move(resource), {}});
    EXPECT_TRUE(r) << r.error().message;
    return r ? *r : Report{};
  };
  EXPECT_TRUE(ask("a", "s3:GetObject", "arn:aws:s3:::b/a/x").decision.allowed());
  EXPECT_FALSE(ask("a", "s3:GetObject", "arn:aws:s3:::b/other/x").decision.allowed());
  EXPECT_TRUE(
      ask("arn:aws:iam::111122223333:user/a", "sts:AssumeRole", "arn:aws:iam::111122223333:role/data/etl")
          .decision.allowed());
  const Report session = ask("arn:aws:sts::111122223333:assumed-role/etl/run", "ec2:RunInstances", "*");
  EXPECT_EQ(session.decision.decided_by, Layer::boundary);
  EXPECT_EQ(session.matched.at(0).policy_name, "arn:aws:iam::111122223333:policy/p");
  EXPECT_TRUE(ask("etl", "s3:PutObject", "arn:aws:s3:::b/x").decision.allowed());
  EXPECT_EQ(session.notes.size(), 1u);
  EXPECT_EQ(dump->explain({"nobody", "s3:GetObject", "*", {}}).error().code, "NoSuchEntity");
  EXPECT_EQ(dump->explain({"a", "GetObject", "*", {}}).error().code, "ValidationError");
}

TEST(AccountDump, RefusesWhatIsNone) {
  EXPECT_FALSE(AccountDump::parse("{}"));
  EXPECT_FALSE(AccountDump::parse("[1"));
}

}  // namespace
}  // namespace gatehouse::policy
