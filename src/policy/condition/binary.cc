// BinaryEquals: both sides are Base64. Equal bytes have equal Base64, so the texts are compared.
#include <vector>

#include "base/encoding.h"
#include "policy/condition/condition.h"

namespace gatehouse::policy {

// Kept as canonical Base64; what is not Base64 matches nothing and is left out.
Operands compile_byte_texts(Values values, Arena& arena) {
  std::vector<std::string_view> texts;
  for (const Scalar& value : values) {
    if (const auto bytes = unbase64(value.text)) texts.push_back(arena.copy(base64(*bytes)));
  }
  return Operands(arena.copy(std::span<const std::string_view>(texts)));
}

Match match_binary(const Operands& operands, std::string_view value) {
  for (const std::string_view canonical : operands.as<std::string_view>()) {
    if (canonical == value) return Match::yes;
  }
  return Match::no;
}

}  // namespace gatehouse::policy
