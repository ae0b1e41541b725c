#include "policy/match/arn_pattern.h"

#include <string>

namespace gatehouse::policy {

std::vector<std::string_view> cut_arn(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t from = 0;
  for (std::size_t at = 0; at < text.size() && parts.size() < 5; ++at) {
    if (text[at] == '$' && at + 1 < text.size() && text[at + 1] == '{') {
      const std::size_t close = text.find('}', at);
      if (close != text.npos) at = close;
    } else if (text[at] == ':') {
      parts.push_back(text.substr(from, at - from));
      from = at + 1;
    }
  }
  parts.push_back(text.substr(from));
  return parts;
}

namespace {

bool is_literal(const Pattern& p) { return p.shape == Pattern::Shape::exact && !p.has_variables; }

}  // namespace

ArnText::ArnText(std::string_view whole) : text(whole) {
  std::size_t found = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    if (whole[at] != ':') continue;
    colons[found++] = static_cast<std::uint32_t>(at);
    if (found == colons.size()) {
      is_arn = whole.starts_with("arn:");
      return;
    }
  }
}

ArnPattern compile_arn_pattern(std::string_view text, VariablesIn variables, Arena& arena) {
  ArnPattern result;
  if (text == "*") {
    result.shape = ArnPattern::Shape::everything;
    return result;
  }
  auto parts = cut_arn(text);
  if (parts[0] != "arn") return result;
  while (parts.size() < 6) parts.push_back("*");

  std::array<Pattern, 5> compiled;
  bool headed = true;
  for (std::size_t i = 0; i < 5; ++i) {
    compiled[i] = compile_pattern(parts[i], {.variables = variables == VariablesIn::every_part}, arena);
    headed = headed && is_literal(compiled[i]);
  }
  result.rest = compile_pattern(parts[5], {.variables = variables != VariablesIn::no_part}, arena);
  if (is_literal(compiled[2])) result.literal_service = compiled[2].text;
  result.literal_rest = result.rest.text;
  if (headed) {
    result.shape = ArnPattern::Shape::headed;
    std::string head;
    for (std::size_t i = 0; i < 5; ++i) head.append(parts[i]).push_back(':');
    result.head = arena.copy(head);
  } else {
    result.shape = ArnPattern::Shape::parted;
    result.parts = arena.copy(std::span<const Pattern>(compiled)).data();
  }
  return result;
}

Match match(const ArnPattern& pattern, const ArnText& arn, const Context& context) {
  if (pattern.shape == ArnPattern::Shape::everything) return Match::yes;
  if (pattern.shape == ArnPattern::Shape::nothing || !arn.is_arn) return Match::no;
  if (pattern.shape == ArnPattern::Shape::headed) {
    if (!arn.text.starts_with(pattern.head)) return Match::no;
    return match(pattern.rest, arn.text.substr(pattern.head.size()), context);
  }
  Match result = Match::yes;
  for (std::size_t i = 0; i < 5; ++i) {
    const Match one = match(pattern.parts[i], arn.part(i), context);
    if (one == Match::no) return Match::no;
    if (one == Match::unknown) result = Match::unknown;
  }
  const Match last = match(pattern.rest, arn.part(5), context);
  return last == Match::yes ? result : last;
}

}  // namespace gatehouse::policy
