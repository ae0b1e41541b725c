#include "service/s3/object/tags.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/encoding.h"
#include "model/s3.h"
#include "service/s3/errors.h"

namespace gatehouse::service::s3 {
namespace {

namespace m = model::s3;

constexpr size_t kLongestTagKey = 128;
constexpr size_t kLongestTagValue = 256;

// Characters, not bytes.
size_t length(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// Letters and digits of any script, blanks and a few signs.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
bool is_taggable(std::string_view text) {
  constexpr std::string_view kSigns = " +-=._:/@";
  return is_valid_utf8(text) && std::ranges::all_of(text, [&](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte >= 0x80 || std::isalnum(byte) != 0 || kSigns.find(c) != std::string_view::npos;
         });
}

Result<void> check(const std::vector<account::Tag>& tags, size_t most) {
  if (tags.size() > most) {
    return most == kMostObjectTags
               ? fail("BadRequest", fmt::format("Object tags cannot be greater than {}", most))
               : fail("BadRequest", fmt::format("Bucket tag count cannot be greater than {}", most));
  }
  for (auto it = tags.begin(); it != tags.end(); ++it) {
    const auto& [key, value] = *it;
    if (key.empty() || length(key) > kLongestTagKey || !is_taggable(key))
      return fail(error::invalid_tag("The TagKey you have provided is invalid"));
    if (length(value) > kLongestTagValue || !is_taggable(value))
      return fail(error::invalid_tag("The TagValue you have provided is invalid"));
    if (key.starts_with("aws:")) {
      return fail(error::invalid_tag(most == kMostObjectTags
                                         ? "Your TagKey cannot be prefixed with aws:"
                                         : "System tags cannot be added/updated by requester"));
    }
    if (std::any_of(tags.begin(), it, [&](const auto& earlier) { return earlier.first == it->first; }))
      return fail(error::invalid_tag("Cannot provide multiple Tags with the same key"));
  }
  return {};
}

}  // namespace

Result<std::vector<account::Tag>> tags_from_header(std::string_view header) {
  auto tags = parse_query(header, true);
  const auto refuse = [&] {
    return fail(
        error::invalid_argument("The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL "
                                "query parameters without tag name duplicates.",
                                "x-amz-tagging", header));
  };
  if (!tags) return refuse();
  if (auto checked = check(*tags, kMostObjectTags); !checked) {
    if (checked.error().message.starts_with("Cannot provide multiple")) return refuse();
    return std::unexpected(std::move(checked).error());
  }
  return *tags;
}

Result<std::vector<account::Tag>> tags_from_set(const wire::Value& set, size_t most) {
  std::vector<account::Tag> tags;
  for (const wire::Value& tag : set.list()) tags.emplace_back(tag[m::Key].text(), tag[m::Value].text());
  CHECK_OK(check(tags, most));
  return tags;
}

wire::Value tag_set(const std::vector<account::Tag>& tags) {
  wire::Value::List list;
  for (const auto& [key, value] : tags) list.push_back(wire::structure({{m::Key, key}, {m::Value, value}}));
  return list;
}

}  // namespace gatehouse::service::s3
