// What must hold for every case whatever its answer: an Allow more never takes away, a Deny more never gives,
// and neither order nor the way in which policies and statements are cut matters.
//
// The cases are the random ones: with NotPrincipal, variables, conditions of every operator, every layer.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "policy/testing/comparison.h"
#include "policy/testing/random_cases.h"

namespace gatehouse::policy::testing {
namespace {

using Kind = RandomCases::Kind;

constexpr const char* kLayers[] = {"identity", "boundary", "session", "endpoint", "scp", "rcp", "resource"};

// Every policy of a layer, levels laid end to end.
void for_each_policy(json::value& layer, const std::function<void(json::object&)>& visit) {
  if (layer.is_object()) return visit(layer.get_object());
  for (json::value& one : layer.as_array()) for_each_policy(one, visit);
}

// Every list of policies: where another may be added, or their order be changed.
void for_each_list(json::value& layer, const std::function<void(json::array&)>& visit) {
  if (!layer.is_array()) return;
  const bool of_levels = !layer.get_array().empty() && layer.get_array()[0].is_array();
  if (!of_levels) return visit(layer.get_array());
  for (json::value& level : layer.get_array()) for_each_list(level, visit);
}

void for_each_policy_of(json::object& c, const std::function<void(json::object&)>& visit) {
  for (auto& layer : c["policies"].as_object()) for_each_policy(layer.value(), visit);
}

Kind kind_of(std::string_view layer, const json::object& policy) {
  if (layer == "identity" || layer == "boundary" || layer == "session" || layer == "scp")
    return Kind::identity;
  const json::object& first = policy.at("Statement").as_array().at(0).as_object();
  const bool trust = !first.contains("Resource") && !first.contains("NotResource");
  return trust ? Kind::trust : layer == "resource" ? Kind::resource : Kind::endpoint;
}

json::array& statements_of(json::object& policy) { return policy["Statement"].as_array(); }

std::uint64_t how_many() { return case_count() / 4; }

// A statement more in one of the case's policies; false where it has none.
bool add_statement(json::object& c, RandomCases& random, const char* effect) {
  std::vector<std::pair<std::string, json::object*>> policies;
  for (const char* layer : kLayers) {
    if (!c["policies"].as_object().contains(layer)) continue;
    for_each_policy(c["policies"].as_object()[layer],
                    [&](json::object& policy) { policies.emplace_back(layer, &policy); });
  }
  if (policies.empty()) return false;
  const auto& [layer, policy] = policies[random.below(policies.size())];
  json::object added = random.statement(kind_of(layer, *policy));
  // Trust policies take no NotPrincipal with Allow.
  if (added.contains("NotPrincipal") && std::string_view(effect) == "Allow" && !added.contains("Resource") &&
      !added.contains("NotResource"))
    return false;
  added["Effect"] = effect;
  json::array& statements = statements_of(*policy);
  statements.insert(statements.begin() + static_cast<std::ptrdiff_t>(random.below(statements.size() + 1)),
                    std::move(added));
  return true;
}

TEST(Properties, AnotherAllowNeverTakesAway) {
  RandomCases random(seed() + 1);
  std::uint64_t tried = 0;
  for (std::uint64_t i = 0; i < how_many(); ++i) {
    json::object c = random.next();
    if (decide_with_engine(c).decision != "Allowed" || !add_statement(c, random, "Allow")) continue;
    ASSERT_EQ(decide_with_engine(c).decision, "Allowed") << json::dump(c);
    ++tried;
  }
  EXPECT_GT(tried, how_many() / 20);
}

TEST(Properties, AnotherDenyNeverGives) {
  RandomCases random(seed() + 2);
  std::uint64_t tried = 0;
  for (std::uint64_t i = 0; i < how_many(); ++i) {
    json::object c = random.next();
    const std::string before = decide_with_engine(c).decision;
    if (before == "Allowed" || !add_statement(c, random, "Deny")) continue;
    const std::string after = decide_with_engine(c).decision;
    // An explicit denial stays one; what was not allowed stays so.
    ASSERT_TRUE(after == before || after == "ExplicitlyDenied") << after << " " << json::dump(c);
    ++tried;
  }
  EXPECT_GT(tried, how_many() / 20);
}

void expect_unchanged(std::uint64_t seed, const std::function<void(json::object&, RandomCases&)>& change) {
  RandomCases random(seed);
  for (std::uint64_t i = 0; i < how_many(); ++i) {
    json::object c = random.next();
    const NaiveDecision before = decide_with_engine(c);
    change(c, random);
    ASSERT_EQ(decide_with_engine(c), before) << json::dump(c);
  }
}

void shuffle(json::array& items, RandomCases& random) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
}

// Every list below a statement: values, and the members of its condition.
void shuffle_within(json::value& v, RandomCases& random) {
  if (v.is_array()) {
    shuffle(v.get_array(), random);
  } else if (v.is_object()) {
    std::vector<std::pair<std::string, json::value>> members;
    for (auto& member : v.get_object()) members.emplace_back(member.key(), member.value());
    v.get_object().clear();
    for (std::size_t i = members.size(); i-- > 0;) {
      shuffle_within(members[i].second, random);
      v.get_object()[members[i].first] = std::move(members[i].second);
    }
  }
}

TEST(Properties, OrderChangesNothing) {
  expect_unchanged(seed() + 3, [](json::object& c, RandomCases& random) {
    for_each_policy_of(c, [&](json::object& policy) {
      shuffle(statements_of(policy), random);
      for (json::value& statement : statements_of(policy)) shuffle_within(statement, random);
    });
    for (auto& layer : c["policies"].as_object())
      for_each_list(layer.value(), [&](json::array& policies) { shuffle(policies, random); });
    shuffle_within(c["request"].as_object()["context"], random);
  });
}

TEST(Properties, OnePolicyIsItsStatementsEach) {
  expect_unchanged(seed() + 4, [](json::object& c, RandomCases&) {
    for (auto& layer : c["policies"].as_object()) {
      for_each_list(layer.value(), [](json::array& policies) {
        json::array cut;
        for (json::value& policy : policies) {
          for (json::value& statement : statements_of(policy.as_object())) {
            json::object one = policy.as_object();
            one["Statement"] = json::array{statement};
            cut.push_back(std::move(one));
          }
        }
        policies = std::move(cut);
      });
    }
  });
}

// One statement for each value of `element`.
void split(json::array& statements, std::string_view element) {
  json::array all;
  for (json::value& statement : statements) {
    const json::value* values = statement.as_object().if_contains(element);
    if (values == nullptr || !values->is_array()) {
      all.push_back(statement);
      continue;
    }
    for (const json::value& value : values->as_array()) {
      json::object one = statement.as_object();
      one[element] = value;
      all.push_back(std::move(one));
    }
  }
  statements = std::move(all);
}

TEST(Properties, AListOfActionsOrResourcesIsOneStatementForEach) {
  expect_unchanged(seed() + 5, [](json::object& c, RandomCases&) {
    for_each_policy_of(c, [](json::object& policy) {
      split(statements_of(policy), "Action");
      split(statements_of(policy), "Resource");
    });
  });
}

void split_principals(json::array& statements) {
  json::array all;
  for (json::value& statement : statements) {
    const json::value* principal = statement.as_object().if_contains("Principal");
    if (principal == nullptr || !principal->is_object()) {
      all.push_back(statement);
      continue;
    }
    for (const auto& [type, ids] : principal->as_object()) {
      const json::array list = ids.is_array() ? ids.get_array() : json::array{ids};
      for (const json::value& id : list) {
        json::object one = statement.as_object();
        one["Principal"] = json::object{{type, id}};
        all.push_back(std::move(one));
      }
    }
  }
  statements = std::move(all);
}

TEST(Properties, AListOfPrincipalsIsOneStatementForEach) {
  expect_unchanged(seed() + 6, [](json::object& c, RandomCases&) {
    for_each_policy_of(c, [](json::object& policy) { split_principals(statements_of(policy)); });
  });
}

// Values are alternatives, except for negated operators and where each value must be one of several.
bool values_are_alternatives(std::string_view op) {
  return op.find("Not") == op.npos && !op.starts_with("ForAllValues");
}

void split_condition(json::array& statements) {
  json::array all;
  for (json::value& statement : statements) {
    json::value* condition = statement.as_object().if_contains("Condition");
    if (condition == nullptr) {
      all.push_back(statement);
      continue;
    }
    const auto& [op, keys] = *condition->as_object().begin();
    const auto& [key, values] = *keys.as_object().begin();
    if (!values_are_alternatives(op) || !values.is_array()) {
      all.push_back(statement);
      continue;
    }
    for (const json::value& value : values.as_array()) {
      json::object one = statement.as_object();
      one["Condition"].as_object()[op] = json::object{{key, value}};
      all.push_back(std::move(one));
    }
  }
  statements = std::move(all);
}

TEST(Properties, ValuesOfAConditionAreOneStatementForEach) {
  expect_unchanged(seed() + 7, [](json::object& c, RandomCases&) {
    for_each_policy_of(c, [](json::object& policy) { split_condition(statements_of(policy)); });
  });
}

}  // namespace
}  // namespace gatehouse::policy::testing
