#include "policy/condition/condition.h"

#include <algorithm>
#include <vector>

#include "policy/condition/values.h"
#include "policy/match/text.h"

namespace gatehouse::policy {
namespace {

struct Named {
  std::string_view name;
  Family family;
  Order order = Order::equal;
  bool negated = false, fold = false;
};

constexpr Named kOperators[] = {
    {"StringEquals", Family::string},
    {"StringNotEquals", Family::string, Order::equal, true},
    {"StringEqualsIgnoreCase", Family::string, Order::equal, false, true},
    {"StringNotEqualsIgnoreCase", Family::string, Order::equal, true, true},
    {"StringLike", Family::like},
    {"StringNotLike", Family::like, Order::equal, true},
    {"NumericEquals", Family::numeric},
    {"NumericNotEquals", Family::numeric, Order::equal, true},
    {"NumericLessThan", Family::numeric, Order::less},
    {"NumericLessThanEquals", Family::numeric, Order::less_equal},
    {"NumericGreaterThan", Family::numeric, Order::greater},
    {"NumericGreaterThanEquals", Family::numeric, Order::greater_equal},
    {"DateEquals", Family::date},
    {"DateNotEquals", Family::date, Order::equal, true},
    {"DateLessThan", Family::date, Order::less},
    {"DateLessThanEquals", Family::date, Order::less_equal},
    {"DateGreaterThan", Family::date, Order::greater},
    {"DateGreaterThanEquals", Family::date, Order::greater_equal},
    {"Bool", Family::boolean},
    {"BinaryEquals", Family::binary},
    {"IpAddress", Family::address},
    {"NotIpAddress", Family::address, Order::equal, true},
    {"ArnEquals", Family::arn},
    {"ArnLike", Family::arn},
    {"ArnNotEquals", Family::arn, Order::equal, true},
    {"ArnNotLike", Family::arn, Order::equal, true},
    {"Null", Family::null},
};

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!equal_ignoring_case(text.substr(0, prefix.size()), prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

Match compare(const Test& test, std::string_view value, const Context& context) {
  switch (test.op.family) {
    case Family::string:
    case Family::like:
      return match_string(test.operands, value, context);
    case Family::boolean:
      return match_boolean(test.operands, value, context);
    case Family::arn:
      return match_arn(test.operands, value, context);
    case Family::numeric:
      return match_numeric(test.operands, test.op.order, value);
    case Family::date:
      return match_date(test.operands, test.op.order, value);
    case Family::address:
      return match_address(test.operands, value);
    case Family::binary:
      return match_binary(test.operands, value);
    case Family::null:
      break;
  }
  return Match::no;
}

// The condition for one value, negation included. What cannot be compared satisfies neither form.
bool satisfied(const Test& test, std::string_view value, const Context& context) {
  return compare(test, value, context) == (test.op.negated ? Match::no : Match::yes);
}

// "If the key values in the request resolve to an empty data set (for example, an empty string), ForAllValues
// returns true, and ForAnyValue returns false."
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_multi-value-conditions.html
bool is_empty_set(std::span<const std::string_view> values) {
  return std::ranges::all_of(values, [](std::string_view v) { return v.empty(); });
}

}  // namespace

std::optional<OperatorName> OperatorName::parse(std::string_view name) {
  OperatorName result;
  if (take_prefix(name, "ForAllValues:")) {
    result.quantifier = Quantifier::for_all_values;
  } else if (take_prefix(name, "ForAnyValue:")) {
    result.quantifier = Quantifier::for_any_value;
  }
  constexpr std::string_view kIfExists = "IfExists";
  if (name.size() > kIfExists.size() &&
      equal_ignoring_case(name.substr(name.size() - kIfExists.size()), kIfExists)) {
    result.if_exists = true;
    name.remove_suffix(kIfExists.size());
  }
  for (const Named& op : kOperators) {
    if (!equal_ignoring_case(op.name, name)) continue;
    if (op.family == Family::null && (result.if_exists || result.quantifier != Quantifier::none))
      return std::nullopt;
    result.family = op.family;
    result.order = op.order;
    result.negated = op.negated;
    result.fold = op.fold;
    return result;
  }
  return std::nullopt;
}

namespace {

void compile_operands(Test& test, Values values, bool with_variables, Arena& arena) {
  const auto strings = [&](PatternOptions options) {
    return Operands(compile_strings(values, options, arena));
  };
  switch (test.op.family) {
    case Family::string:
      test.operands = strings({.wildcards = false, .variables = with_variables, .fold = test.op.fold});
      break;
    case Family::like:
      test.operands = strings({.wildcards = true, .variables = with_variables});
      break;
    case Family::boolean:
      test.operands = strings({.wildcards = false, .variables = with_variables, .fold = true});
      break;
    case Family::arn:
      test.operands = compile_arns(values, with_variables, arena);
      break;
    case Family::numeric:
      test.operands = compile_numbers(values, arena);
      break;
    case Family::date:
      test.operands = compile_moments(values, arena);
      break;
    case Family::address:
      test.operands = compile_networks(values, arena);
      break;
    case Family::binary:
      test.operands = compile_byte_texts(values, arena);
      break;
    case Family::null:
      for (const Scalar& value : values) {
        test.expects_null = test.expects_null || equal_ignoring_case(value.text, "true");
        test.expects_value = test.expects_value || equal_ignoring_case(value.text, "false");
      }
      break;
  }
}

}  // namespace

std::span<const Test> compile_conditions(const ConditionElement& condition, bool with_variables,
                                         Arena& arena) {
  std::vector<Test> tests;
  for (std::size_t i = 0; i < condition.operators.size(); ++i) {
    const ConditionOperator& written = condition.operators[i];
    const auto op = OperatorName::parse(written.name);
    if (!op) continue;  // validate() let it pass only because it has no keys
    for (std::size_t j = 0; j < written.entries.size(); ++j) {
      const ConditionEntry& entry = written.entries[j];
      Test test;
      test.op = *op;
      test.key = arena.copy(entry.key);
      test.key_hash = hash_folded(entry.key);
      test.operator_index = static_cast<std::uint16_t>(i);
      test.entry_index = static_cast<std::uint16_t>(j);
      compile_operands(test, entry.list.values, with_variables, arena);
      tests.push_back(test);
    }
  }
  return arena.copy(std::span<const Test>(tests));
}

bool holds(const Test& test, const Context& context) {
  const Context::Entry* entry = context.find(test.key_hash, test.key);
  const auto values = entry == nullptr ? std::span<const std::string_view>() : context.values(*entry);
  if (test.op.family == Family::null) return values.empty() ? test.expects_null : test.expects_value;
  switch (test.op.quantifier) {
    case Quantifier::for_all_values:
      return is_empty_set(values) ||
             std::ranges::all_of(values, [&](std::string_view v) { return satisfied(test, v, context); });
    case Quantifier::for_any_value:
      if (values.empty()) return test.op.if_exists;
      return !is_empty_set(values) &&
             std::ranges::any_of(values, [&](std::string_view v) { return satisfied(test, v, context); });
    case Quantifier::none:
      break;
  }
  if (values.empty()) return test.op.if_exists || test.op.negated;
  // Without a quantifier a key with several values matches if one of them does.
  if (test.op.negated) {
    return std::ranges::all_of(values, [&](std::string_view v) { return satisfied(test, v, context); });
  }
  return std::ranges::any_of(values, [&](std::string_view v) { return satisfied(test, v, context); });
}

}  // namespace gatehouse::policy
