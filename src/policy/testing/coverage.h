// What random cases really tried. A comparison says nothing about what never came up.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/json.h"
#include "policy/testing/comparison.h"

namespace gatehouse::policy::testing {

class Coverage {
 public:
  void count(const json::object& c, const Answers& answers);
  // Fails where an operator, a way to name a principal, a kind of caller or a layer came up too seldom.
  void expect_everything() const;
  std::string summary() const;

 private:
  struct Tally {
    std::uint64_t yes = 0, no = 0;
  };
  void count_conditions(const json::object& statement, const Explanation::NearMiss* missed);
  void count_principal(const json::object& statement, bool fits);
  void count_layers(const json::object& c, const Answers& answers);
  void expect_operators() const;
  void expect_layers() const;

  std::uint64_t cases_ = 0;
  std::map<std::string, std::uint64_t> outcomes_, layers_;  // "Allowed", "Allowed by identity"
  std::map<std::string, Tally> operators_;                  // held or failed in a statement that was reached
  std::map<std::string, Tally> principals_;                 // named the caller or not
  std::map<std::string, Tally> callers_;                    // allowed or not
};

}  // namespace gatehouse::policy::testing
