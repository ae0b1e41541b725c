#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "service/s3/errors.h"
#include "service/s3/listing/listing.h"
#include "service/s3/listing/walk.h"

namespace gatehouse::service::s3 {
namespace {

constexpr std::int64_t kLargestPage = 1000;

// Opaque to clients; ours are the last key of the page.
std::string token_for(std::string_view last) { return base64url("k" + std::string(last)); }

Result<std::string> read_token(const wire::Value& sent) {
  if (!sent) return "";
  auto last = unbase64url(sent.text());
  if (!last || !last->starts_with('k'))
    return fail(error::invalid_argument("The continuation token provided is incorrect", "continuation-token",
                                        sent.text()));
  return last->substr(1);
}

// `owners`: null where nobody asked.
wire::Value entry_value(const Listed::Entry& entry, const KeyEncoding& encode, const ObjectOwners* owners) {
  const Object& o = entry.object;
  wire::Value out = wire::structure({{m::Key, encode(entry.key)},
                                     {m::LastModified, o.modified},
                                     {m::ETag, quoted(o.etag)},
                                     {m::Size, static_cast<std::int64_t>(o.size)},
                                     {m::StorageClass, o.storage_class},
                                     {m::Owner, owners == nullptr ? wire::Value() : owners->of(o)}});
  if (o.checksum) {
    out.set(m::ChecksumAlgorithm, wire::Value::List{o.checksum.algorithm});
    out.set(m::ChecksumType, o.checksum.composite ? "COMPOSITE" : "FULL_OBJECT");
  }
  return out;
}

// What both versions answer alike.
Result<wire::Value> render(const Call& call, const Listed& page, const KeyEncoding& encode, size_t limit,
                           const ObjectOwners* owners) {
  wire::Value::List contents;
  for (const auto& entry : page.entries) contents.push_back(entry_value(entry, encode, owners));
  wire::Value out = wire::structure({{m::Name, call.in[m::Bucket]},
                                     {m::Prefix, encode(call.in[m::Prefix].text())},
                                     {m::Delimiter, encode.echo(call.in[m::Delimiter])},
                                     {m::MaxKeys, static_cast<std::int64_t>(limit)},
                                     {m::EncodingType, call.in[m::EncodingType]},
                                     {m::IsTruncated, page.truncated}});
  if (!contents.empty()) out.set(m::Contents, std::move(contents));
  out.set(m::CommonPrefixes, encode.common_prefixes(page.common_prefixes));
  return out;
}

}  // namespace

Result<KeyEncoding> KeyEncoding::of(const wire::Value& in) {
  KeyEncoding encoding;
  const auto& asked = in[m::EncodingType];
  if (!asked) return encoding;
  if (asked.text() != "url")
    return fail(error::invalid_argument("Invalid Encoding Method specified in Request", "encoding-type",
                                        asked.text()));
  encoding.url_ = true;
  return encoding;
}

// As AWS encodes: like a form, but '/' and '*' stay.
wire::Value KeyEncoding::operator()(std::string_view key) const {
  if (!url_) return key;
  std::string out;
  for (const char c : key) {
    if (c == ' ') {
      out += '+';
    } else if (c == '*') {
      out += c;
    } else {
      out += percent_encode({&c, 1}, true);
    }
  }
  return out;
}

wire::Value KeyEncoding::common_prefixes(const std::vector<std::string>& prefixes) const {
  if (prefixes.empty()) return {};
  wire::Value::List list;
  for (const auto& prefix : prefixes) list.push_back(wire::structure({{m::Prefix, (*this)(prefix)}}));
  return list;
}

// The model has it as text.
Result<int> part_marker(const wire::Value& sent) {
  const std::string_view text = sent.text();
  int after = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), after);
  if (text.empty() || (failure == std::errc() && end == text.data() + text.size() && after >= 0))
    return after;
  return fail(error::invalid_argument("Provided part-number-marker not an integer or within integer range",
                                      "part-number-marker", text));
}

Result<size_t> page_size(const wire::Value& sent, std::string_view name) {
  const std::int64_t asked = sent.number(kLargestPage);
  if (asked < 0 || asked > INT32_MAX) {
    return fail(
        error::invalid_argument(fmt::format("Argument {} must be an integer between 0 and 2147483647", name),
                                name, std::to_string(asked)));
  }
  return static_cast<size_t>(std::min(asked, kLargestPage));
}

Result<wire::Value> list_objects_v2(S3& s3, Call& call) {
  const wire::Value& in = call.in;
  TRY(const auto encode, KeyEncoding::of(in));
  TRY(const size_t limit, page_size(in[m::MaxKeys], "maxKeys"));
  TRY(const std::string token, read_token(in[m::ContinuationToken]));
  const std::string_view after =
      in[m::ContinuationToken] ? std::string_view(token) : in[m::StartAfter].text();
  TRY(const auto page, walk(s3.records(), bucket_of(call),
                            {.prefix = in[m::Prefix].text(),
                             .delimiter = in[m::Delimiter].text(),
                             .after = after,
                             .limit = limit,
                             .markers = Markers::hidden}));
  const ObjectOwners owners(s3, bucket_of(call));
  TRY(auto out, render(call, page, encode, limit, in[m::FetchOwner].boolean() ? &owners : nullptr));
  out.set(m::KeyCount, static_cast<std::int64_t>(page.size()));
  out.set(m::ContinuationToken, in[m::ContinuationToken]);
  out.set(m::StartAfter, encode.echo(in[m::StartAfter]));
  if (page.truncated) out.set(m::NextContinuationToken, token_for(page.last));
  return out;
}

Result<wire::Value> list_objects(S3& s3, Call& call) {
  const wire::Value& in = call.in;
  TRY(const auto encode, KeyEncoding::of(in));
  TRY(const size_t limit, page_size(in[m::MaxKeys], "maxKeys"));
  TRY(const auto page, walk(s3.records(), bucket_of(call),
                            {.prefix = in[m::Prefix].text(),
                             .delimiter = in[m::Delimiter].text(),
                             .after = in[m::Marker].text(),
                             .limit = limit,
                             .markers = Markers::hidden}));
  const ObjectOwners owners(s3, bucket_of(call));
  TRY(auto out, render(call, page, encode, limit, &owners));
  out.set(m::Marker, encode(in[m::Marker].text()));
  // Without a delimiter clients go on from the last key of the page themselves.
  const bool tells = !in[m::Delimiter].text().empty() || page.entries.empty();
  if (page.truncated && tells) out.set(m::NextMarker, encode(page.last));
  return out;
}

}  // namespace gatehouse::service::s3
