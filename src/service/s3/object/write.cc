#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "service/s3/acl/asked.h"
#include "service/s3/errors.h"
#include "service/s3/lifecycle/lifecycle.h"
#include "service/s3/lock/lock.h"
#include "service/s3/object/checksum.h"
#include "service/s3/object/objects.h"
#include "service/s3/object/preconditions.h"
#include "service/s3/object/sealing.h"
#include "service/s3/object/tags.h"
#include "service/s3/requirements.h"

namespace gatehouse::service::s3 {
namespace {

constexpr size_t kMostMetadata = 2048;
constexpr std::array<std::string_view, 8> kStorageClasses = {
    "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR",
    "GLACIER",  "DEEP_ARCHIVE"};

// What is not built yet is refused, never ignored.
Result<void> check_built(const wire::Value& in) {
  if (in[m::WriteOffsetBytes]) return fail(error::not_implemented("x-amz-write-offset-bytes"));
  return {};
}

Result<std::vector<std::pair<std::string, std::string>>> read_metadata(const wire::Value& in) {
  std::vector<std::pair<std::string, std::string>> out;
  size_t size = 0;
  for (const auto& [name, value] : in[m::Metadata].map()) {
    out.emplace_back(name, value.text());
    size += name.size() + value.text().size();
  }
  if (size > kMostMetadata) return fail(error::metadata_too_large(size));
  return out;
}

// "aws-chunked" says how the payload travels, not what it is.
std::string content_encoding(std::string_view sent) {
  std::string out;
  while (!sent.empty()) {
    const auto comma = sent.find(',');
    std::string_view one = sent.substr(0, comma);
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (one != "aws-chunked" && !one.empty()) out.append(out.empty() ? "" : ",").append(one);
    if (comma == std::string_view::npos) break;
    sent.remove_prefix(comma + 1);
  }
  return out;
}

ContentHeaders read_headers(const Call& call) {
  ContentHeaders h;
  h.type = call.in[m::ContentType].text();
  h.encoding = content_encoding(call.in[m::ContentEncoding].text());
  h.language = call.in[m::ContentLanguage].text();
  h.disposition = call.in[m::ContentDisposition].text();
  h.cache_control = call.in[m::CacheControl].text();
  h.expires = call.head->headers.get("expires");
  h.redirect = call.in[m::WebsiteRedirectLocation].text();
  return h;
}

}  // namespace

Result<Object> described(const S3& s3, const Call& call) {
  CHECK_OK(check_built(call.in));
  Object object;
  CHECK_OK(own(s3, call, bucket_of(call), object));
  object.modified = s3.clock().now();
  object.headers = read_headers(call);
  TRY(object.metadata, read_metadata(call.in));
  TRY(object.lock, lock_for_write(s3, call, bucket_of(call)));
  if (const auto& tagging = call.in[m::Tagging]) {
    TRY(object.tags, tags_from_header(tagging.text()));
  }
  object.storage_class = call.in[m::StorageClass].text_or("STANDARD");
  if (std::ranges::find(kStorageClasses, object.storage_class) == kStorageClasses.end())
    return fail(error::invalid_storage_class(object.storage_class));
  return object;
}

Result<Object> put_new(S3& s3, const Bucket& bucket, std::string_view key, Object object,
                       const Condition& condition) {
  const auto segments = object.segments;
  auto stored = s3.index().put(bucket, key, std::move(object), condition);
  // Only where the answer is sure that no record names the data.
  if (!stored && stored.error().status < 500) s3.index().forget(segments);
  return stored;
}

void set_stored(wire::Value& out, const Object& object) {
  set_encryption(out, object.sealing);
  if (!object.version.empty()) out.set(m::VersionId, object.version);
}

Result<wire::Value> put_object(S3& s3, Call& call) {
  const Bucket& bucket = bucket_of(call);
  const std::string_view key = call.in[m::Key].text();
  TRY(auto object, described(s3, call));
  CHECK_OK(check_integrity_sent(call, object.lock, "Put Object"));
  TRY(auto condition, write_condition(call.in, key));
  Upload& upload = *call.upload;
  TRY(object.checksum, verify_payload(call, upload));
  const WriteGuard writing(bucket);
  if (!writing) return fail(error::operation_aborted());
  const WriteKey& write_key = *target(call).write_key;
  TRY(object.sealing, wrapped(s3, call, bucket, key, write_key));
  CHECK_OK(take_payload(write_key, upload, object));
  TRY(const auto stored, put_new(s3, bucket, key, std::move(object), replacing(call, std::move(condition))));
  wire::Value out;
  out.set(m::ETag, quoted(stored.etag));
  set_checksum(out, stored.checksum);
  set_expiration(out, bucket, key, stored);
  set_stored(out, stored);
  return out;
}

}  // namespace gatehouse::service::s3
