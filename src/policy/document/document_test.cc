#include "policy/document/document.h"

#include <gtest/gtest.h>

#include <string>

namespace gatehouse::policy {
namespace {

constexpr std::string_view kPolicy = R"({
  "Version": "2012-10-17",
  "Id": "é",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Principal": {"AWS": ["111122223333", "arn:aws:iam::444455556666:root"], "Service": "ec2.amazonaws.com"},
      "Action": ["s3:GetObject", "s3:List*"],
      "Resource": "arn:aws:s3:::b/*",
      "Condition": {"Bool": {"aws:SecureTransport": true}, "NumericLessThan": {"s3:max-keys": [10, "20"]}}
    },
    {"Effect": "Deny", "NotPrincipal": "*", "NotAction": "*", "NotResource": []}
  ]
})";

std::string at(const Document& d, std::uint32_t offset) {
  const Position p = d.position(offset);
  return std::to_string(p.line) + ":" + std::to_string(p.column);
}

TEST(Document, KnowsEveryElementAndWhereItStands) {
  const Document d = parse_document(kPolicy);
  ASSERT_TRUE(d.problems().empty()) << d.problems()[0].message;
  EXPECT_EQ(d.version()->text, "2012-10-17");
  EXPECT_EQ(at(d, d.version()->offset), "2:14");
  EXPECT_EQ(d.id()->text, "é");
  ASSERT_EQ(d.statements().size(), 2u);

  const Statement& read = d.statements()[0];
  EXPECT_EQ(at(d, read.offset), "5:5");
  EXPECT_EQ(read.sid->text, "Read");
  EXPECT_EQ(at(d, read.sid_key_offset), "6:7");
  EXPECT_EQ(read.effect->text, "Allow");
  ASSERT_EQ(read.principal.groups.size(), 2u);
  EXPECT_EQ(read.principal.groups[0].type, "AWS");
  ASSERT_EQ(read.principal.groups[0].list.values.size(), 2u);
  EXPECT_EQ(read.principal.groups[0].list.values[1].text, "arn:aws:iam::444455556666:root");
  EXPECT_FALSE(read.principal.groups[1].list.is_list);
  ASSERT_EQ(read.action.values.size(), 2u);
  EXPECT_EQ(at(d, read.action.values[1].offset), "9:34");
  EXPECT_EQ(at(d, read.action.key_offset), "9:7");
  EXPECT_FALSE(read.resource.is_list);
  ASSERT_EQ(read.condition.operators.size(), 2u);
  EXPECT_EQ(read.condition.operators[0].entries[0].list.values[0].text, "true");
  EXPECT_EQ(read.condition.operators[0].entries[0].list.values[0].kind, JsonKind::boolean);
  const ConditionEntry& keys = read.condition.operators[1].entries[0];
  EXPECT_EQ(keys.key, "s3:max-keys");
  EXPECT_EQ(keys.list.values[0].text, "10");
  EXPECT_EQ(keys.list.values[0].kind, JsonKind::number);

  const Statement& deny = d.statements()[1];
  EXPECT_EQ(deny.not_principal.scalar->text, "*");
  EXPECT_TRUE(deny.not_action.present);
  EXPECT_TRUE(deny.not_resource.present);
  EXPECT_TRUE(deny.not_resource.values.empty());
  EXPECT_FALSE(deny.action.present);
}

TEST(Document, ColumnsCountCharacters) {
  const Document d = parse_document("{\"Id\": \"éé\", \"Statement\": 5}");
  ASSERT_EQ(d.problems().size(), 1u);
  EXPECT_EQ(at(d, d.problems()[0].offset), "1:27");
}

TEST(Document, StaysValidWhenMoved) {
  Document first = parse_document(R"({"Statement":{"Effect":"\u0041llow"}})");
  const Document second = std::move(first);
  EXPECT_EQ(second.statements()[0].effect->text, "Allow");
  EXPECT_EQ(second.source().substr(second.statements()[0].offset, 1), "{");
}

struct Case {
  std::string_view text;
  std::string_view expected;  // "line:column start of message", one for each problem, "; " between
};

