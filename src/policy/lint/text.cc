#include "policy/lint/text.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/arn.h"

namespace gatehouse::policy::lint {
namespace {

constexpr char lower_char(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// No placeholder or variable is longer; looking no further keeps all of this linear.
constexpr std::size_t kLongestGroup = 200;

// "<…>" with a name inside, at the front of `text`; its length or 0.
std::size_t angle_placeholder(std::string_view text) {
  if (!text.starts_with('<')) return 0;
  const auto close = text.substr(0, kLongestGroup).find('>');
  if (close == std::string_view::npos || close < 2) return 0;
  return std::ranges::any_of(text.substr(1, close - 1), is_letter) ? close + 1 : 0;
}

// "{bucket}" or "[bucket]": brackets around one name.
std::size_t bracket_placeholder(std::string_view text) {
  text = text.substr(0, kLongestGroup);
  if (text.size() < 3 || (text[0] != '{' && text[0] != '[') || !is_letter(text[1])) return 0;
  std::size_t n = 2;
  while (n < text.size() && (is_letter(text[n]) || is_digit(text[n]) || text[n] == '_' || text[n] == '-'))
    ++n;
  return n < text.size() && text[n] == (text[0] == '{' ? '}' : ']') ? n + 1 : 0;
}

// "$BUCKET", as a shell has it.
std::size_t shell_placeholder(std::string_view text) {
  text = text.substr(0, kLongestGroup);
  if (!text.starts_with('$')) return 0;
  std::size_t n = 1;
  while (n < text.size() && ((text[n] >= 'A' && text[n] <= 'Z') || is_digit(text[n]) || text[n] == '_')) ++n;
  return n > 2 && !is_digit(text[1]) ? n : 0;
}

std::size_t template_placeholder(std::string_view text) {
  text = text.substr(0, kLongestGroup);
  if (text.starts_with("{{")) {
    const auto close = text.find("}}");
    return close == std::string_view::npos ? 0 : close + 2;
  }
  for (const std::string_view start :
       {"${AWS::", "${var.", "${local.", "${data.", "${module.", "${aws_", "${self:"}) {
    if (!text.starts_with(start)) continue;
    const auto close = text.find('}');
    return close == std::string_view::npos ? 0 : close + 1;
  }
  return 0;
}

std::size_t word_placeholder(std::string_view text) {
  for (const std::string_view word : {"YOUR_", "YOUR-", "REPLACE_", "REPLACE-", "CHANGE_ME", "CHANGEME",
                                      "ACCOUNT_ID", "ACCOUNT-ID", "AWS_ACCOUNT_ID"}) {
    if (!text.starts_with(word)) continue;
    std::size_t n = word.size();
    while (n < text.size() && (is_letter(text[n]) || is_digit(text[n]) || text[n] == '_' || text[n] == '-'))
      ++n;
    return n;
  }
  return 0;
}

// Past a ${…}, {{…}} or <…> that begins at `at`, or `at` itself.
std::size_t past_group(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at, kLongestGroup);
  if (const auto n = angle_placeholder(rest)) return at + n;
  if (const auto n = bracket_placeholder(rest)) return at + n;
  if (const auto n = shell_placeholder(rest)) return at + n;
  if (rest.starts_with("{{") || rest.starts_with("${")) {
    const auto close = rest.find('}');
    if (close != std::string_view::npos)
      return at + close + 1 + (rest.substr(close + 1).starts_with('}') ? 1 : 0);
  }
  return at;
}

// <BUCKET> stands for a name; <PREFIX> or <OIDC_PROVIDER_SUFFIX> for what may hold slashes.
bool may_be_path(std::string_view placeholder) {
  for (const std::string_view word :
       {"PATH", "PREFIX", "SUFFIX", "KEY", "ARN", "ISSUER", "URL", "LOCATION"}) {
    if (contains_ignoring_case(placeholder, word)) return true;
  }
  return false;
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower_char);
  return out;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view start) {
  return text.size() >= start.size() &&
         std::ranges::equal(text.substr(0, start.size()), start, {}, lower_char, lower_char);
}

bool contains_ignoring_case(std::string_view text, std::string_view part) {
  return !std::ranges::search(text, part, {}, lower_char, lower_char).empty() || part.empty();
}

bool is_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

bool begins_placeholder(std::string_view text) {
  return template_placeholder(text) > 0 || angle_placeholder(text) > 0;
}

std::string_view placeholder_in(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    std::size_t n = 0;
    if (c == '<') n = angle_placeholder(text.substr(i));
    if (c == '{' || c == '$') n = template_placeholder(text.substr(i));
    if (n == 0 && c == '$') n = shell_placeholder(text.substr(i));
    if (n == 0 && (c == '[' || (c == '{' && (i == 0 || text[i - 1] != '$'))))
      n = bracket_placeholder(text.substr(i));
    if ((c == 'Y' || c == 'R' || c == 'C' || c == 'A') && (i == 0 || !is_letter(text[i - 1])))
      n = word_placeholder(text.substr(i));
    if (n > 0) return text.substr(i, n);
  }
  return {};
}

