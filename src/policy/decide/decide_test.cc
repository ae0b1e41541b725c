#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <new>

#include "policy/compiled.h"
#include "policy/decide/walk.h"
#include "policy/eval.h"

namespace {
[[maybe_unused]] std::atomic<std::size_t> allocations{0};
}

// Counts what the whole test program allocates; sanitizers bring their own.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__)
void* operator new(std::size_t size) {
  ++allocations;
  if (void* p = std::malloc(size)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
#define COUNTS_ALLOCATIONS 1
#endif

namespace gatehouse::policy {
namespace {

CompiledPtr must_compile(std::string_view text, Kind kind = Kind::identity) {
  auto result = compile(text, kind);
  if (!result) throw std::runtime_error(result.error().message);
  return *result;
}

// An Allow of s3:GetObject on a bucket each.
std::string statements(int count) {
  std::string text = R"({"Version":"2012-10-17","Statement":[)";
  for (int i = 0; i < count; ++i) {
    text.append(i == 0 ? "" : ",")
        .append(R"({"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b)")
        .append(std::to_string(i))
        .append("/*\"}");
  }
  return text + "]}";
}

// A user with one policy asks.
struct Asked {
  Asked(const Compiled& policy, std::string_view action, std::string_view resource) : list{&policy} {
    request.principal = {PrincipalType::user, "111122223333", "arn:aws:iam::111122223333:user/a", {}, {}, {}};
    request.action = action;
    request.resource = resource;
    view.identity = list;
  }
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;

  const Compiled* list[1];
  Request request;
  PolicyView view;
};

std::vector<std::unique_ptr<Case>> worked_cases() {
  std::ifstream file(GATEHOUSE_SOURCE_DIR "/tests/data/policy/cases.jsonl");
  std::vector<std::unique_ptr<Case>> cases;
  for (std::string line; std::getline(file, line);) cases.push_back(*Case::parse(line));
  return cases;
}

#ifdef COUNTS_ALLOCATIONS
TEST(Decide, AllocatesNothing) {
  const auto cases = worked_cases();
  ASSERT_GE(cases.size(), 200u);
  const std::size_t before = allocations;
  std::size_t allowed = 0;
  for (const auto& c : cases) allowed += decide(c->request(), c->policies()).allowed();
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_GT(allowed, 0u);
}

TEST(Decide, AContextBuiltAnewForEveryRequestAllocatesNothing) {
  const auto cases = worked_cases();
  Context context;
  const auto decide_all = [&] {
    std::size_t allowed = 0;
    for (const auto& c : cases) {
      context.clear();
      for (const auto& entry : c->request().context->entries()) {
        const auto values = c->request().context->values(entry);
        if (entry.multivalued) {
          context.set(entry.key, values);
        } else {
          context.set(entry.key, values[0]);
        }
      }
      Request request = c->request();
      request.context = &context;
      allowed += decide(request, c->policies()).allowed();
    }
    return allowed;
  };
  const std::size_t allowed = decide_all();
  const std::size_t before = allocations;
  EXPECT_EQ(decide_all(), allowed);
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_GT(allowed, 0u);
}

TEST(Decide, APolicyWithTablesAllocatesNothing) {
  const CompiledPtr p = must_compile(statements(1000));
  const Asked asked(*p, "s3:GetObject", "arn:aws:s3:::b999/x");
  const std::size_t before = allocations;
  EXPECT_TRUE(decide(asked.request, asked.view).allowed());
  EXPECT_EQ(allocations - before, 0u);
}

TEST(Allocations, AreCounted) {
  const auto cases = worked_cases();
  const std::size_t loaded = allocations;
  std::size_t matched = 0;
  for (const auto& c : cases) matched += explain(c->request(), c->policies()).matched.size();
  EXPECT_GT(allocations, loaded) << "explaining does allocate";
  EXPECT_GT(matched, 0u);
}
#endif

TEST(Context, KeysHaveNoCaseAndTheLastValueCounts) {
  Context context;
  context.set("aws:PrincipalTag/Team", "a");
  context.set("AWS:principaltag/team", "b");
  ASSERT_EQ(context.entries().size(), 1u);
  const auto* entry = context.find("aws:principalTag/TEAM");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(context.values(*entry)[0], "b");
  EXPECT_EQ(context.find("aws:principalTag/TEA"), nullptr);
}

TEST(Compiled, TellsAboutItsStatements) {
  const CompiledPtr p = must_compile(
      "{\"Version\":\"2012-10-17\",\"Statement\":[\n "
      "{\"Sid\":\"A\",\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"},\n"
      " {\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}");
  EXPECT_EQ(p->kind(), Kind::identity);
  ASSERT_EQ(p->statement_count(), 2u);
  EXPECT_EQ(p->sid(0), "A");
  EXPECT_EQ(p->line(1), 3);
  EXPECT_TRUE(p->allows(0));
  EXPECT_FALSE(p->allows(1));
  EXPECT_TRUE(p->source().starts_with("{\"Version\""));
}

TEST(Decide, NamesTheFirstStatementWhateverTheIndexFindsFirst) {
  std::string text = statements(50);
  text.insert(text.find('[') + 1, R"({"Effect":"Allow","Action":"s3:Get*","Resource":"*"},)");
  const CompiledPtr p = must_compile(text);
  const Asked asked(*p, "s3:GetObject", "arn:aws:s3:::b49/x");
  const Decision d = decide(asked.request, asked.view);
  EXPECT_TRUE(d.allowed());
  EXPECT_EQ(d.statement, (StatementRef{Layer::identity, 0, 0}));
}

TEST(Decide, APolicyMayHaveAHundredThousandStatements) {
  const CompiledPtr p = must_compile(statements(100'000));
  EXPECT_EQ(p->statement_count(), 100'000u);
  const Asked asked(*p, "s3:GetObject", "arn:aws:s3:::b99999/x");
  const Decision d = decide(asked.request, asked.view);
  EXPECT_TRUE(d.allowed());
  EXPECT_EQ(d.statement, (StatementRef{Layer::identity, 0, 99'999}));
  const Asked other(*p, "s3:GetObject", "arn:aws:s3:::b100000/x");
  EXPECT_FALSE(decide(other.request, other.view).allowed());
}

// Few statements but many actions: tables of actions, none of resources.
TEST(Decide, FindsEveryActionOfALongList) {
  std::string text =
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Resource":"*","Action":["ec2:A")";
  for (int i = 0; i < 200; ++i) text += ",\"s3:Action" + std::to_string(i) + "\"";
  const CompiledPtr p = must_compile(text + "]}}");
  for (int i = 0; i < 201; ++i) {
    const std::string action = "S3:action" + std::to_string(i);
    const Asked asked(*p, action, "*");
    EXPECT_EQ(decide(asked.request, asked.view).allowed(), i < 200) << action;
  }
}

TEST(Explain, FindsThroughTheIndexWhatAScanFinds) {
  std::size_t matched = 0, nearly = 0;
  for (const auto& c : worked_cases()) {
    const Explanation found = explain(c->request(), c->policies());
    const Explanation scanned = explain_by_scanning(c->request(), c->policies());
    const auto same = [](const auto& a, const auto& b) { return a.at == b.at && a.sid == b.sid; };
    EXPECT_TRUE(std::ranges::equal(found.matched, scanned.matched, same)) << c->id_json();
    EXPECT_TRUE(std::ranges::equal(found.nearly, scanned.nearly, same)) << c->id_json();
    EXPECT_EQ(found.decision.outcome, scanned.decision.outcome) << c->id_json();
    EXPECT_EQ(found.decision.decided_by, scanned.decision.decided_by) << c->id_json();
    EXPECT_EQ(decide_supposing(c->request(), c->policies(), {}).outcome, found.decision.outcome);
    matched += found.matched.size();
    nearly += found.nearly.size();
  }
  EXPECT_GT(matched, 100u);
  EXPECT_GT(nearly, 10u);
}

TEST(Decide, ActionsOfAnyLengthAreCompared) {
  const std::string name(5000, 'x');
  const CompiledPtr p =
      must_compile(R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:)" + name +
                   R"(","Resource":"*"}})");
  const std::string action = "S3:" + name;
  Asked asked(*p, action, "*");
  EXPECT_TRUE(decide(asked.request, asked.view).allowed());
  asked.request.action = {};
  EXPECT_FALSE(decide(asked.request, asked.view).allowed());
}

// A bucket's policy and an object's list beside it.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-auth-workflow-object-operation.html
TEST(Decide, AListGrantsAsThePolicyWouldThatNamesAsMuch) {
  const CompiledPtr may = must_compile(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}})");
  const CompiledPtr nothing = must_compile(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}})");
  const CompiledPtr forbids = must_compile(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}})",
      Kind::resource);
  const std::string own = "111122223333", other = "444455556666";
  struct Row {
    bool anonymous;
    std::string_view owner;
    Granted listed;
    bool identity_allows, denied, expected;
  };
  for (const Row& row : {Row{false, own, Granted::nothing, false, false, false},
                         Row{false, own, Granted::to_account, false, false, false},
                         Row{false, own, Granted::to_account, true, false, true},
                         Row{false, own, Granted::to_everyone, false, false, true},
                         Row{false, own, Granted::to_everyone, true, true, false},
                         Row{false, other, Granted::nothing, true, false, false},
                         Row{false, other, Granted::to_account, true, false, true},
                         Row{false, other, Granted::to_account, false, false, false},
                         Row{false, other, Granted::to_everyone, false, false, false},
                         Row{false, other, Granted::to_everyone, true, true, false},
                         Row{true, own, Granted::to_everyone, false, false, true},
                         Row{true, own, Granted::to_account, false, false, false},
                         Row{true, own, Granted::to_everyone, false, true, false}}) {
    Asked asked(row.identity_allows ? *may : *nothing, "s3:GetObject", "arn:aws:s3:::b/k");
    if (row.anonymous) asked.request.principal = {};
    asked.request.resource_account = row.owner;
    asked.view.listed = row.listed;
    if (row.denied) asked.view.resource = forbids.get();
    const Decision decision = decide(asked.request, asked.view);
    EXPECT_EQ(decision.allowed(), row.expected) << &row;
    EXPECT_EQ(explain(asked.request, asked.view).decision.outcome, decision.outcome);
  }
}

