// The engine against the naive evaluator on random cases. scripts/policy_cases.sh runs a million.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "policy/testing/comparison.h"
#include "policy/testing/coverage.h"
#include "policy/testing/random_cases.h"

namespace gatehouse::policy::testing {
namespace {

TEST(Random, EngineAndNaiveEvaluatorAgree) {
  RandomCases cases(seed());
  Coverage coverage;
  for (std::uint64_t i = 0; i < case_count(); ++i) {
    const json::object c = cases.next();
    const Answers a = ask(c);
    ASSERT_EQ(a.error, "") << json::dump(c);
    ASSERT_TRUE(a.agree()) << "engine " << to_text(a.engine) << "\nnaive  " << to_text(a.naive) << "\n"
                           << shrunk(c);
    coverage.count(c, a);
  }
  coverage.expect_everything();
  if (std::getenv("GATEHOUSE_POLICY_SUMMARY") != nullptr) std::cout << coverage.summary();
}

}  // namespace
}  // namespace gatehouse::policy::testing