std::optional<ArnPattern> ArnPattern::parse(std::string_view text) {
  if (!text.starts_with("arn:")) return std::nullopt;
  ArnPattern arn;
  std::array<std::string_view*, 4> fields = {&arn.partition, &arn.service, &arn.region, &arn.account};
  std::size_t at = 4;
  arn.parts = 1;
  for (auto* field : fields) {
    std::size_t end = at;
    while (end < text.size() && text[end] != ':') end = std::max(past_group(text, end), end + 1);
    end = std::min(end, text.size());
    *field = text.substr(at, end - at);
    ++arn.parts;
    if (end >= text.size()) return arn;
    at = end + 1;
  }
  ++arn.parts;
  arn.resource = text.substr(at);
  return arn;
}

Pattern Pattern::of_policy(std::string_view text) {
  Pattern pattern;
  auto many = [&](bool slash) {
    if (!pattern.tokens_.empty() && pattern.tokens_.back().kind == Kind::many) {
      pattern.tokens_.back().slash = pattern.tokens_.back().slash || slash;
    } else {
      pattern.tokens_.push_back({Kind::many, 0, slash});
    }
  };
  for (std::size_t i = 0; i < text.size();) {
    if (const auto next = past_group(text, i); next != i) {
      many(text[i] == '$' || may_be_path(text.substr(i, next - i)));
      i = next;
    } else if (const auto word = word_placeholder(text.substr(i)); word > 0) {
      many(may_be_path(text.substr(i, word)));
      i += word;
    } else if (text[i] == '*') {
      many(true);
      ++i;
    } else {
      pattern.tokens_.push_back(text[i] == '?' ? Token{Kind::one} : Token{Kind::character, text[i]});
      ++i;
    }
  }
  return pattern;
}

Pattern Pattern::of_format(std::string_view text) {
  // Names that S3 and EKS forbid a slash in; elsewhere a hole may hold a path.
  constexpr std::array<std::string_view, 4> kNoSlash = {"BucketName", "ClusterName", "NodegroupName",
                                                        "AccessPointName"};
  Pattern pattern;
  for (std::size_t i = 0; i < text.size();) {
    if (text.substr(i).starts_with("${")) {
      const auto close = std::min(text.find('}', i), text.size() - 1);
      const bool slash = std::ranges::find(kNoSlash, text.substr(i + 2, close - i - 2)) == kNoSlash.end();
      pattern.tokens_.push_back({Kind::one, 0, slash});
      pattern.tokens_.push_back({Kind::many, 0, slash});
      i = close + 1;
    } else if (text[i] == '*') {
      pattern.tokens_.push_back({Kind::many});
      ++i;
    } else {
      pattern.tokens_.push_back({Kind::character, text[i++]});
    }
  }
  return pattern;
}

// Whether one character can be both.
bool Pattern::fits(const Token& a, const Token& b) {
  if (a.kind == Kind::character && b.kind == Kind::character) return a.character == b.character;
  if (a.kind == Kind::character) return b.slash || a.character != '/';
  if (b.kind == Kind::character) return a.slash || b.character != '/';
  return true;
}

