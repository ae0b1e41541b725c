#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <new>

#include "policy/compiled.h"
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

#ifdef COUNTS_ALLOCATIONS
TEST(Decide, AllocatesNothing) {
  std::ifstream file(GATEHOUSE_SOURCE_DIR "/tests/data/policy/cases.jsonl");
  std::vector<std::unique_ptr<Case>> cases;
  for (std::string line; std::getline(file, line);) cases.push_back(*Case::parse(line));
  ASSERT_GE(cases.size(), 200u);
  const std::size_t before = allocations;
  std::size_t allowed = 0;
  for (const auto& c : cases) allowed += decide(c->request(), c->policies()).allowed();
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_GT(allowed, 0u);
}

TEST(Decide, ARefilledContextAllocatesNothing) {
  Context context;
  const std::string_view many[] = {"a", "b"};
  const auto fill = [&] {
    context.clear();
    context.set("aws:SourceIp", "10.0.0.1");
    context.set("aws:TagKeys", std::span<const std::string_view>(many));
  };
  fill();
  const std::size_t before = allocations;
  fill();
  EXPECT_EQ(allocations - before, 0u);
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
  std::string text =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"})";
  for (int i = 0; i < 50; ++i) {
    text += R"(,{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b)" + std::to_string(i) +
            "/*\"}";
  }
  const CompiledPtr p = must_compile(text + "]}");
  const Compiled* list[] = {p.get()};
  Request r;
  r.principal = {PrincipalType::user, "111122223333", "arn:aws:iam::111122223333:user/a", {}, {}, {}};
  r.action = "s3:GetObject";
  r.resource = "arn:aws:s3:::b49/x";
  PolicyView view;
  view.identity = list;
  const Decision d = decide(r, view);
  EXPECT_TRUE(d.allowed());
  EXPECT_EQ(d.statement, (StatementRef{Layer::identity, 0, 0}));
}

TEST(Decide, ActionsOfAnyLengthAreCompared) {
  const std::string name(5000, 'x');
  const CompiledPtr p =
      must_compile(R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:)" + name +
                   R"(","Resource":"*"}})");
  const Compiled* list[] = {p.get()};
  const std::string action = "S3:" + name;
  Request r;
  r.principal = {PrincipalType::user, "111122223333", "arn:aws:iam::111122223333:user/a", {}, {}, {}};
  r.action = action;
  r.resource = "*";
  PolicyView view;
  view.identity = list;
  EXPECT_TRUE(decide(r, view).allowed());
  r.action = {};
  EXPECT_FALSE(decide(r, view).allowed());
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
