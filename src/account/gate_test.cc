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
  Verdict get_object(const Caller& caller, Requirement r = {}) {
    r.action = "s3:GetObject";
    r.resource = "arn:aws:s3:::b/k";
    r.resource_account = kAccount;
    Circumstances c;
    c.now = clock_.now();
    c.source_ip = "127.0.0.1";
    c.region = "us-east-1";
    return Gate(*directory_, *organizations_).check(caller, c, r, {.quote_resource = true});
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

TEST_F(GateTest, AListLetsInAsItsOwnKindOfGrant) {
  const auto made = directory_->put(role("lake"));
  Requirement listed;
  listed.listed = policy::Granted::to_everyone;
  const Verdict verdict = get_object(session_of(**made), listed);
  ASSERT_TRUE(verdict.decision.allowed());
  EXPECT_EQ(verdict.record.decided_by, policy::Layer::resource);
  EXPECT_EQ(verdict.record.policy, "access control list");
  EXPECT_EQ(verdict.record.statement, -1);
  listed.listed = policy::Granted::to_account;
  EXPECT_FALSE(get_object(session_of(**made), listed).decision.allowed());
}

// An object of another account: this account's policies need its owner's grant, and the bucket's policy is
// not the owner's.
TEST_F(GateTest, AnotherOwnersObjectIsNotTheBucketsToGrant) {
  Role r = role("lake");
  r.grants.inline_policies["reads"] = identity_policy(kReads);
  const auto made = directory_->put(r);
  Requirement theirs;
  theirs.resource_policy = *policy::compile(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}})",
      policy::Kind::resource);
  EXPECT_TRUE(get_object(session_of(**made), theirs).decision.allowed());
  theirs.object_owner = "444455556666";
  EXPECT_FALSE(get_object(session_of(**made), theirs).decision.allowed());
  EXPECT_FALSE(get_object(Caller(), theirs).decision.allowed());
  theirs.listed = policy::Granted::to_account;
  EXPECT_TRUE(get_object(session_of(**made), theirs).decision.allowed());
}

TEST_F(GateTest, ADenialNamesNoResourceWhereTheActionTakesNone) {
  const auto made = directory_->put(role("lake"));
  Requirement r;
  r.names_resource = false;
  EXPECT_EQ(
      get_object(session_of(**made), r).message,
      "User: arn:aws:sts::123456789012:assumed-role/lake/job is not authorized to perform: s3:GetObject "
      "because no identity-based policy allows the s3:GetObject action");
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

constexpr char kAll[] =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]})";
constexpr char kNoReads[] =
    R"({"Version":"2012-10-17","Statement":[{"Sid":"NoReads","Effect":"Deny","Action":"s3:GetObject","Resource":"*"}]})";
constexpr char kNobodyReads[] =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":["s3:GetObject","iam:ListUsers"],"Resource":"*"}]})";

// kAccount is a member; another account manages.
class OrganizationGateTest : public GateTest {
 protected:
  void SetUp() override {
    management_ = (*directory_->create_account("management", "management@example.com"))->id;
    Organization made = new_organization(*directory_->account(management_), true, clock_.now(), random_);
    id_ = made.id;
    root_ = made.root;
    for (const ControlType type : kControlTypes) enable(made, type, true);
    made.set(new_node(made, OrganizationNode::Kind::unit, "ou-lakes", root_, "lakes"));
    made.set(new_node(made, OrganizationNode::Kind::account, std::string(kAccount), "ou-lakes", "lake"));
    ASSERT_TRUE(organizations_->create(std::move(made)));
    Role r = role("lake");
    r.grants.inline_policies["in"] = identity_policy(kAll);
    caller_ = session_of(**directory_->put(r));
  }
  void attach(std::string_view target, ControlType type, const char* text, bool alone = false) {
    ASSERT_TRUE(organizations_->change(id_, [&](Organization& o) -> Result<void> {
      ControlPolicy p;
      p.id = "p-12345678";
      p.type = type;
      p.arn = "arn:aws:organizations::1:policy/o-1/x/p-12345678";
      p.document = {text,
                    *policy::compile(text, type == ControlType::scp ? policy::Kind::scp : policy::Kind::rcp)};
      OrganizationNode node = *o.node(target);
      if (alone) node.policies.clear();
      node.policies.push_back(p.id);
      o.set(std::move(p));
      o.set(std::move(node));
      return {};
    }));
  }
  Verdict ask(const Caller& caller, std::string action, std::string resource,
              std::string_view owner = kAccount, const char* resource_policy = nullptr) {
    Requirement r;
    r.action = std::move(action);
    r.resource = std::move(resource);
    r.resource_account = owner;
    if (resource_policy) r.resource_policy = *policy::compile(resource_policy, policy::Kind::resource);
    Circumstances c;
    c.now = clock_.now();
    return Gate(*directory_, *organizations_).check(caller, c, r, {});
  }

  std::string id_, root_, management_;
  Caller caller_;
};

TEST_F(OrganizationGateTest, FullAccessDeniesNothing) { EXPECT_TRUE(get_object(caller_).decision.allowed()); }