TEST(Document, ReportsWhatPeoplePaste) {
  const Case cases[] = {
      {"", "1:1 The document is empty"},
      {"{", "1:1 This \"{\" is never closed"},
      {"{} x", "1:4 There is something after"},
      {"[]", "1:1 A policy is an object"},
      {"\"Statement\": []", "1:12 This is a fragment"},
      {"{\n// all\n\"Statement\": []}", "2:1 JSON has no comments"},
      {"{ /* x */ \"Statement\": [] # y\n}", "1:3 JSON has no comments; 1:27 JSON has no comments"},
      {"{\"Statement\": [ ... ]}", "1:17 \"...\" stands for"},
      {"{\"Statement\": [{}, ...]}", "1:20 \"...\" stands for"},
      {"{\"Statement\": [{},]}", "1:18 Remove this comma"},
      {"{\"Statement\": [],}", "1:17 Remove this comma"},
      {"{\"Statement\": [,{}]}", "1:16 Remove this comma"},
      {"{\"Statement\": [{} {}]}", "1:19 A comma is missing"},
      {"{\"Version\": \"a\"\n\"Statement\": []}", "2:1 A comma is missing"},
      {"{\"Version\" \"a\"}", "1:12 A colon is missing"},
      {"{\"Version\" = \"a\"}", "1:12 A colon is expected here"},
      {"{\"Version\"}", "1:11 A colon and a value are missing"},
      {"{Version: \"a\"}", "1:2 The name of an element must be in double quotes"},
      {"{'Version': 'a'}", "1:2 Strings need straight; 1:13 Strings need straight"},
      {"{“Version”: “a”}", "1:2 Strings need straight; 1:13 Strings need straight"},
      {"{\"Statement\": [{}}", "1:1 This \"{\" is never closed; 1:18 \"]\" is expected here"},
      {"{\"Statement\": [{\"Resource\": <arn>}]}", "1:29 A value is expected here"},
      {"{\"Statement\": [{\"Condition\": {\"Bool\": {\"k\": True}}}]}", "1:45 JSON writes true"},
      {"{\"Version\": \"a}", "1:13 This string is never closed"},
      {"{\"Version\": \"a,\n\"Id\": \"x\"}", "1:13 This string is not closed on its line"},
      {R"({"Version": "\q"})", "1:14 JSON knows no such escape"},
      {R"({"Version": "\ud800"})", "1:14 This half of a surrogate"},
      {R"({"Version": "a", "Version": "a"})", "1:18 \"Version\" stands twice in one object."},
      {R"({"Statement": {"Effect": "Allow", "effect": "Deny"}})",
       "1:35 \"effect\" stands twice in one object, apart; 1:35 \"effect\" is not an element"},
      {R"({"Statment": []})", "1:2 \"Statment\" is not an element of a policy"},
      {R"({"Statement": [{"Action": 5}]})", "1:27 \"Action\" takes a string"},
      {R"({"Statement": [{"Action": {"a": "b"}}]})", "1:27 \"Action\" takes a string"},
      {R"({"Statement": ["x"]})", "1:16 A statement is an object"},
      {R"({"Statement": [{"Condition": []}]})", "1:30 Condition is an object"},
      {R"({"Statement": [{"Condition": {"Bool": "x"}}]})", "1:39 \"Bool\" holds an object"},
      {R"({"Statement": [{"Principal": 7}]})", "1:30 Principal is \"*\""},
      {"{\"Version\": \"\xFF\"}", "1:14 The document is not valid UTF-8"},
  };
  for (const Case& c : cases) {
    const Document d = parse_document(c.text);
    std::string rest(c.expected);
    for (const DocumentProblem& p : d.problems()) {
      const std::size_t semicolon = rest.find("; ");
      const std::string expected = rest.substr(0, semicolon);
      rest = semicolon == rest.npos ? "" : rest.substr(semicolon + 2);
      EXPECT_TRUE((at(d, p.offset) + " " + p.message).starts_with(expected) && !expected.empty())
          << c.text << "\n  expected: " << expected << "\n  reported: " << at(d, p.offset) << " "
          << p.message;
    }
    EXPECT_EQ(rest, "") << c.text;
  }
}

TEST(Document, ReadsOnAfterAProblem) {
  const Document d =
      parse_document(R"({"Statement": [{"Effect": "Allow",}, {"Effect": "Deny" "Action": "s3:*"}]})");
  EXPECT_EQ(d.problems().size(), 2u);
  ASSERT_EQ(d.statements().size(), 2u);
  EXPECT_EQ(d.statements()[1].action.values[0].text, "s3:*");
}

TEST(Document, HostileInputIsBounded) {
  EXPECT_FALSE(parse_document(std::string(1'000'000, '[')).problems().empty());
  EXPECT_FALSE(parse_document(std::string(100'000, '{')).problems().empty());
  EXPECT_LE(parse_document(std::string(1'000'000, ',')).problems().size(), kMaxProblems);
  EXPECT_LE(parse_document("[" + std::string(1'000'000, ',')).problems().size(), kMaxProblems);
  EXPECT_FALSE(parse_document(std::string("\0\0", 2)).problems().empty());
  std::string wide = "{";
  for (int i = 0; i < 20'000; ++i) wide += "\"k" + std::to_string(i) + "\":[],";
  EXPECT_EQ(parse_document(wide + "\"z\":[]}").problems().size(), kMaxProblems);
}

// Found by the fuzzer: a curly quote closed by a backtick, which is one byte and not three, at the very end.
TEST(Document, ACurlyQuoteClosedByABacktick) {
  for (const std::string_view end : {"`", "`}", "`:1}", "'", "\"", "\u201d"}) {
    const std::string text = "{\u2018Version" + std::string(end);
    const Document document = parse_document(text);
    EXPECT_TRUE(document.has_syntax_errors()) << text;
    for (const DocumentProblem& p : document.problems()) EXPECT_LE(p.offset, text.size()) << text;
  }
}

}  // namespace
}  // namespace gatehouse::policy
