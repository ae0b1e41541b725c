// Reading the small languages inside a policy's strings: ARNs, patterns, variables, placeholders, addresses.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::policy::lint {

std::string lower(std::string_view text);
bool contains_ignoring_case(std::string_view text, std::string_view part);
bool starts_with_ignoring_case(std::string_view text, std::string_view start);
inline bool has_wildcard(std::string_view text) { return text.find_first_of("*?") != std::string_view::npos; }
inline bool has_variable(std::string_view text) { return text.find("${") != std::string_view::npos; }
bool is_digits(std::string_view text);

// The first thing in `text` that someone should have replaced: <BUCKET>, {{bucket}}, ${AWS::Region},
// ${var.bucket}, YOUR_BUCKET. Empty if there is none.
std::string_view placeholder_in(std::string_view text);
bool begins_placeholder(std::string_view text);
inline bool has_placeholder(std::string_view text) { return !placeholder_in(text).empty(); }

// What cannot be known from the text alone: wildcards, variables, placeholders.
inline bool is_open(std::string_view text) {
  return has_wildcard(text) || has_variable(text) || has_placeholder(text);
}

// An ARN as a policy writes it. Colons inside ${…}, {{…}} and <…> do not separate.
struct ArnPattern {
  std::string_view partition, service, region, account, resource;
  std::size_t parts = 0;  // six, or more are in `resource`; less if fields are missing
  static std::optional<ArnPattern> parse(std::string_view text);  // nullopt unless it begins with "arn:"
};

// A pattern taken apart for comparing: characters, '*' (also for variables and placeholders) and '?'.
class Pattern {
 public:
  static Pattern of_policy(std::string_view text);
  // The resource part of a catalogue's ARN format, where "${BucketName}" is one or more characters.
  static Pattern of_format(std::string_view text);
  // Whether some text matches both. Time is the product of the lengths.
  static bool overlap(const Pattern& a, const Pattern& b);
  // Whether everything `inner` matches is matched by `outer`; may say no where it is yes, never the reverse.
  static bool covers(std::string_view outer, std::string_view inner);
  std::size_t size() const { return tokens_.size(); }

 private:
  enum class Kind : std::uint8_t { character, one, many };
  struct Token {
    Kind kind;
    char character = 0;
    bool slash = true;  // whether '/' may be among what `one` and `many` stand for
  };
  static bool fits(const Token& a, const Token& b);
  std::vector<Token> tokens_;
};

// ${aws:username} and ${aws:username, 'nobody'}; text as between the braces.
struct Variable {
  std::size_t begin = 0, end = 0;  // of "${…}" in the text; end is npos where the brace is missing
  std::string_view name;           // before a comma
  std::string_view fallback;       // after it, as written
  bool has_fallback = false;
  bool closed = true;
};
std::vector<Variable> variables_in(std::string_view text);

// An IPv4 or IPv6 address with an optional mask.
struct Cidr {
  std::array<std::uint8_t, 16> bytes{};
  int bits = 0, mask = 0;  // bits: 32 or 128
  static std::optional<Cidr> parse(std::string_view text);
  bool is_private() const;
  bool has_host_bits() const;
  std::string network() const;  // with the host bits cleared
};

bool is_known_region(std::string_view region);
bool is_known_partition(std::string_view partition);
// Which partition a region belongs to; empty if it is unknown.
std::string_view partition_of_region(std::string_view region);

}  // namespace gatehouse::policy::lint
