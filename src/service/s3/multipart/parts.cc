#include <fmt/format.h>

#include "base/encoding.h"
#include "service/s3/errors.h"
#include "service/s3/lock/lock.h"
#include "service/s3/multipart/uploads.h"
#include "service/s3/object/checksum.h"
#include "service/s3/object/copying.h"
#include "service/s3/object/objects.h"
#include "service/s3/object/preconditions.h"
#include "service/s3/object/sealing.h"
#include "store/sealed_blobs.h"

namespace gatehouse::service::s3 {
namespace {

constexpr std::int64_t kMostParts = 10'000;
constexpr std::uint64_t kLargestPart = 5ULL << 30;

Result<int> read_number(const wire::Value& in) {
  const std::int64_t number = in[m::PartNumber].number();
  if (number >= 1 && number <= kMostParts) return static_cast<int>(number);
  return fail(error::invalid_argument("Part number must be an integer between 1 and 10000, inclusive",
                                      "partNumber", std::to_string(number)));
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

// The checksum to keep: of the upload's algorithm, CRC64NVME where it named none.
Result<Checksum> part_checksum(const Checksum& wanted, const Checksum& verified, Upload& payload) {
  if (verified.algorithm == wanted.algorithm) return verified;
  if (wanted) {
    return fail(error::invalid_request(
        fmt::format("Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
                    lower(wanted.algorithm), lower(verified.algorithm))));
  }
  const std::string crc = payload.digest(Digest::Kind::crc64nvme);
  if (crc.empty()) return Checksum{};
  return Checksum{"CRC64NVME", base64(crc), false};
}

// The part's data, always in a blob: the object will name it.
Result<std::vector<Segment>> seal(const S3& s3, const WriteKey& writing, Upload& payload,
                                  std::unique_ptr<store::BlobWriter>& keep) {
  if (payload.size() == 0) return std::vector<Segment>{};
  if (!payload.is_inline()) {
    TRY(auto blob, payload.seal());
    return std::vector<Segment>{{std::move(blob), payload.size(), writing.salt}};
  }
  TRY(keep, s3.blobs().create());
  if (!writing.key.empty()) keep = store::seal_into(std::move(keep), writing.blob_key());
  CHECK_OK(keep->append(payload.data()));
  TRY(auto blob, keep->seal());
  return std::vector<Segment>{{std::move(blob), payload.size(), writing.salt}};
}

// Stores a part, in place of one of the same number.
Result<void> store_part(S3& s3, const Bucket& bucket, std::string_view key, const OpenUpload& upload,
                        int number, const Object& part) {
  const std::string at = part_key(bucket, upload.id, number);
  TRY(const auto replaced, s3.records().get(at));
  store::Batch batch;
  batch.preconditions.push_back({upload_key(bucket, key, upload.id), upload.object.revision});
  batch.preconditions.push_back({at, replaced ? replaced->revision : 0});
  batch.puts.emplace_back(at, to_record(part));
  auto stored = s3.records().commit(bucket.index_partition(key), std::move(batch));
  if (!stored) {
    if (stored.error().status < 500) s3.index().forget(part.segments);
    if (stored.error().code != store::kConflict) return std::unexpected(std::move(stored).error());
    // Completed or aborted meanwhile; or the same part is being sent twice at once.
    CHECK_OK(find_upload(s3, bucket, key, upload.id));
    return fail(error::operation_aborted());
  }
  if (replaced) {
    TRY(const auto old, object_from_record(replaced->value, replaced->revision, With::header));
    s3.index().forget(old.segments);
  }
  return {};
}

Result<Object> make_part(const S3& s3, const WriteKey& writing, Upload& payload, Checksum checksum,
                         std::unique_ptr<store::BlobWriter>& keep) {
  Object part;
  part.modified = s3.clock().now();
  part.size = payload.size();
  part.etag = etag_of(writing, payload.digest(Digest::Kind::md5));
  part.checksum = std::move(checksum);
  TRY(part.segments, seal(s3, writing, payload, keep));
  return part;
}

// "bytes=first-last", both within the source.
Result<std::optional<Range>> copy_range(const wire::Value& in, const Object& source) {
  const auto& sent = in[m::CopySourceRange];
  if (!sent) return std::nullopt;
  const auto refuse = [&](std::string_view why) {
    return fail(error::invalid_argument(why, "x-amz-copy-source-range", sent.text()));
  };
  // Of a source without an end, so that where it ends is told apart from how it is written.
  const auto range = read_range(sent.text(), UINT64_MAX);
  if (!range || !*range || sent.text() != fmt::format("bytes={}-{}", (*range)->first, (*range)->last)) {
    return refuse(
        "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
        "zero-based offsets of the first and last bytes to copy");
  }
  if ((*range)->first >= source.size) {
    return fail(error::invalid_request("The specified copy range is invalid for the source object size"));
  }
  if ((*range)->last >= source.size)
    return refuse(fmt::format("Range specified is not valid for source object of size: {}", source.size));
  return *range;
}

}  // namespace

Result<wire::Value> upload_part(S3& s3, Call& call) {
  const Bucket& bucket = bucket_of(call);
  const std::string_view key = call.in[m::Key].text();
  TRY(const int number, read_number(call.in));
  TRY(const auto upload, find_upload(s3, bucket, key, call.in[m::UploadId].text()));
  CHECK_OK(check_integrity_sent(call, upload.object.lock, "Put Part"));
  CHECK_OK(opened_key(s3, call, bucket, key, upload.object.sealing, kOwnHeaders));
  const WriteGuard writing(bucket);
  if (!writing) return fail(error::operation_aborted());
  TRY(const auto verified, verify_payload(call, *call.upload));
  TRY(auto checksum, part_checksum(upload.object.checksum, verified, *call.upload));
  std::unique_ptr<store::BlobWriter> keep;
  TRY(const auto part, make_part(s3, *target(call).write_key, *call.upload, std::move(checksum), keep));
  CHECK_OK(store_part(s3, bucket, key, upload, number, part));
  wire::Value out = wire::structure({{m::ETag, quoted(part.etag)}});
  set_encryption(out, upload.object.sealing);
  if (const auto* algorithm = find_algorithm(part.checksum.algorithm))
    out.set(algorithm->member, part.checksum.value);
  return out;
}

Result<wire::Value> upload_part_copy(S3& s3, Call& call) {
  const Target& t = target(call);
  const std::string_view key = call.in[m::Key].text();
  TRY(const int number, read_number(call.in));
  TRY(const auto upload, find_upload(s3, *t.bucket, key, call.in[m::UploadId].text()));
  TRY(const auto source, copied_object(s3, call));
  TRY(const auto range, copy_range(call.in, *source));
  const std::uint64_t size = range ? range->size() : source->size;
  if (size > kLargestPart) return fail(error::entity_too_large(size, kLargestPart));
  const WriteGuard writing(*t.bucket);
  if (!writing) return fail(error::operation_aborted());
  Upload payload(s3.blobs());
  const Algorithm* algorithm = find_algorithm(upload.object.checksum.algorithm);
  if (algorithm == nullptr) algorithm = find_algorithm("CRC64NVME");
  payload.want(algorithm->kind);
  CHECK_OK(opened_key(s3, call, *t.bucket, key, upload.object.sealing, kOwnHeaders));
  if (!t.write_key->key.empty()) payload.seal_under(t.write_key->blob_key());
  CHECK_OK(append_source(s3, call, *source, range, payload));
  std::unique_ptr<store::BlobWriter> keep;
  Checksum checksum{std::string(algorithm->name), base64(payload.digest(algorithm->kind)), false};
  TRY(const auto part, make_part(s3, *t.write_key, payload, std::move(checksum), keep));
  CHECK_OK(store_part(s3, *t.bucket, key, upload, number, part));
  wire::Value result = wire::structure({{m::ETag, quoted(part.etag)}, {m::LastModified, part.modified}});
  result.set(algorithm->member, part.checksum.value);
  wire::Value out = wire::structure({{m::CopyPartResult, std::move(result)}});
  set_encryption(out, upload.object.sealing);
  if (t.source_bucket->keeps_versions()) out.set(m::CopySourceVersionId, source->version_or_null());
  return out;
}

}  // namespace gatehouse::service::s3
