// One random case, put to the engine and to the naive evaluator.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/json.h"
#include "policy/eval.h"
#include "policy/testing/naive.h"

namespace gatehouse::policy::testing {

// Ten thousand; GATEHOUSE_POLICY_CASES asks for more, GATEHOUSE_POLICY_SEED for others.
std::uint64_t case_count();
std::uint64_t seed();

struct Answers {
  std::unique_ptr<Case> parsed;
  Explanation explanation;
  NaiveDecision engine, naive;
  std::string error;  // the case cannot be read, or decide() and explain() differ
  bool agree() const { return error.empty() && engine == naive; }
};
Answers ask(const json::object& c);

// The engine alone, for properties.
NaiveDecision decide_with_engine(const json::object& c);

// The case with everything left out that can be while the two still disagree.
std::string shrunk(const json::object& c);

}  // namespace gatehouse::policy::testing
