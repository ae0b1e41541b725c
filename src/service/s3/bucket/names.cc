#include "service/s3/bucket/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "service/s3/errors.h"

namespace gatehouse::service::s3 {
namespace {

constexpr size_t kShortestName = 3;
constexpr size_t kLongestName = 63;
constexpr size_t kLongestKey = 1024;

constexpr std::array<std::string_view, 3> kReservedPrefixes = {"xn--", "sthree-", "amzn-s3-demo-"};
constexpr std::array<std::string_view, 5> kReservedSuffixes = {"-s3alias", "--ol-s3", ".mrap", "--x-s3",
                                                               "--table-s3"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter_or_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'z'); }

// "192.168.5.4": four groups of one to three digits.
bool looks_like_address(std::string_view name) {
  int groups = 0;
  while (true) {
    const auto dot = name.find('.');
    const std::string_view group = name.substr(0, dot);
    if (group.empty() || group.size() > 3 || !std::ranges::all_of(group, is_digit)) return false;
    ++groups;
    if (dot == std::string_view::npos) return groups == 4;
    name.remove_prefix(dot + 1);
  }
}

}  // namespace

bool is_bucket_name(std::string_view name) {
  if (name.size() < kShortestName || name.size() > kLongestName) return false;
  if (!is_letter_or_digit(name.front()) || !is_letter_or_digit(name.back())) return false;
  if (!std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '.' || c == '-'; }))
    return false;
  if (name.find("..") != std::string_view::npos || looks_like_address(name)) return false;
  return std::ranges::none_of(kReservedPrefixes, [&](auto p) { return name.starts_with(p); }) &&
         std::ranges::none_of(kReservedSuffixes, [&](auto s) { return name.ends_with(s); });
}

Result<void> check_key(std::string_view key) {
  if (key.size() > kLongestKey) return fail(error::key_too_long(key.size()));
  if (key.empty())
    return fail("UserKeyMustBeSpecified", "The bucket POST must contain the specified field name.");
  if (!is_valid_utf8(key)) return fail("InvalidURI", "Couldn't parse the specified URI.");
  return {};
}

std::string bucket_arn(std::string_view bucket) { return fmt::format("arn:aws:s3:::{}", bucket); }

std::string object_arn(std::string_view bucket, std::string_view key) {
  return fmt::format("arn:aws:s3:::{}/{}", bucket, key);
}

std::string escaped(std::string_view key) {
  std::string out;
  out.reserve(key.size() + 2);
  for (const char c : key) {
    out += c;
    if (c == '\0') out += '\xff';
  }
  out.append(2, '\0');
  return out;
}

std::optional<Unescaped> unescaped(std::string_view text) {
  Unescaped out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\0') {
      out.key += text[i];
      continue;
    }
    if (++i == text.size()) return std::nullopt;
    if (text[i] == '\0') {
      out.rest = text.substr(i + 1);
      return out;
    }
    out.key += '\0';
  }
  return std::nullopt;
}

std::string descending(std::uint64_t sequence) { return fmt::format("{:016x}", ~sequence); }

}  // namespace gatehouse::service::s3