bool Pattern::overlap(const Pattern& a, const Pattern& b) {
  const std::size_t n = a.tokens_.size(), m = b.tokens_.size();
  std::vector<char> current(m + 1, 0), next(m + 1, 0);
  current[0] = 1;
  for (std::size_t i = 0; i <= n; ++i) {
    std::ranges::fill(next, 0);
    for (std::size_t j = 0; j <= m; ++j) {
      if (!current[j]) continue;
      const Token* x = i < n ? &a.tokens_[i] : nullptr;
      const Token* y = j < m ? &b.tokens_[j] : nullptr;
      if (x && x->kind == Kind::many) next[j] = 1;
      if (y && y->kind == Kind::many) current[j + 1] = 1;
      if (!x || !y || !fits(*x, *y)) continue;
      // One common character; what stands for many stays.
      const std::size_t after = y->kind == Kind::many ? j : j + 1;
      if (x->kind == Kind::many) {
        if (after != j) current[after] = 1;
      } else {
        next[after] = 1;
      }
    }
    if (i == n) return current[m] != 0;
    std::swap(current, next);
  }
  return false;
}

bool Pattern::covers(std::string_view outer, std::string_view inner) {
  // A star of `inner` can only be matched by a star of `outer`, so reading it as a character is cautious.
  std::size_t o = 0, i = 0, star = std::string_view::npos, resume = 0;
  while (i < inner.size()) {
    if (o < outer.size() && outer[o] == '*') {
      star = o++;
      resume = i;
    } else if (o < outer.size() && ((outer[o] == '?' && inner[i] != '*') || outer[o] == inner[i])) {
      ++o;
      ++i;
    } else if (star != std::string_view::npos) {
      o = star + 1;
      i = ++resume;
    } else {
      return false;
    }
  }
  return outer.find_first_not_of('*', o) == std::string_view::npos;
}

std::vector<Variable> variables_in(std::string_view text) {
  std::vector<Variable> found;
  for (std::size_t at = text.find("${"); at != std::string_view::npos; at = text.find("${", at + 2)) {
    Variable v;
    v.begin = at;
    const auto near = text.substr(at, kLongestGroup).find('}');
    const auto close = near == std::string_view::npos ? near : at + near;
    v.closed = close != std::string_view::npos &&
               text.substr(at + 2, close - at - 2).find("${") == std::string_view::npos;
    v.end = v.closed ? close + 1 : std::string_view::npos;
    const std::string_view inside =
        v.closed ? text.substr(at + 2, close - at - 2) : text.substr(at + 2, kLongestGroup);
    const auto comma = inside.find(',');
    v.name = inside.substr(0, comma);
    v.has_fallback = comma != std::string_view::npos;
    if (v.has_fallback) v.fallback = inside.substr(comma + 1);
    found.push_back(v);
  }
  return found;
}

std::optional<Cidr> Cidr::parse(std::string_view text) {
  if (text.size() > 64) return std::nullopt;
  Cidr cidr;
  const auto slash = text.find('/');
  const std::string address(text.substr(0, slash));
  if (inet_pton(AF_INET, address.c_str(), cidr.bytes.data()) == 1) {
    cidr.bits = 32;
  } else if (inet_pton(AF_INET6, address.c_str(), cidr.bytes.data()) == 1) {
    cidr.bits = 128;
  } else {
    return std::nullopt;
  }
  cidr.mask = cidr.bits;
  if (slash == std::string_view::npos) return cidr;
  const std::string_view mask = text.substr(slash + 1);
  if (!is_digits(mask) || mask.size() > 3) return std::nullopt;
  cidr.mask = 0;
  for (const char c : mask) cidr.mask = cidr.mask * 10 + (c - '0');
  if (cidr.mask > cidr.bits) return std::nullopt;
  return cidr;
}

