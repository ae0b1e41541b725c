#include "service/iam/policies/simulate.h"

#include <gtest/gtest.h>

#include "service/iam/policies/simulation.h"

namespace gatehouse::service::iam {
namespace {

constexpr std::string_view kPolicy = R"({"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/${aws:username, 'nobody'}/${*}",
   "Condition": {"StringLike": {"s3:prefix": "${aws:PrincipalTag/team}/*"}, "Bool": {"aws:SecureTransport": "true"}}},
  {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::b/*",
   "Condition": {"Null": {"AWS:securetransport": "false"}}}]})";

TEST(ContextKeys, AreThoseOfConditionsAndVariablesEachOnce) {
  std::vector<std::string> keys;
  add_context_keys(kPolicy, keys);
  EXPECT_EQ(keys, (std::vector<std::string>{"aws:username", "s3:prefix", "aws:PrincipalTag/team",
                                            "aws:SecureTransport"}));
}

TEST(ContextKeys, AUselessVariableIsNone) {
  std::vector<std::string> keys;
  add_context_keys(R"({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "${unclosed ${x} ${$}"}})",
                   keys);
  EXPECT_TRUE(keys.empty());
}

Simulation simulation_of(std::string_view text) {
  Simulation simulation("123456789012");
  simulation.add_identity({"P", "IAM Policy", *policy::compile(text, policy::Kind::identity)});
  return simulation;
}

TEST(Simulation, TellsWhereTheStatementsStand) {
  Simulation simulation = simulation_of(kPolicy);
  for (const auto& [name, value] : {std::pair("aws:username", "ana"),
                                    {"s3:prefix", "data/x"},
                                    {"aws:PrincipalTag/team", "data"},
                                    {"aws:SecureTransport", "true"}}) {
    simulation.add_key(name, {value}, false);
  }
  const wire::Value allowed = simulation.run("s3:GetObject", {"arn:aws:s3:::b/ana/*"});
  EXPECT_EQ(allowed[m::EvalDecision].text(), "allowed");
  const wire::Value& at = allowed[m::MatchedStatements].list().at(0);
  EXPECT_EQ(at[m::StartPosition][m::Line].number(), 1);
  EXPECT_EQ(at[m::StartPosition][m::Column].number(), 41);
  EXPECT_EQ(at[m::EndPosition][m::Line].number(), 3);
  const wire::Value denied = simulation.run("s3:GetObject", {"arn:aws:s3:::c/ana/x"});
  EXPECT_EQ(denied[m::EvalDecision].text(), "explicitDeny");
  EXPECT_EQ(denied[m::MatchedStatements].list().at(0)[m::StartPosition][m::Line].number(), 3);
}

TEST(Simulation, TellsEachOfSeveralResourcesAndTheWorst) {
  const Simulation simulation = simulation_of(
      R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"}]})");
  const wire::Value result = simulation.run("s3:GetObject", {"arn:aws:s3:::b/k", "arn:aws:s3:::c/k"});
  EXPECT_EQ(result[m::EvalDecision].text(), "implicitDeny");
  EXPECT_TRUE(result[m::EvalResourceName].text().starts_with("arn:aws:s3:::${BucketName}/"));
  const auto& each = result[m::ResourceSpecificResults].list();
  ASSERT_EQ(each.size(), 2U);
  EXPECT_EQ(each[0][m::EvalResourceDecision].text(), "allowed");
  EXPECT_EQ(each[1][m::EvalResourceDecision].text(), "implicitDeny");
}

TEST(Simulation, ABoundaryThatIsNotThereAllowsNothing) {
  Simulation simulation = simulation_of(
      R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})");
  EXPECT_EQ(simulation.run("s3:GetObject", {})[m::EvalDecision].text(), "allowed");
  simulation.bound();
  const wire::Value bounded = simulation.run("s3:GetObject", {});
  EXPECT_EQ(bounded[m::EvalDecision].text(), "implicitDeny");
  EXPECT_FALSE(bounded[m::PermissionsBoundaryDecisionDetail][m::AllowedByPermissionsBoundary].boolean(true));
}

TEST(Simulation, TheCallerIsRefusedIfItIsNoPrincipal) {
  Simulation simulation("123456789012");
  EXPECT_TRUE(simulation.set_caller("arn:aws:iam::123456789012:user/ana", ""));
  EXPECT_TRUE(simulation.set_caller("arn:aws:sts::123456789012:assumed-role/r/s", ""));
  for (const char* arn : {"ana", "arn:aws:iam::123456789012:group/g", "arn:aws:iam::1:user/ana"})
    EXPECT_FALSE(simulation.set_caller(arn, "")) << arn;
}

}  // namespace
}  // namespace gatehouse::service::iam
