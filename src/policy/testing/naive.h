// A second evaluator, for tests only: written from AWS's documentation alone, as plainly as possible, sharing
// nothing with the engine but the JSON library. It reads a case of `policy eval` and says what the decision
// is and which statements mattered.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace gatehouse::policy::testing {

struct NaiveDecision {
  std::string decision, decided_by;
  std::vector<std::string> matched;  // "identity 0 2": layer, policy, statement
  friend bool operator==(const NaiveDecision&, const NaiveDecision&) = default;
};

NaiveDecision decide_naively(const json::object& the_case);

std::string to_text(const NaiveDecision& decision);  // for messages

}  // namespace gatehouse::policy::testing
