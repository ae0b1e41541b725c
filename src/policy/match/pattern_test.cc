#include "policy/match/pattern.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>

#include "policy/match/arn_pattern.h"

namespace gatehouse::policy {
namespace {

bool matches(std::string_view pattern, std::string_view text) {
  Arena arena;
  return match(compile_pattern(pattern, {}, arena), text, Context()) == Match::yes;
}

// The definition, one character at a time.
bool matches_by_definition(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (matches_by_definition(pattern.substr(1), text.substr(i))) return true;
    }
    return false;
  }
  if (text.empty() || (pattern[0] != '?' && pattern[0] != text[0])) return false;
  return matches_by_definition(pattern.substr(1), text.substr(1));
}

TEST(Pattern, Globs) {
  EXPECT_TRUE(matches("", ""));
  EXPECT_FALSE(matches("", "a"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("a*", "a"));
  EXPECT_TRUE(matches("*a", "ba"));
  EXPECT_TRUE(matches("a*b*c", "a-b-b-c"));
  EXPECT_FALSE(matches("a*b*c", "a-c-b"));
  EXPECT_TRUE(matches("a?c", "abc"));
  EXPECT_FALSE(matches("a?c", "ac"));
  EXPECT_TRUE(matches("*?", "a"));
  EXPECT_FALSE(matches("*?", ""));
  EXPECT_TRUE(matches("**a**", "xax"));
  EXPECT_TRUE(matches("ab*ab", "abab"));
  EXPECT_FALSE(matches("ab*ab", "ab"));
}

TEST(Pattern, AQuestionMarkIsACharacterNotAByte) {
  EXPECT_TRUE(matches("?", "é"));
  EXPECT_FALSE(matches("??", "é"));
  EXPECT_TRUE(matches("*?x", "aéx"));
  EXPECT_TRUE(matches("*é?", "éé日"));
}

TEST(Pattern, AgreesWithTheDefinitionOnEveryShortPattern) {
  std::mt19937 random(7);
  const auto make = [&](std::string_view alphabet, std::size_t most) {
    std::string s(random() % (most + 1), ' ');
    for (char& c : s) c = alphabet[random() % alphabet.size()];
    return s;
  };
  for (int i = 0; i < 200'000; ++i) {
    const std::string pattern = make("ab*?", 7), text = make("ab", 9);
    ASSERT_EQ(matches(pattern, text), matches_by_definition(pattern, text)) << pattern << " on " << text;
  }
}

TEST(Pattern, VariablesAreText) {
  Arena arena;
  Context context;
  context.set("aws:username", "*");
  context.set("aws:PrincipalTag/a", "x");
  const std::string_view many[] = {"m"};
  context.set("aws:TagKeys", std::span<const std::string_view>(many));
  const auto check = [&](std::string_view pattern, std::string_view text) {
    return match(compile_pattern(pattern, {}, arena), text, context);
  };
  EXPECT_EQ(check("a/${aws:username}", "a/*"), Match::yes);
  EXPECT_EQ(check("a/${aws:username}", "a/b"), Match::no);
  EXPECT_EQ(check("*/${AWS:PRINCIPALTAG/A}?", "q/x1"), Match::yes);
  EXPECT_EQ(check("${aws:missing}", "x"), Match::unknown);
  EXPECT_EQ(check("${aws:missing, 'or this'}", "or this"), Match::yes);
  EXPECT_EQ(check("${aws:missing,'a}b'}", "a}b"), Match::yes);
  EXPECT_EQ(check("${aws:TagKeys}", "m"), Match::unknown);
  EXPECT_EQ(check("${*}${?}${$}", "*?$"), Match::yes);
  EXPECT_EQ(check("${*}", "a"), Match::no);
  // Not variables.
  EXPECT_EQ(check("${", "${"), Match::yes);
  EXPECT_EQ(check("${}", "${}"), Match::yes);
  EXPECT_EQ(check("${a, b}", "${a, b}"), Match::yes);
  EXPECT_EQ(check("$x", "$x"), Match::yes);
}

TEST(Pattern, HostilePatternsTakeLittleTime) {
  const auto start = std::chrono::steady_clock::now();
  std::string stars, questions;
  for (int i = 0; i < 1000; ++i) stars += "*a";
  for (int i = 0; i < 1000; ++i) questions += "*?a";
  const std::string text(100'000, 'a');
  EXPECT_FALSE(matches(stars + "b", text));
  EXPECT_FALSE(matches(questions + "b", text));
  EXPECT_FALSE(matches("*" + std::string(1000, 'a') + "b", text));
  EXPECT_FALSE(matches("*" + std::string(1000, '?') + "b", text.substr(0, 5000)));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

TEST(ArnPattern, IsCutAtItsColons) {
  Arena arena;
  const auto check = [&](std::string_view pattern, std::string_view text) {
    return match(compile_arn_pattern(pattern, VariablesIn::last_part, arena), ArnText(text), Context()) ==
           Match::yes;
  };
  EXPECT_TRUE(check("*", "not an arn"));
  EXPECT_TRUE(check("arn:aws:s3:::b/*", "arn:aws:s3:::b/a:b/c"));
  EXPECT_FALSE(check("arn:aws:s3:::b/*", "arn:aws:s3:::b"));
  EXPECT_TRUE(check("arn:aws:sqs:*:1*:q", "arn:aws:sqs:us-east-1:123:q"));
  EXPECT_FALSE(check("arn:aws:sqs:*:q", "arn:aws:sqs:us-east-1:123:q"));
  EXPECT_TRUE(check("arn:aws:codebuild:*", "arn:aws:codebuild:us-east-1:123:project/p"));
  EXPECT_TRUE(check("arn:aws:codebuild", "arn:aws:codebuild:us-east-1:123:project/p"));
  EXPECT_FALSE(check("arn:aws:s3:::b", "*"));
  EXPECT_FALSE(check("arn:aws:s3:::*", "arn:aws:s3::b"));
  EXPECT_FALSE(check("b", "b"));
}

}  // namespace
}  // namespace gatehouse::policy
