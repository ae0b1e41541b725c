#include "policy/match/arn_pattern.h"

#include <algorithm>
#include <bit>
#include <string>

#include "policy/match/text.h"

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

// Whether compile_pattern() would make nothing but literal text of it.
bool is_plain(std::string_view text, bool variables) {
  return text.find_first_of("*?") == text.npos && (!variables || text.find("${") == text.npos);
}

ArnPattern headed(std::span<const std::string_view> parts, std::string_view rest, bool variables,
                  Arena& arena) {
  ArnPattern result;
  std::string text;
  for (const std::string_view part : parts) text.append(part).push_back(':');
  const bool star = rest.ends_with('*');
  const std::string_view body = rest.substr(0, rest.size() - (star ? 1 : 0));
  if (is_plain(body, variables)) {
    result.shape = ArnPattern::Shape::whole;
    result.rest.shape = star ? Pattern::Shape::prefix : Pattern::Shape::exact;
    result.rest.text = arena.copy(text.append(body));
  } else {
    result.shape = ArnPattern::Shape::headed;
    result.head = arena.copy(text);
    result.rest = compile_pattern(rest, {.variables = variables}, arena);
  }
  return result;
}

}  // namespace

ArnText::ArnText(std::string_view whole) : text(whole) {
  if (!whole.starts_with("arn:")) return;
  std::size_t found = 0, at = 0;
  for (; at + 8 <= whole.size(); at += 8) {
    for (std::uint64_t marks = bytes_equal(load8(whole.data() + at), ':'); marks != 0; marks &= marks - 1) {
      colons[found++] =
          static_cast<std::uint32_t>(at + static_cast<std::size_t>(std::countr_zero(marks)) / 8);
      if (found == colons.size()) {
        is_arn = true;
        return;
      }
    }
  }
  for (; at < whole.size(); ++at) {
    if (whole[at] != ':') continue;
    colons[found++] = static_cast<std::uint32_t>(at);
    if (found == colons.size()) {
      is_arn = true;
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

  const bool in_parts = variables == VariablesIn::every_part, in_rest = variables != VariablesIn::no_part;
  const auto head = std::span(parts).first(5);
  if (std::ranges::all_of(head, [&](std::string_view part) { return is_plain(part, in_parts); })) {
    return headed(head, parts[5], in_rest, arena);
  }
  std::array<Pattern, 5> compiled;
  for (std::size_t i = 0; i < 5; ++i) compiled[i] = compile_pattern(parts[i], {.variables = in_parts}, arena);
  result.shape = ArnPattern::Shape::parted;
  result.parts = arena.copy(std::span<const Pattern>(compiled)).data();
  result.rest = compile_pattern(parts[5], {.variables = in_rest}, arena);
  return result;
}

ArnLiterals literals(const ArnPattern& pattern) {
  switch (pattern.shape) {
    case ArnPattern::Shape::whole: {
      const ArnText arn(pattern.rest.text);
      return {arn.part(2), arn.part(5)};
    }
    case ArnPattern::Shape::headed:
      return {ArnText(pattern.head).part(2), pattern.rest.text};
    case ArnPattern::Shape::parted:
      return {is_literal(pattern.parts[2]) ? pattern.parts[2].text : std::string_view(), pattern.rest.text};
    case ArnPattern::Shape::everything:
    case ArnPattern::Shape::nothing:
      break;
  }
  return {};
}

Match match(const ArnPattern& pattern, const ArnText& arn, const Context& context) {
  if (pattern.shape == ArnPattern::Shape::everything) return Match::yes;
  if (pattern.shape == ArnPattern::Shape::nothing || !arn.is_arn) return Match::no;
  if (pattern.shape == ArnPattern::Shape::whole) {
    return match_literally(pattern.rest, arn.text) ? Match::yes : Match::no;
  }
  if (pattern.shape == ArnPattern::Shape::headed) {
    if (!begins_with(arn.text, pattern.head)) return Match::no;
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