TEST_F(OrganizationGateTest, ADenyBindsFromEveryLevelAndIsNamed) {
  for (const std::string& target : {root_, std::string("ou-lakes"), std::string(kAccount)}) {
    attach(target, ControlType::scp, kNoReads);
    const Verdict verdict = get_object(caller_);
    EXPECT_EQ(verdict.decision.outcome, policy::Outcome::explicitly_denied);
    EXPECT_EQ(verdict.decision.decided_by, policy::Layer::scp);
    EXPECT_EQ(verdict.record.policy, "arn:aws:organizations::1:policy/o-1/x/p-12345678");
    EXPECT_EQ(verdict.record.sid, "NoReads");
    EXPECT_TRUE(
        verdict.message.ends_with("with an explicit deny in a service control policy: "
                                  "arn:aws:organizations::1:policy/o-1/x/p-12345678"))
        << verdict.message;
    EXPECT_TRUE(ask(caller_, "s3:PutObject", "arn:aws:s3:::b/k").decision.allowed());
  }
}

TEST_F(OrganizationGateTest, ALevelThatDoesNotAllowIsNamedInTheRecord) {
  attach("ou-lakes", ControlType::scp, kReads, true);
  EXPECT_TRUE(get_object(caller_).decision.allowed());
  const Verdict verdict = ask(caller_, "s3:PutObject", "arn:aws:s3:::b/k");
  EXPECT_EQ(verdict.decision.outcome, policy::Outcome::implicitly_denied);
  EXPECT_TRUE(verdict.message.ends_with("with an explicit deny in a service control policy"))
      << verdict.message;
  EXPECT_EQ(verdict.record.policy, organizations_->find(id_)->node("ou-lakes")->arn);
}

TEST_F(OrganizationGateTest, RootOfAMemberIsBoundAndTheManagementAccountIsNot) {
  attach(root_, ControlType::scp, kNoReads);
  Caller root;
  root.type = policy::PrincipalType::root;
  root.account = kAccount;
  root.arn = "arn:aws:iam::123456789012:root";
  EXPECT_FALSE(get_object(root).decision.allowed());
  root.account = management_;
  root.arn = "arn:aws:iam::" + management_ + ":root";
  EXPECT_TRUE(ask(root, "s3:GetObject", "arn:aws:s3:::c/k", management_).decision.allowed());
}

TEST_F(OrganizationGateTest, ServiceLinkedRolesAreNotBound) {
  attach(root_, ControlType::scp, kNoReads);
  Role r = role("AWSServiceRoleForX", "/aws-service-role/x.amazonaws.com/");
  r.grants.inline_policies["in"] = identity_policy(kAll);
  EXPECT_TRUE(get_object(session_of(**directory_->put(r))).decision.allowed());
}

TEST_F(OrganizationGateTest, AnRcpBindsEverybodyOnServicesThatTakeThem) {
  constexpr char kOpen[] =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]})";
  const auto open_read = [&](const Caller& caller, std::string_view owner) {
    return ask(caller, "s3:GetObject", "arn:aws:s3:::b/k", owner, kOpen);
  };
  EXPECT_TRUE(open_read(Caller{}, kAccount).decision.allowed());
  attach("ou-lakes", ControlType::rcp, kNobodyReads);
  EXPECT_EQ(open_read(Caller{}, kAccount).decision.decided_by, policy::Layer::rcp);
  EXPECT_FALSE(open_read(caller_, kAccount).decision.allowed());
  // What is not the member's is not bound by it, and IAM takes no RCPs.
  EXPECT_TRUE(open_read(caller_, management_).decision.allowed());
  EXPECT_TRUE(ask(caller_, "iam:ListUsers", "arn:aws:iam::123456789012:user/").decision.allowed());
  const Verdict told = open_read(caller_, kAccount);
  EXPECT_TRUE(told.acquainted);
  EXPECT_NE(told.message.find("with an explicit deny in a resource control policy: arn:"), std::string::npos);
}

TEST_F(OrganizationGateTest, TheOrganizationsKeysAreThereForMembers) {
  const std::string path = id_ + "/" + root_ + "/ou-lakes/";
  const auto allows = [&](const std::string& condition) {
    const std::string text =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*","Condition":)" +
        condition + "}]}";
    Caller caller = caller_;
    caller.type = policy::PrincipalType::assumed_role;
    return ask(caller, "s3:GetObject", "arn:aws:s3:::b/k", management_, text.c_str()).decision.allowed();
  };
  EXPECT_TRUE(allows(R"({"StringEquals":{"aws:PrincipalOrgID":")" + id_ + R"("}})"));
  EXPECT_TRUE(allows(R"({"StringEquals":{"aws:ResourceOrgID":")" + id_ + R"("}})"));
  EXPECT_TRUE(allows(R"({"ForAnyValue:StringEquals":{"aws:PrincipalOrgPaths":")" + path + R"("}})"));
  EXPECT_TRUE(
      allows(R"({"ForAnyValue:StringEquals":{"aws:ResourceOrgPaths":")" + id_ + "/" + root_ + R"(/"}})"));
  EXPECT_FALSE(allows(R"({"StringEquals":{"aws:PrincipalOrgID":"o-other"}})"));
  EXPECT_FALSE(allows(R"({"Null":{"aws:PrincipalOrgID":"true"}})"));
}

TEST_F(GateTest, NobodyMayDoNothing) { EXPECT_FALSE(get_object(Caller{}).decision.allowed()); }

}  // namespace
}  // namespace gatehouse::account
