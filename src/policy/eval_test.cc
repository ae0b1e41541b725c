// Worked cases, each with the page of AWS's documentation that it rests on.
#include "policy/eval.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "base/json.h"

namespace gatehouse::policy {
namespace {

TEST(Eval, WorkedCases) {
  std::ifstream file(GATEHOUSE_SOURCE_DIR "/tests/data/policy/cases.jsonl");
  ASSERT_TRUE(file);
  std::set<std::string> ids;
  std::set<std::int64_t> traps;
  for (std::string line; std::getline(file, line);) {
    const json::object c = json::parse(line)->as_object();
    const std::string id = json::string_or(c, "id", "");
    EXPECT_TRUE(ids.insert(id).second) << id;
    EXPECT_TRUE(json::string_or(c, "page", "").starts_with("https://")) << id;
    const EvalLine result = evaluate_case(line);
    const json::object out = json::parse(result.text)->as_object();
    const json::object& expected = c.at("expect").as_object();
    EXPECT_TRUE(result.ok) << id << ": " << result.text;
    EXPECT_EQ(json::string_or(out, "decision", ""), json::string_or(expected, "decision", "?")) << id;
    EXPECT_EQ(json::string_or(out, "decidedBy", ""), json::string_or(expected, "decidedBy", "?")) << id;
    EXPECT_NE(json::string_or(out, "message", "").find(json::string_or(expected, "message", "")),
              std::string::npos)
        << id;
    if (c.contains("trap")) traps.insert(json::int_or(c, "trap", 0));
    // The fast walk and the slow one.
    const auto parsed = Case::parse(line);
    ASSERT_TRUE(parsed) << id;
    const Decision fast = decide((*parsed)->request(), (*parsed)->policies());
    EXPECT_EQ(to_string(fast.outcome), json::string_or(expected, "decision", "?")) << id;
    EXPECT_EQ(to_string(fast.decided_by), json::string_or(expected, "decidedBy", "?")) << id;
  }
  EXPECT_GE(ids.size(), 400u);
  // docs/policy.md lists the traps by number. Two are S3's own and stand in tests/api/s3.
  for (std::int64_t trap = 1; trap <= 23; ++trap) {
    EXPECT_TRUE(traps.contains(trap) || trap == 13 || trap == 19) << trap;
  }
}

TEST(Eval, TellsWhatMatchedAndTheMessage) {
  const EvalLine out = evaluate_case(
      R"({"id":7,"request":{"principal":"arn:aws:iam::111122223333:user/a","action":"s3:GetObject",)"
      R"("resource":"arn:aws:s3:::b/k","context":{}},"policies":{"identity":[{"Version":"2012-10-17","Statement":)"
      R"([{"Sid":"No","Effect":"Deny","Action":"s3:*","Resource":"*"},{"Effect":"Allow","Action":"*","Resource":"*"}]}]}})");
  EXPECT_EQ(
      out.text,
      R"({"id":7,"decision":"ExplicitlyDenied","decidedBy":"identity",)"
      R"("matched":[{"layer":"identity","policy":0,"statement":0,"sid":"No"}],)"
      R"("message":"User: arn:aws:iam::111122223333:user/a is not authorized to perform: s3:GetObject on resource: )"
      R"(\"arn:aws:s3:::b/k\" with an explicit deny in an identity-based policy"})");
}

TEST(Eval, BadCasesSaySo) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", R"({"id":null,"error":"Byte 0: The document is empty."})"},
      {"[]", R"({"id":null,"error":"A case is an object."})"},
      {R"({"id":"x"})", R"({"id":"x","error":"A case needs a \"request\", an object."})"},
      {R"({"id":"x","request":{"principal":"*","action":"a:b"}})",
       R"({"id":"x","error":"A request needs \"resource\", a string."})"},
      {R"({"id":1,"request":{"principal":"*","action":"a:b","resource":"*","context":{"k":null}}})",
       R"({"id":1,"error":"The context's \"k\" is a string or a list of strings."})"},
      {R"({"id":1,"request":{"principal":"*","action":"a:b","resource":"*"},"policies":{"identity":[{"Statement":[]}]}})",
       R"({"id":1,"error":"Syntax errors in policy. Line 1, column 1: A policy needs at least one Statement."})"},
      {"{\"id\":\"\xff\",\"request\":{}}",
       R"({"id":null,"error":"Byte 7: The document is not valid UTF-8 here."})"},
      {R"({"id":1,"request":{"principal":"*","action":"a:b","resource":"*","canonicalId":7}})",
       R"({"id":1,"error":"\"canonicalId\" is a string."})"},
      {R"({"id":1,"request":{"principal":"*","action":"a:b","resource":"*"},"policies":{"other":[]}})",
       R"({"id":1,"error":"\"other\" is not a kind of policy."})"},
  };
  for (const auto& [line, expected] : cases) {
    const EvalLine out = evaluate_case(line);
    EXPECT_FALSE(out.ok);
    EXPECT_EQ(out.text, expected) << line;
  }
}

// Where a statement stands is found without walking along its line: this took minutes.
TEST(Eval, ManyStatementsOnOneLine) {
  std::string statements;
  for (int i = 0; i < 60'000; ++i) {
    statements += (i == 0 ? "" : ",") +
                  std::string(R"({"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b)") +
                  std::to_string(i) + R"(/*"})";
  }
  const EvalLine out = evaluate_case(
      R"({"id":1,"request":{"principal":"arn:aws:iam::111122223333:user/a","action":"s3:GetObject","resource":"arn:aws:s3:::b59999/k"},"policies":{"identity":[{"Version":"2012-10-17","Statement":[)" +
      statements + "]}]}}");
  EXPECT_EQ(
      out.text,
      R"({"id":1,"decision":"Allowed","decidedBy":"identity","matched":[{"layer":"identity","policy":0,"statement":59999}]})");
}

}  // namespace
}  // namespace gatehouse::policy
