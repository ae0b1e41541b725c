// ARNs against ARN patterns: the six parts are compared one by one, so a star stays within its part; the last
// part is everything behind the fifth colon.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "policy/match/pattern.h"

namespace gatehouse::policy {

// An ARN of a request, cut once and compared often.
struct ArnText {
  std::string_view text;
  bool is_arn = false;
  std::array<std::uint32_t, 5> colons{};  // offsets, if it is one

  explicit ArnText(std::string_view whole);
  std::string_view part(
      std::size_t i) const {  // 0 "arn", 1 partition, 2 service, 3 region, 4 account, 5 the rest
    const std::size_t from = i == 0 ? 0 : colons[i - 1] + 1;
    return i == 5 ? text.substr(from) : text.substr(from, colons[i] - from);
  }
};

struct ArnPattern {
  enum class Shape : std::uint8_t {
    everything,  // "*": also what is no ARN
    whole,       // five literal parts, and a last one that is literal or a literal and a star
    headed,      // five literal parts, then any pattern
    parted,      // a pattern each part
    nothing,     // not an ARN pattern: never matches
  };
  Shape shape = Shape::nothing;
  std::string_view head;           // headed: "arn:aws:s3:::"
  Pattern rest;                    // headed and parted: of the last part; whole: of the whole text
  const Pattern* parts = nullptr;  // parted: five
};

// What a matching ARN's service must be (empty: any), and how its last part must begin.
struct ArnLiterals {
  std::string_view service, rest;
};
ArnLiterals literals(const ArnPattern& pattern);

enum class VariablesIn : std::uint8_t { no_part, last_part, every_part };

// Cut at the first five colons; a colon inside ${…} belongs to the variable's name.
std::vector<std::string_view> cut_arn(std::string_view text);

// IAM fills up an ARN of fewer parts with stars: "arn:aws:codebuild" means "arn:aws:codebuild:*:*:*".
ArnPattern compile_arn_pattern(std::string_view text, VariablesIn variables, Arena& arena);

Match match(const ArnPattern& pattern, const ArnText& arn, const Context& context);

}  // namespace gatehouse::policy
