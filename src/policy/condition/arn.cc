// ArnEquals and ArnLike, which are the same, and their negations.
#include <vector>

#include "policy/condition/condition.h"

namespace gatehouse::policy {

Operands compile_arns(Values values, bool with_variables, Arena& arena) {
  std::vector<ArnPattern> patterns;
  patterns.reserve(values.size());
  const auto variables = with_variables ? VariablesIn::every_part : VariablesIn::no_part;
  for (const Scalar& value : values) patterns.push_back(compile_arn_pattern(value.text, variables, arena));
  return Operands(arena.copy(std::span<const ArnPattern>(patterns)));
}

Match match_arn(const Operands& operands, std::string_view value, const Context& context) {
  const ArnText arn(value);
  Match result = Match::no;
  for (const ArnPattern& pattern : operands.as<ArnPattern>()) {
    const Match one = match(pattern, arn, context);
    if (one == Match::yes) return one;
    if (one == Match::unknown) result = one;
  }
  return result;
}

}  // namespace gatehouse::policy
