// Patterns: text with `*`, `?` and policy variables.
//
// A variable's value is text, never a pattern: a tag whose value is `*` matches a star and nothing else.
// Matching allocates nothing; runs between stars are found leftmost first and never revisited, so the cost is
// at most the text's length times the longest run that has `?` or variables in it, and linear for all others.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "policy/document/arena.h"
#include "policy/policy.h"

namespace gatehouse::policy {

enum class Match : std::uint8_t {
  no,
  yes,
  unknown,  // a variable has no value, or an operand cannot be read: nothing follows from it
};

struct Variable {
  std::uint64_t hash = 0;  // of the key, without case
  std::string_view key;
  std::string_view otherwise;
  bool has_otherwise = false;
};

struct Piece {
  enum class Kind : std::uint8_t { literal, any_one, star, variable };
  Kind kind = Kind::literal;
  std::string_view text;               // literal
  const Variable* variable = nullptr;  // variable
};

// Small, two to a cache line: deciding waits for memory more than for anything else.
struct Pattern {
  enum class Shape : std::uint8_t {
    exact,    // text
    prefix,   // text and a star
    general,  // pieces
  };
  Shape shape = Shape::exact;
  bool fold = false;  // compare without case; only for patterns without wildcards
  bool has_variables = false;
  std::uint32_t piece_count = 0;
  const Piece* first_piece = nullptr;
  std::string_view text;  // exact and prefix; for general, the literal text it begins with

  std::span<const Piece> pieces() const { return {first_piece, piece_count}; }
  bool matches_everything() const { return shape == Shape::prefix && text.empty(); }
};

struct PatternOptions {
  bool wildcards = true;
  bool variables = true;
  bool fold = false;
  bool lowercase = false;  // keep the pattern in lower case
};

// What is not a well-formed variable is literal text. The pattern's memory is the arena's.
Pattern compile_pattern(std::string_view text, PatternOptions options, Arena& arena);

Match match(const Pattern& pattern, std::string_view text, const Context& context);

// For patterns without variables.
bool match_literally(const Pattern& pattern, std::string_view text);

}  // namespace gatehouse::policy
