// StringEquals, StringLike and their kin, and Bool.
#include <vector>

#include "policy/condition/condition.h"

namespace gatehouse::policy {

std::span<const Pattern> compile_strings(Values values, PatternOptions options, Arena& arena) {
  std::vector<Pattern> patterns;
  patterns.reserve(values.size());
  for (const Scalar& value : values) patterns.push_back(compile_pattern(value.text, options, arena));
  return arena.copy(std::span<const Pattern>(patterns));
}

Match match_string(const Operands& operands, std::string_view value, const Context& context) {
  Match result = Match::no;
  for (const Pattern& pattern : operands.as<Pattern>()) {
    const Match one = match(pattern, value, context);
    if (one == Match::yes) return one;
    if (one == Match::unknown) result = one;
  }
  return result;
}

// Booleans are written true and "True" alike.
Match match_boolean(const Operands& operands, std::string_view value, const Context& context) {
  return match_string(operands, value, context);
}

}  // namespace gatehouse::policy
