// Conditions: a key of the request, an operator, the values it is compared with.
//
// A statement's conditions are a list of tests that must all hold. How one value of the request compares with
// the policy's values is each operator family's own file; what a missing key, a negation, IfExists,
// ForAllValues and ForAnyValue make of it is the same for all and stands in condition.cc.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "policy/document/document.h"
#include "policy/match/arn_pattern.h"
#include "policy/match/pattern.h"

namespace gatehouse::policy {

enum class Family : std::uint8_t { string, like, numeric, date, boolean, binary, address, arn, null };
enum class Order : std::uint8_t { equal, less, less_equal, greater, greater_equal };
enum class Quantifier : std::uint8_t { none, for_all_values, for_any_value };

// "ForAnyValue:StringNotLikeIfExists", taken apart.
struct OperatorName {
  Family family = Family::string;
  Order order = Order::equal;
  Quantifier quantifier = Quantifier::none;
  bool negated = false, fold = false, if_exists = false;

  static std::optional<OperatorName> parse(std::string_view name);
};

// The policy's values, in the shape their family compares: patterns for string, like and boolean;
// ArnPatterns, Numbers, Moments and Networks for the families so called; texts for binary.
class Operands {
 public:
  Operands() = default;
  template <typename T>
  explicit Operands(std::span<const T> values)
      : first_(values.data()), count_(static_cast<std::uint32_t>(values.size())) {}

  template <typename T>
  std::span<const T> as() const {
    return {static_cast<const T*>(first_), count_};
  }

 private:
  const void* first_ = nullptr;
  std::uint32_t count_ = 0;
};

struct Test {
  OperatorName op;
  bool expects_null = false, expects_value = false;   // Null's values, "true" and "false"
  std::uint16_t operator_index = 0, entry_index = 0;  // where it stands in the statement's Condition
  std::uint64_t key_hash = 0;
  std::string_view key;
  Operands operands;
};

std::span<const Test> compile_conditions(const ConditionElement& condition, bool with_variables,
                                         Arena& arena);

bool holds(const Test& test, const Context& context);

// One value of the request against the policy's, without negation. Each family's file has its own.
Match match_string(const Operands& operands, std::string_view value, const Context& context);
Match match_boolean(const Operands& operands, std::string_view value, const Context& context);
Match match_arn(const Operands& operands, std::string_view value, const Context& context);
Match match_numeric(const Operands& operands, Order order, std::string_view value);
Match match_date(const Operands& operands, Order order, std::string_view value);
Match match_address(const Operands& operands, std::string_view value);
Match match_binary(const Operands& operands, std::string_view value);

using Values = std::span<const Scalar>;
std::span<const Pattern> compile_strings(Values values, PatternOptions options, Arena& arena);
Operands compile_arns(Values values, bool with_variables, Arena& arena);
Operands compile_numbers(Values values, Arena& arena);
Operands compile_moments(Values values, Arena& arena);
Operands compile_networks(Values values, Arena& arena);
Operands compile_byte_texts(Values values, Arena& arena);

}  // namespace gatehouse::policy
