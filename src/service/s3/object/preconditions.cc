#include "service/s3/object/preconditions.h"

#include <charconv>

#include "base/time.h"
#include "model/s3.h"
#include "service/s3/errors.h"

namespace gatehouse::service::s3 {
namespace {

namespace m = model::s3;

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::string_view unquoted(std::string_view tag) {
  tag = trimmed(tag);
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"') tag = tag.substr(1, tag.size() - 2);
  return tag;
}

// "*", or a list of entity tags with or without quotes.
bool matches(std::string_view header, std::string_view etag) {
  while (true) {
    const auto comma = header.find(',');
    const std::string_view tag = unquoted(header.substr(0, comma));
    if (tag == "*" || tag == etag) return true;
    if (comma == std::string_view::npos) return false;
    header.remove_prefix(comma + 1);
  }
}

// HTTP's dates have no fractions.
Time seconds(Time t) { return from_unix_seconds(unix_seconds(t)); }

bool read_number(std::string_view text, std::uint64_t& out) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out);
  return failure == std::errc() && end == text.data() + text.size() && !text.empty();
}

}  // namespace

ReadConditions read_conditions(const wire::Value& in) {
  return {in[m::IfMatch], in[m::IfNoneMatch], in[m::IfModifiedSince], in[m::IfUnmodifiedSince]};
}

ReadConditions copy_conditions(const wire::Value& in) {
  return {in[m::CopySourceIfMatch], in[m::CopySourceIfNoneMatch], in[m::CopySourceIfModifiedSince],
          in[m::CopySourceIfUnmodifiedSince]};
}

// Entity tags outweigh dates, as RFC 9110 section 13.2.2 orders them.
Result<Fresh> check(const ReadConditions& c, const Object& object, Time now) {
  const Time modified = seconds(object.modified);
  if (c.if_match) {
    if (!matches(c.if_match.text(), object.etag)) return fail(error::precondition_failed("If-Match"));
  } else if (c.if_unmodified_since && modified > c.if_unmodified_since.time()) {
    return fail(error::precondition_failed("If-Unmodified-Since"));
  }
  if (c.if_none_match) {
    if (matches(c.if_none_match.text(), object.etag)) return Fresh::not_modified;
  } else if (c.if_modified_since && c.if_modified_since.time() <= now &&
             modified <= c.if_modified_since.time()) {
    return Fresh::not_modified;
  }
  return Fresh::send;
}

Condition delete_condition(const wire::Value& sent, std::string_view key) {
  if (!sent) return {};
  return [tag = std::string(sent.text()), name = std::string(key)](const Object* current) -> Result<void> {
    if (current == nullptr) return fail(error::no_such_key(name));
    if (!matches(tag, current->etag)) return fail(error::precondition_failed("If-Match"));
    return {};
  };
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
Result<Condition> write_condition(const wire::Value& in, std::string_view key) {
  const auto& none = in[m::IfNoneMatch];
  const auto& match = in[m::IfMatch];
  if (none && match) {
    return fail(error::not_implemented("If-Match,If-None-Match",
                                       "Multiple conditional request headers present in the request"));
  }
  if (none && trimmed(none.text()) != "*") {
    return fail(error::not_implemented(
        "If-None-Match", "We don't accept the provided value of If-None-Match header for this API"));
  }
  if (match && trimmed(match.text()) == "*") {
    return fail(error::not_implemented("If-Match",
                                       "We don't accept the provided value of If-Match header for this API"));
  }
  if (!none) return delete_condition(match, key);
  return Condition([](const Object* current) -> Result<void> {
    if (current != nullptr) return fail(error::precondition_failed("If-None-Match"));
    return {};
  });
}

Result<std::optional<Range>> read_range(std::string_view header, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  const std::string_view whole = header;
  if (!header.starts_with(kUnit)) return std::nullopt;
  header = trimmed(header.substr(kUnit.size()));
  const auto dash = header.find('-');
  if (dash == std::string_view::npos || header.find(',') != std::string_view::npos) return std::nullopt;
  const std::string_view from = header.substr(0, dash);
  const std::string_view to = header.substr(dash + 1);
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  if (from.empty()) {
    if (!read_number(to, last)) return std::nullopt;
    if (last == 0 || size == 0) return fail(error::invalid_range(whole, size));
    return Range{last >= size ? 0 : size - last, size - 1};
  }
  if (!read_number(from, first)) return std::nullopt;
  if (to.empty()) {
    last = size;
  } else if (!read_number(to, last) || last < first) {
    return std::nullopt;
  }
  if (first >= size) return fail(error::invalid_range(whole, size));
  return Range{first, std::min(last, size - 1)};
}

}  // namespace gatehouse::service::s3