// RFC 1918, 6598 and 4193, loopback and link-local: what no request from the internet comes from.
bool Cidr::is_private() const {
  struct Block {
    const char* address;
    int mask;
  };
  constexpr std::array<Block, 6> kFour = {{{"10.0.0.0", 8},
                                           {"172.16.0.0", 12},
                                           {"192.168.0.0", 16},
                                           {"127.0.0.0", 8},
                                           {"169.254.0.0", 16},
                                           {"100.64.0.0", 10}}};
  constexpr std::array<Block, 3> kSix = {{{"fc00::", 7}, {"fe80::", 10}, {"::1", 128}}};
  auto inside = [&](const Block& block, int family) {
    std::array<std::uint8_t, 16> start{};
    inet_pton(family, block.address, start.data());
    if (mask < block.mask) return false;
    for (int bit = 0; bit < block.mask; ++bit) {
      const auto byte = static_cast<std::size_t>(bit / 8);
      if (((bytes[byte] ^ start[byte]) >> (7 - bit % 8)) & 1) return false;
    }
    return true;
  };
  if (bits == 32) return std::ranges::any_of(kFour, [&](const Block& b) { return inside(b, AF_INET); });
  return std::ranges::any_of(kSix, [&](const Block& b) { return inside(b, AF_INET6); });
}

bool Cidr::has_host_bits() const {
  for (int bit = mask; bit < bits; ++bit) {
    if ((bytes[static_cast<std::size_t>(bit / 8)] >> (7 - bit % 8)) & 1) return true;
  }
  return false;
}

std::string Cidr::network() const {
  auto cleared = bytes;
  for (int bit = mask; bit < bits; ++bit) {
    auto& byte = cleared[static_cast<std::size_t>(bit / 8)];
    byte = static_cast<std::uint8_t>(byte & ~(1u << (7 - bit % 8)));
  }
  std::array<char, 64> buffer{};
  inet_ntop(bits == 32 ? AF_INET : AF_INET6, cleared.data(), buffer.data(), buffer.size());
  return std::string(buffer.data()) + "/" + std::to_string(mask);
}

namespace {

// https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html, and the other
// partitions'.
constexpr std::string_view kRegions[] = {
    "us-east-1",      "us-east-2",      "us-west-1",      "us-west-2",       "af-south-1",
    "ap-east-1",      "ap-east-2",      "ap-south-1",     "ap-south-2",      "ap-northeast-1",
    "ap-northeast-2", "ap-northeast-3", "ap-southeast-1", "ap-southeast-2",  "ap-southeast-3",
    "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",  "ca-central-1",
    "ca-west-1",      "eu-central-1",   "eu-central-2",   "eu-west-1",       "eu-west-2",
    "eu-west-3",      "eu-south-1",     "eu-south-2",     "eu-north-1",      "il-central-1",
    "me-south-1",     "me-central-1",   "mx-central-1",   "sa-east-1",       "cn-north-1",
    "cn-northwest-1", "us-gov-east-1",  "us-gov-west-1",  "us-iso-east-1",   "us-iso-west-1",
    "us-isob-east-1", "us-isob-west-1", "eu-isoe-west-1", "us-isof-south-1", "us-isof-east-1",
    "eusc-de-east-1"};

}  // namespace

bool is_known_region(std::string_view region) {
  return std::ranges::find(kRegions, region) != std::end(kRegions) || region == "aws-global" ||
         region == "global";
}

bool is_known_partition(std::string_view p) {
  return p == "aws" || p == "aws-cn" || p == "aws-us-gov" || p == "aws-iso" || p == "aws-iso-b" ||
         p == "aws-iso-e" || p == "aws-iso-f" || p == "aws-eusc";
}

std::string_view partition_of_region(std::string_view region) {
  if (!is_known_region(region)) return {};
  if (region.starts_with("cn-")) return "aws-cn";
  if (region.starts_with("us-gov-")) return "aws-us-gov";
  if (region.starts_with("us-isob-")) return "aws-iso-b";
  if (region.starts_with("us-isof-")) return "aws-iso-f";
  if (region.starts_with("us-iso-")) return "aws-iso";
  if (region.starts_with("eu-isoe-")) return "aws-iso-e";
  if (region.starts_with("eusc-")) return "aws-eusc";
  return "aws";
}

}  // namespace gatehouse::policy::lint