TEST(Decide, APolicyThatOnlyDeniesGrantsNothing) {
  const CompiledPtr may = must_compile(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})");
  const CompiledPtr both = must_compile(
      R"({"Version":"2012-10-17","Statement":[
          {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"},
          {"Effect":"Deny","Principal":"*","Action":"s3:PutObjectAcl","Resource":"*"}]})",
      Kind::resource);
  Asked asked(*may, "s3:GetObject", "arn:aws:s3:::b/k");
  asked.request.resource_account = "444455556666";
  asked.view.resource = both.get();
  EXPECT_TRUE(decide(asked.request, asked.view).allowed());
  asked.view.only_denies = true;
  EXPECT_EQ(decide(asked.request, asked.view).outcome, Outcome::implicitly_denied);
  EXPECT_EQ(explain(asked.request, asked.view).decision.outcome, Outcome::implicitly_denied);
  asked.request.resource_account = "111122223333";
  EXPECT_EQ(decide(asked.request, asked.view).decided_by, Layer::identity);
  asked.request.action = "s3:PutObjectAcl";
  EXPECT_EQ(decide(asked.request, asked.view).outcome, Outcome::explicitly_denied);
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
TEST(DenialMessage, HasAwssWords) {
  Request r;
  r.principal = {PrincipalType::user, "123456789012", "arn:aws:iam::123456789012:user/JohnDoe", {}, {}, {}};
  r.action = "codedeploy:ListDeployments";
  r.resource = "arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:*";
  const std::string front =
      "User: arn:aws:iam::123456789012:user/JohnDoe is not authorized to perform: codedeploy:ListDeployments "
      "on resource: "
      "arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:*";
  const auto message = [&](Outcome outcome, Layer layer) {
    return denial_message(r, {outcome, layer, false, {}});
  };
  constexpr auto im = Outcome::implicitly_denied, ex = Outcome::explicitly_denied;
  const std::string no = " because no ", allows = " allows the codedeploy:ListDeployments action";
  EXPECT_EQ(message(im, Layer::identity), front + no + "identity-based policy" + allows);
  EXPECT_EQ(message(ex, Layer::identity), front + " with an explicit deny in an identity-based policy");
  EXPECT_EQ(message(im, Layer::resource), front + no + "resource-based policy" + allows);
  EXPECT_EQ(message(ex, Layer::resource), front + " with an explicit deny in a resource-based policy");
  EXPECT_EQ(message(im, Layer::boundary), front + no + "permissions boundary" + allows);
  EXPECT_EQ(message(ex, Layer::boundary), front + " with an explicit deny in a permissions boundary");
  EXPECT_EQ(message(im, Layer::session), front + no + "session policy" + allows);
  EXPECT_EQ(message(ex, Layer::session), front + " with an explicit deny in a session policy");
  EXPECT_EQ(message(im, Layer::scp), front + " with an explicit deny in a service control policy");
  EXPECT_EQ(message(ex, Layer::scp), front + " with an explicit deny in a service control policy");
  EXPECT_EQ(message(ex, Layer::rcp), front + " with an explicit deny in a resource control policy");
  EXPECT_EQ(message(im, Layer::endpoint), front + no + "VPC endpoint policy" + allows);
  EXPECT_EQ(message(ex, Layer::endpoint), front + " with an explicit deny in a VPC endpoint policy");
  EXPECT_EQ(message(im, Layer::trust), front);
  EXPECT_EQ(message(ex, Layer::trust), front + " with an explicit deny in the role trust policy");
  EXPECT_EQ(denial_message(r, {im, Layer::identity, false, {}}, {.quote_resource = true}),
            "User: arn:aws:iam::123456789012:user/JohnDoe is not authorized to perform: "
            "codedeploy:ListDeployments on "
            "resource: \"arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:*\"" +
                no + "identity-based policy" + allows);
  r.principal = {
      PrincipalType::federated, "123456789012", "arn:aws:iam::123456789012:oidc-provider/x", {}, {}, {}};
  r.action = "sts:AssumeRoleWithWebIdentity";
  EXPECT_EQ(message(im, Layer::trust), "Not authorized to perform sts:AssumeRoleWithWebIdentity");
}

}  // namespace
}  // namespace gatehouse::policy
