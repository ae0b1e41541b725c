#include "account/gate.h"

#include "account/sessions.h"
#include "account/testing.h"

namespace gatehouse::account {
namespace {

using testing::AccountTest;
using testing::kAccount;

constexpr char kReads[] =
    R"({"Version":"2012-10-17","Statement":[{"Sid":"Reads","Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]})";

class GateTest : public AccountTest {
 protected:
  ManagedPolicy managed(std::string name, const char* text) {
    ManagedPolicy p;
    p.account = kAccount;
    p.name = name;
    p.path = "/";
    p.arn = "arn:aws:iam::123456789012:policy/" + name;
    p.id = unique_id(random_, id_prefix::kPolicy);
    p.versions.push_back({"v1", identity_policy(text), clock_.now()});
    p.default_version = "v1";
    p.last_version = 1;
    return p;
  }
  Caller session_of(const Role& r) {
    Session s;
    s.account = kAccount;
    s.role = r.name;
    s.owner_id = r.id;
    s.name = "job";
    s.issued = clock_.now();
    return session_caller(std::make_shared<const Session>(std::move(s)), r);
  }
  Verdict get_object(const Caller& caller) {
    Requirement r;
    r.action = "s3:GetObject";
    r.resource = "arn:aws:s3:::b/k";
    r.resource_account = kAccount;
    Circumstances c;
    c.now = clock_.now();
    c.source_ip = "127.0.0.1";
    c.region = "us-east-1";
    return Gate(*directory_).check(caller, c, r, {.quote_resource = true});
  }
};

TEST_F(GateTest, WithoutAPolicyNothingIsAllowedAndTheMessageIsAws) {
  const auto made = directory_->put(role("lake"));
  const Verdict verdict = get_object(session_of(**made));
  EXPECT_EQ(verdict.decision.outcome, policy::Outcome::implicitly_denied);
  EXPECT_EQ(verdict.message,
            "User: arn:aws:sts::123456789012:assumed-role/lake/job is not authorized to perform: "
            "s3:GetObject on resource: "
            "\"arn:aws:s3:::b/k\" because no identity-based policy allows the s3:GetObject action");
}

TEST_F(GateTest, TheRecordNamesPolicyAndStatement) {
  ASSERT_TRUE(directory_->put(managed("reads", kReads)));
  Role r = role("lake");
  r.grants.attached = {"arn:aws:iam::123456789012:policy/reads"};
  const auto made = directory_->put(r);
  const Verdict verdict = get_object(session_of(**made));
  ASSERT_TRUE(verdict.decision.allowed());
  EXPECT_EQ(verdict.record.policy, "arn:aws:iam::123456789012:policy/reads");
  EXPECT_EQ(verdict.record.statement, 0);
  EXPECT_EQ(verdict.record.sid, "Reads");
}

TEST_F(GateTest, APolicyThatIsNotThereGrantsNothing) {
  Role r = role("lake");
  r.grants.attached = {"arn:aws:iam::aws:policy/SomethingOfAws"};
  const auto made = directory_->put(r);
  EXPECT_FALSE(get_object(session_of(**made)).decision.allowed());
}

TEST_F(GateTest, ABoundaryThatIsNotThereAllowsNothing) {
  Role r = role("lake");
  r.grants.inline_policies["in"] = identity_policy(kReads);
  r.grants.boundary = "arn:aws:iam::123456789012:policy/gone";
  const auto made = directory_->put(r);
  const Verdict verdict = get_object(session_of(**made));
  EXPECT_FALSE(verdict.decision.allowed());
  EXPECT_EQ(verdict.decision.decided_by, policy::Layer::boundary);
}

TEST_F(GateTest, ASessionPolicyNarrowsTheRole) {
  Role r = role("lake");
  r.grants.inline_policies["in"] = identity_policy(kReads);
  const auto made = directory_->put(r);
  Caller caller = session_of(**made);
  EXPECT_TRUE(get_object(caller).decision.allowed());
  Session narrowed = *caller.session;
  narrowed.has_session_policy = true;
  narrowed.compiled = {*policy::compile(
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}]})",
      policy::Kind::session)};
  caller.session = std::make_shared<const Session>(std::move(narrowed));
  const Verdict verdict = get_object(caller);
  EXPECT_FALSE(verdict.decision.allowed());
  EXPECT_EQ(verdict.decision.decided_by, policy::Layer::session);
}

TEST_F(GateTest, AGroupsPolicyIsItsMembers) {
  Group group;
  group.account = kAccount;
  group.name = "readers";
  group.path = "/";
  group.arn = "arn:aws:iam::123456789012:group/readers";
  group.id = "AGPAEXAMPLE";
  group.grants.inline_policies["in"] = identity_policy(kReads);
  ASSERT_TRUE(directory_->put(group));
  User user;
  user.account = kAccount;
  user.name = "ana";
  user.path = "/";
  user.arn = "arn:aws:iam::123456789012:user/ana";
  user.id = "AIDAEXAMPLE";
  user.groups = {group.id};
  ASSERT_TRUE(directory_->put(user));
  Caller caller;
  caller.type = policy::PrincipalType::user;
  caller.account = kAccount;
  caller.arn = user.arn;
  caller.name = "ana";
  EXPECT_TRUE(get_object(caller).decision.allowed());
}

TEST_F(GateTest, NobodyMayDoNothing) { EXPECT_FALSE(get_object(Caller{}).decision.allowed()); }

}  // namespace
}  // namespace gatehouse::account
