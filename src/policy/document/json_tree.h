// JSON with positions: the first stage of reading a policy.
//
// Every node knows where it stands. The reader is tolerant: people paste policies out of web pages, with
// comments, `...`, trailing commas and curly quotes. Each such thing is reported in plain words and reading
// goes on, so that one look shows everything that is wrong. It is also fast: nodes live in an arena, text
// without escapes is a view of the source. Time is linear in the source, depth and the number of reports are
// bounded.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/document/arena.h"
#include "policy/match/text.h"

namespace gatehouse::policy {

enum class JsonKind : std::uint8_t { null, boolean, number, string, array, object, invalid };

std::string_view to_string(JsonKind kind);  // "a string", "an object", …, for messages

struct JsonMember;

struct JsonNode {
  JsonKind kind = JsonKind::null;
  std::uint32_t begin = 0, end = 0;  // bytes of the source, [begin, end)
  std::string_view text;             // a string's value; a number or boolean as written
  std::span<const JsonNode> items;
  std::span<const JsonMember> members;

  const JsonNode* find(std::string_view key) const;  // the first member of that exact name
};

struct JsonMember {
  std::string_view key;
  std::uint32_t key_begin = 0;
  JsonNode value;
};

// What is wrong with a document as a document, before anyone asks what it means.
enum class Problem : std::uint8_t {
  syntax,         // not JSON
  duplicate_key,  // twice in one object, also when only the case differs
  unknown_element,
  wrong_type,  // a number where a list of strings belongs
};

struct DocumentProblem {
  Problem problem = Problem::syntax;
  std::uint32_t offset = 0;
  std::string message;
};

inline constexpr std::size_t kMaxProblems = 100;
inline constexpr std::uint32_t kMaxSource = 16u << 20;
inline constexpr int kMaxDepth = 64;

// Reads `source`, which must outlive the tree, as must the arena.
JsonNode read_json(std::string_view source, Arena& arena, std::vector<DocumentProblem>& problems);

}  // namespace gatehouse::policy
