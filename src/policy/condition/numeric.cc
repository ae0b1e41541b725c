// NumericEquals, NumericLessThan and their kin.
#include <charconv>
#include <cmath>
#include <vector>

#include "policy/condition/values.h"

namespace gatehouse::policy {

Number Number::parse(std::string_view text) {
  Number n;
  const char* const end = text.data() + text.size();
  if (const auto [at, error] = std::from_chars(text.data(), end, n.integer);
      error == std::errc() && at == end) {
    n.readable = n.whole = true;
    n.real = static_cast<double>(n.integer);
    return n;
  }
  if (text.find_first_not_of("0123456789+-.eE") != text.npos) return n;  // from_chars knows inf and nan
  const auto [at, error] = std::from_chars(text.data(), end, n.real);
  n.readable = error == std::errc() && at == end && !text.empty() && std::isfinite(n.real);
  return n;
}

Operands compile_numbers(Values values, Arena& arena) {
  std::vector<Number> numbers;
  numbers.reserve(values.size());
  for (const Scalar& value : values) numbers.push_back(Number::parse(value.text));
  return Operands(arena.copy(std::span<const Number>(numbers)));
}

Match match_numeric(const Operands& operands, Order order, std::string_view value) {
  const Number mine = Number::parse(value);
  if (!mine.readable) return Match::unknown;
  Match result = Match::no;
  for (const Number& theirs : operands.as<Number>()) {
    if (!theirs.readable) {
      result = Match::unknown;
      continue;
    }
    const std::partial_ordering o =
        mine.whole && theirs.whole ? mine.integer <=> theirs.integer : mine.real <=> theirs.real;
    if (in_order(o, order)) return Match::yes;
  }
  return result;
}

}  // namespace gatehouse::policy
