#include <fmt/format.h>

#include <algorithm>

#include "service/s3/bucket/names.h"
#include "service/s3/errors.h"
#include "service/s3/lifecycle/lifecycle.h"
#include "service/s3/lock/lock.h"
#include "service/s3/object/checksum.h"
#include "service/s3/object/data.h"
#include "service/s3/object/objects.h"
#include "service/s3/object/preconditions.h"
#include "service/s3/object/sealing.h"
#include "service/s3/requirements.h"

namespace gatehouse::service::s3 {
namespace {

constexpr int kPartialContent = 206;
constexpr int kNotModified = 304;

wire::Value optional_text(const std::string& text) {
  return text.empty() ? wire::Value() : wire::Value(text);
}

// A header of the answer: the object's, unless the request overrides it.
void set_header(wire::Value& out, const Call& call, wire::Member member, wire::Member override_member,
                const std::string& own) {
  const auto& other = call.in[override_member];
  out.set(member, other ? other : optional_text(own));
}

void set_headers(wire::Value& out, Call& call, const Object& object) {
  const ContentHeaders& h = object.headers;
  set_header(out, call, m::ContentType, m::ResponseContentType,
             h.type.empty() ? "binary/octet-stream" : h.type);
  set_header(out, call, m::ContentEncoding, m::ResponseContentEncoding, h.encoding);
  set_header(out, call, m::ContentLanguage, m::ResponseContentLanguage, h.language);
  set_header(out, call, m::ContentDisposition, m::ResponseContentDisposition, h.disposition);
  set_header(out, call, m::CacheControl, m::ResponseCacheControl, h.cache_control);
  if (const auto& expires = call.in[m::ResponseExpires]) {
    out.set(m::Expires, expires);
  } else if (!h.expires.empty()) {
    call.answer.headers.add("expires", h.expires);  // given back as it was sent, date or not
  }
  out.set(m::WebsiteRedirectLocation, optional_text(h.redirect));
  wire::Value::Map metadata(object.metadata.begin(), object.metadata.end());
  if (!metadata.empty()) out.set(m::Metadata, std::move(metadata));
}

// Only those who may read the tags are told how many there are.
void set_tag_count(wire::Value& out, const S3& s3, Call& call, const Object& object) {
  if (object.tags.empty()) return;
  auto r = object_requirement(call, bucket_of(call), call.in[m::Key].text(), "s3:GetObjectTagging");
  add_object_list(call, bucket_of(call), object, r);
  if (require(s3, call, r)) out.set(m::TagCount, static_cast<std::int64_t>(object.tags.size()));
}

void set_identity(wire::Value& out, const Bucket& bucket, const Object& object) {
  out.set(m::ETag, quoted(object.etag));
  out.set(m::LastModified, object.modified);
  if (bucket.keeps_versions()) out.set(m::VersionId, object.version_or_null());
}

// Which bytes, out of Range or PartNumber.
Result<std::optional<Range>> asked_range(const Call& call, const Object& object) {
  const auto& part = call.in[m::PartNumber];
  if (!part) return read_range(call.in[m::Range].text(), object.size);
  if (call.in[m::Range])
    return fail(error::invalid_request("Cannot specify both Range header and partNumber query parameter"));
  const std::int64_t number = part.number();
  const size_t count = std::max<size_t>(object.parts.size(), 1);
  if (number < 1 || static_cast<size_t>(number) > count)
    return fail(error::invalid_part_number(number, count));
  if (object.parts.empty()) return object.size > 0 ? std::optional(Range{0, object.size - 1}) : std::nullopt;
  std::uint64_t first = 0;
  for (size_t i = 0; i + 1 < static_cast<size_t>(number); ++i) first += object.parts[i].size;
  const std::uint64_t size = object.parts[static_cast<size_t>(number) - 1].size;
  if (size == 0) return std::nullopt;
  return Range{first, first + size - 1};
}

bool overrides_headers(const wire::Value& in) {
  return in[m::ResponseContentType] || in[m::ResponseContentEncoding] || in[m::ResponseContentLanguage] ||
         in[m::ResponseContentDisposition] || in[m::ResponseCacheControl] || in[m::ResponseExpires];
}

struct Answered {
  wire::Value out;
  ObjectPtr object;
  std::optional<Range> bytes;  // absent: no body
};

// Everything of GET and HEAD but the body.
Result<Answered> answer(const S3& s3, Call& call) {
  if (call.caller.anonymous() && overrides_headers(call.in)) {
    return fail(error::invalid_request(
        "Request specific response headers cannot be used for anonymous GET requests."));
  }
  if (call.in[m::ServerSideEncryption] || call.head->headers.find("x-amz-server-side-encryption")) {
    return fail(
        error::invalid_argument("x-amz-server-side-encryption header is not supported for this operation.",
                                "x-amz-server-side-encryption", ""));
  }
  TRY(const auto object, readable(s3, call));
  CHECK_OK(
      check_customer_key(s3, call, bucket_of(call), call.in[m::Key].text(), object->sealing, kOwnHeaders));
  Answered a;
  a.object = object;
  set_identity(a.out, bucket_of(call), *object);
  TRY(const auto fresh, check(read_conditions(call.in), *object, call.now()));
  if (fresh == Fresh::not_modified) {
    call.answer.status = kNotModified;
    return a;
  }
  TRY(const auto range, asked_range(call, *object));
  set_headers(a.out, call, *object);
  set_tag_count(a.out, s3, call, *object);
  a.out.set(m::AcceptRanges, "bytes");
  set_encryption(a.out, object->sealing);
  set_lock(a.out, s3, call, *object);
  if (!call.in[m::VersionId]) set_expiration(a.out, bucket_of(call), call.in[m::Key].text(), *object);
  if (object->storage_class != "STANDARD") a.out.set(m::StorageClass, object->storage_class);
  if (call.in[m::PartNumber] && !object->parts.empty())
    a.out.set(m::PartsCount, static_cast<std::int64_t>(object->parts.size()));
  // A part of the data is not what the checksum is of.
  const bool whole = !range || range->size() == object->size;
  if (call.in[m::ChecksumMode].text() == "ENABLED" && whole) set_checksum(a.out, object->checksum);
  if (range) {
    call.answer.status = kPartialContent;
    a.out.set(m::ContentRange, fmt::format("bytes {}-{}/{}", range->first, range->last, object->size));
    a.bytes = range;
  } else if (object->size > 0) {
    a.bytes = Range{0, object->size - 1};
  }
  return a;
}

}  // namespace

Result<ObjectPtr> readable(const S3& s3, Call& call, Marker marker) {
  const Target& t = target(call);
  const std::string_view key = call.in[m::Key].text();
  const std::string_view version = call.in[m::VersionId].text();
  if (t.object == nullptr) {
    Error missing = missing_key(s3, call, *t.bucket, key);
    if (!version.empty() && missing.code == "NoSuchKey") missing = error::no_such_version(key, version);
    return fail(std::move(missing));
  }
  if (!t.object->marker) return t.object;
  call.answer.headers.add("x-amz-delete-marker", "true");
  call.answer.headers.add("x-amz-version-id", t.object->version_or_null());
  if (version.empty() && marker == Marker::hides) return fail(missing_key(s3, call, *t.bucket, key));
  call.answer.headers.add("allow", "DELETE");
  return fail(error::marker_not_allowed(call.head->method));
}

Result<wire::Value> get_object(S3& s3, Call& call) {
  TRY(auto a, answer(s3, call));
  if (!a.bytes) {
    call.answer.payload = std::string();
    return std::move(a.out);
  }
  TRY(const auto key,
      opened_key(s3, call, bucket_of(call), call.in[m::Key].text(), a.object->sealing, kOwnHeaders));
  if (a.object->segments.empty()) {
    TRY(auto data, open_inline(*a.object, key));
    if (a.bytes->size() < data.size())
      data = data.substr(static_cast<size_t>(a.bytes->first), static_cast<size_t>(a.bytes->size()));
    call.answer.payload = std::move(data);
    return std::move(a.out);
  }
  auto source = open_segments(s3.blobs(), a.object->segments, key, *a.bytes);
  // Replaced since it was authorised, its blobs gone: to try again finds the new one.
  if (!source) return fail(error::slow_down());
  call.answer.payload = std::move(*source);
  return std::move(a.out);
}

Result<wire::Value> head_object(S3& s3, Call& call) {
  TRY(auto a, answer(s3, call));
  if (call.answer.status != kNotModified) call.answer.head_length = a.bytes ? a.bytes->size() : 0;
  return std::move(a.out);
}

}  // namespace gatehouse::service::s3
