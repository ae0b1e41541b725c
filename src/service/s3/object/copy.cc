#include <fmt/format.h>

#include "base/encoding.h"
#include "service/s3/errors.h"
#include "service/s3/lifecycle/lifecycle.h"
#include "service/s3/object/checksum.h"
#include "service/s3/object/copying.h"
#include "service/s3/object/data.h"
#include "service/s3/object/objects.h"
#include "service/s3/object/preconditions.h"
#include "service/s3/object/sealing.h"
#include "service/s3/requirements.h"

namespace gatehouse::service::s3 {
namespace {

constexpr std::uint64_t kLargestCopy = 5ULL << 30;
constexpr size_t kPiece = 256 * 1024;

Result<void> append_segments(const S3& s3, const Object& source, const std::string& key, Range range,
                             Upload& upload) {
  auto opened = open_segments(s3.blobs(), source.segments, key, range);
  if (!opened) return fail(error::slow_down());
  std::string piece(kPiece, '\0');
  while (true) {
    TRY(const size_t got, (*opened)->read(piece));
    if (got == 0) return {};
    CHECK_OK(upload.append(std::string_view(piece).substr(0, got)));
  }
}

// COPY or REPLACE, for what it names.
Result<void> check_directive(const wire::Value& sent, std::string_view what) {
  if (!sent || sent.text() == "COPY" || sent.text() == "REPLACE") return {};
  return fail(error::invalid_argument(fmt::format("Unknown {} directive.", what),
                                      fmt::format("x-amz-{}-directive", what), sent.text()));
}

bool replaces(const wire::Value& directive) { return directive.text() == "REPLACE"; }

// What the copy keeps of its source, where the request does not replace it.
void inherit(const Call& call, const Object& source, Object& object) {
  if (!replaces(call.in[m::MetadataDirective])) {
    object.metadata = source.metadata;
    const std::string redirect = object.headers.redirect;
    object.headers = source.headers;
    object.headers.redirect = redirect;
  }
  if (!replaces(call.in[m::TaggingDirective])) object.tags = source.tags;
}

// A copy onto itself must change something: it would only wear the disk.
bool changes_nothing(const Call& call, const Target& t) {
  if (t.source_bucket != t.bucket) return false;
  const auto source = read_copy_source(call.in[m::CopySource].text());
  if (!source || source->key != call.in[m::Key].text() || !source->version.empty()) return false;
  return !replaces(call.in[m::MetadataDirective]) && !call.in[m::StorageClass] &&
         !call.in[m::ServerSideEncryption] && !call.in[m::SSECustomerAlgorithm] &&
         !call.in[m::WebsiteRedirectLocation];
}

const Algorithm* wanted_algorithm(const Call& call, const Object& source) {
  if (const auto* named = find_algorithm(call.in[m::ChecksumAlgorithm].text())) return named;
  if (!source.checksum.composite) {
    if (const auto* own = find_algorithm(source.checksum.algorithm)) return own;
  }
  return find_algorithm("CRC64NVME");
}

}  // namespace

Result<ObjectPtr> copied_object(const S3& s3, Call& call) {
  const Target& t = target(call);
  TRY(const auto source, read_copy_source(call.in[m::CopySource].text()));
  if (t.source == nullptr || (t.source->marker && source.version.empty())) {
    Error missing = missing_key(s3, call, *t.source_bucket, source.key);
    if (!source.version.empty() && missing.code == "NoSuchKey")
      missing = error::no_such_version(source.key, source.version);
    return fail(std::move(missing));
  }
  if (t.source->marker) {
    return fail(error::invalid_request(
        "The source of a copy request may not specifically refer to a delete marker by version id."));
  }
  TRY(const auto fresh, check(copy_conditions(call.in), *t.source, call.now()));
  if (fresh == Fresh::not_modified)
    return fail(error::precondition_failed("x-amz-copy-source-If-None-Match"));
  return t.source;
}

Result<void> append_source(const S3& s3, const Call& call, const Object& source, std::optional<Range> range,
                           Upload& upload) {
  TRY(const auto named, read_copy_source(call.in[m::CopySource].text()));
  TRY(const auto key,
      opened_key(s3, call, *target(call).source_bucket, named.key, source.sealing, kSourceHeaders));
  if (source.size == 0) return {};
  const Range bytes = range.value_or(Range{0, source.size - 1});
  if (!source.segments.empty()) return append_segments(s3, source, key, bytes, upload);
  TRY(const auto data, open_inline(source, key));
  return upload.append(
      std::string_view(data).substr(static_cast<size_t>(bytes.first), static_cast<size_t>(bytes.size())));
}

Result<wire::Value> copy_object(S3& s3, Call& call) {
  const Target& t = target(call);
  const std::string_view key = call.in[m::Key].text();
  CHECK_OK(check_directive(call.in[m::MetadataDirective], "metadata"));
  CHECK_OK(check_directive(call.in[m::TaggingDirective], "tagging"));
  TRY(const auto source, copied_object(s3, call));
  if (source->size > kLargestCopy) {
    return fail(
        error::invalid_request("The specified copy source is larger than the maximum allowable size for a "
                               "copy source: 5368709120"));
  }
  if (changes_nothing(call, t)) {
    return fail(error::invalid_request(
        "This copy request is illegal because it is trying to copy an object to itself without changing the "
        "object's metadata, storage class, website redirect location or encryption attributes."));
  }
  TRY(auto object, described(s3, call));
  TRY(auto condition, write_condition(call.in, key));
  inherit(call, *source, object);

  Upload upload(s3.blobs());
  const Algorithm* algorithm = wanted_algorithm(call, *source);
  upload.want(algorithm->kind);
  upload.seal_under(t.write_key->blob_key());
  const WriteGuard writing(*t.bucket);
  if (!writing) return fail(error::operation_aborted());
  TRY(object.sealing, wrapped(s3, call, *t.bucket, key, *t.write_key));
  CHECK_OK(append_source(s3, call, *source, std::nullopt, upload));
  CHECK_OK(take_payload(*t.write_key, upload, object));
  object.checksum = {std::string(algorithm->name), base64(upload.digest(algorithm->kind)), false};
  TRY(const auto stored,
      put_new(s3, *t.bucket, key, std::move(object), replacing(call, std::move(condition))));

  wire::Value result = wire::structure({{m::ETag, quoted(stored.etag)}, {m::LastModified, stored.modified}});
  set_checksum(result, stored.checksum);
  wire::Value out;
  out.set(m::CopyObjectResult, std::move(result));
  if (t.source_bucket->keeps_versions()) out.set(m::CopySourceVersionId, source->version_or_null());
  set_expiration(out, *t.bucket, key, stored);
  set_stored(out, stored);
  return out;
}

}  // namespace gatehouse::service::s3
