// The engine against the naive evaluator on random cases, and properties that must hold for all of them.
//
// Ten thousand cases in every run; GATEHOUSE_POLICY_CASES asks for more, GATEHOUSE_POLICY_SEED for others.
#include <gtest/gtest.h>

#include <cstdlib>

#include "policy/eval.h"
#include "policy/testing/naive.h"
#include "policy/testing/random_cases.h"

namespace gatehouse::policy::testing {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::uint64_t case_count() { return from_environment("GATEHOUSE_POLICY_CASES", 10'000); }
std::uint64_t seed() { return from_environment("GATEHOUSE_POLICY_SEED", 20260101); }

struct Answers {
  NaiveDecision fast, slow, naive;
  std::string error;
  bool agree() const { return error.empty() && fast == naive && slow == naive; }
};

Answers ask(const json::object& c) {
  Answers a;
  const auto parsed = Case::parse(json::dump(c));
  if (!parsed) {
    a.error = parsed.error().message;
    return a;
  }
  const Decision fast = decide((*parsed)->request(), (*parsed)->policies());
  const Decision slow = explain((*parsed)->request(), (*parsed)->policies()).decision;
  a.fast = {std::string(to_string(fast.outcome)), std::string(to_string(fast.decided_by))};
  a.slow = {std::string(to_string(slow.outcome)), std::string(to_string(slow.decided_by))};
  a.naive = decide_naively(c);
  if (fast.has_statement != slow.has_statement || (fast.has_statement && fast.statement != slow.statement)) {
    a.error = "decide() and explain() name different statements";
  }
  return a;
}

// Leaves out whatever can be left out while the two still disagree.
bool shrink_once(json::object& c, json::value& v) {
  const auto still_wrong = [&] { return !ask(c).agree() && ask(c).error.empty(); };
  if (v.is_array()) {
    for (std::size_t i = 0; i < v.get_array().size(); ++i) {
      const json::value kept = v.get_array()[i];
      v.get_array().erase(v.get_array().begin() + static_cast<std::ptrdiff_t>(i));
      if (still_wrong()) return true;
      v.get_array().insert(v.get_array().begin() + static_cast<std::ptrdiff_t>(i), kept);
      if (shrink_once(c, v.get_array()[i])) return true;
    }
  } else if (v.is_object()) {
    std::vector<std::string> keys;
    for (const auto& member : v.get_object()) keys.emplace_back(member.key());
    for (const std::string& key : keys) {
      if (key == "request" || key == "policies" || key == "principal" || key == "action" ||
          key == "resource") {
        if (v.get_object()[key].is_object() && shrink_once(c, v.get_object()[key])) return true;
        continue;
      }
      const json::value kept = v.get_object()[key];
      v.get_object().erase(key);
      if (still_wrong()) return true;
      v.get_object()[key] = kept;
      if (shrink_once(c, v.get_object()[key])) return true;
    }
  }
  return false;
}

std::string shrunk(const json::object& from) {
  json::value whole = from;
  while (shrink_once(whole.get_object(), whole)) {
  }
  return json::dump(whole);
}

TEST(Random, EngineAndNaiveEvaluatorAgree) {
  RandomCases cases(seed());
  std::size_t allowed = 0, denied = 0, silent = 0;
  for (std::uint64_t i = 0; i < case_count(); ++i) {
    const json::object c = cases.next();
    const Answers a = ask(c);
    ASSERT_EQ(a.error, "") << json::dump(c);
    ASSERT_TRUE(a.agree()) << "engine " << a.fast.decision << " by " << a.fast.decided_by << ", explained as "
                           << a.slow.decision << " by " << a.slow.decided_by << ", naive " << a.naive.decision
                           << " by " << a.naive.decided_by << "\n"
                           << shrunk(c);
    allowed += a.fast.decision == "Allowed";
    denied += a.fast.decision == "ExplicitlyDenied";
    silent += a.fast.decision == "ImplicitlyDenied";
  }
  // Worth something only if all three happen often.
  EXPECT_GT(allowed, case_count() / 20);
  EXPECT_GT(denied, case_count() / 20);
  EXPECT_GT(silent, case_count() / 20);
}

NaiveDecision engine(const json::object& c) { return ask(c).fast; }

TEST(Random, AnotherAllowNeverTakesAwayAndAnotherDenyNeverGives) {
  RandomCases cases(seed() + 1);
  for (std::uint64_t i = 0; i < case_count() / 5; ++i) {
    json::object c = cases.next();
    json::object& policies = c["policies"].as_object();
    if (!policies.contains("identity") || policies["identity"].as_array().empty()) continue;
    const NaiveDecision before = engine(c);
    json::object added = cases.any_statement();
    json::array& statements = policies["identity"].as_array()[0].as_object()["Statement"].as_array();
    added["Effect"] = "Allow";
    statements.push_back(added);
    if (before.decision == "Allowed") {
      ASSERT_EQ(engine(c).decision, "Allowed") << json::dump(c);
    }
    statements.back().as_object()["Effect"] = "Deny";
    if (before.decision != "Allowed") {
      ASSERT_NE(engine(c).decision, "Allowed") << json::dump(c);
    }
  }
}

TEST(Random, OrderAndSplittingChangeNothing) {
  RandomCases cases(seed() + 2);
  for (std::uint64_t i = 0; i < case_count() / 5; ++i) {
    json::object c = cases.next();
    const NaiveDecision before = engine(c);
    json::object& policies = c["policies"].as_object();
    for (const char* layer : {"identity", "boundary", "session"}) {
      if (!policies.contains(layer)) continue;
      json::array& documents = policies[layer].as_array();
      std::reverse(documents.begin(), documents.end());
      for (json::value& document : documents) {
        json::array& statements = document.as_object()["Statement"].as_array();
        std::reverse(statements.begin(), statements.end());
      }
      // One policy becomes two: its first statement, and the rest.
      if (documents.empty() || documents[0].as_object()["Statement"].as_array().size() < 2) continue;
      json::object first = documents[0].as_object();
      json::array& rest = documents[0].as_object()["Statement"].as_array();
      first["Statement"] = json::array{rest[0]};
      rest.erase(rest.begin());
      documents.push_back(std::move(first));
    }
    ASSERT_EQ(engine(c), before) << json::dump(c);
  }
}

TEST(Random, AListIsTheSameAsItsStatements) {
  RandomCases cases(seed() + 3);
  for (std::uint64_t i = 0; i < case_count() / 5; ++i) {
    json::object c = cases.next();
    json::object& policies = c["policies"].as_object();
    if (!policies.contains("identity") || policies["identity"].as_array().empty()) continue;
    const NaiveDecision before = engine(c);
    json::array& statements = policies["identity"].as_array()[0].as_object()["Statement"].as_array();
    json::array split;
    for (const json::value& s : statements) {
      const json::value* actions = s.as_object().if_contains("Action");
      if (actions == nullptr || !actions->is_array()) {
        split.push_back(s);
        continue;
      }
      for (const json::value& action : actions->as_array()) {
        json::object one = s.as_object();
        one["Action"] = action;
        split.push_back(std::move(one));
      }
    }
    statements = std::move(split);
    ASSERT_EQ(engine(c), before) << json::dump(c);
  }
}

}  // namespace
}  // namespace gatehouse::policy::testing
