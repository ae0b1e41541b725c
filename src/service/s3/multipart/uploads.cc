#include "service/s3/multipart/uploads.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "service/s3/bucket/names.h"
#include "service/s3/errors.h"
#include "service/s3/lifecycle/lifecycle.h"
#include "service/s3/object/checksum.h"
#include "service/s3/object/objects.h"
#include "service/s3/object/sealing.h"

namespace gatehouse::service::s3 {
namespace {

constexpr size_t kIdBytes = 48;
constexpr size_t kEveryPart = 10'000;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

// Which checksum the parts carry, and whether the object's is of the whole or of the parts' checksums.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html
Result<Checksum> asked_checksum(const wire::Value& in) {
  const std::string_view name = in[m::ChecksumAlgorithm].text();
  const std::string_view type = in[m::ChecksumType].text();
  if (name.empty()) {
    if (type.empty()) return Checksum{};
    return fail(
        error::invalid_request("The x-amz-checksum-type header can only be used with the "
                               "x-amz-checksum-algorithm header."));
  }
  const Algorithm* algorithm = find_algorithm(name);
  if (algorithm == nullptr) {
    return fail(
        error::invalid_request("Checksum algorithm provided is unsupported. Please try again with any of the "
                               "valid types: [CRC32, CRC32C, "
                               "CRC64NVME, SHA1, SHA256]"));
  }
  const bool only_full = algorithm->name == "CRC64NVME";
  const bool composite = type.empty() ? !only_full : type == "COMPOSITE";
  if (composite ? only_full : !algorithm->full_object) {
    return fail(error::invalid_request(
        fmt::format("The {} checksum type cannot be used with the {} checksum algorithm.",
                    composite ? "COMPOSITE" : "FULL_OBJECT", lower(name))));
  }
  return Checksum{std::string(name), "", composite};
}

}  // namespace

// Everything of an upload goes in one batch.
Result<void> abort_upload(S3& s3, const Bucket& bucket, std::string_view key, const OpenUpload& upload) {
  TRY(const auto parts, stored_parts(s3, bucket, upload.id, 0, kEveryPart));
  const std::string at = upload_key(bucket, key, upload.id);
  store::Batch batch;
  batch.preconditions.push_back({at, upload.object.revision});
  batch.deletes.push_back(at);
  for (const auto& part : parts) batch.deletes.push_back(part_key(bucket, upload.id, part.number));
  auto removed = s3.records().commit(bucket.index_partition(key), std::move(batch));
  if (!removed && removed.error().code == store::kConflict) return fail(error::no_such_upload(upload.id));
  if (!removed) return std::unexpected(std::move(removed).error());
  for (const auto& part : parts) s3.index().forget(part.object.segments);
  return {};
}

std::string upload_key(const Bucket& bucket, std::string_view key, std::string_view id) {
  return bucket.prefix("upload") + escaped(key) + std::string(id);
}

std::string part_key(const Bucket& bucket, std::string_view id, std::int64_t number) {
  return fmt::format("{}{}/{:05}", bucket.prefix("part"), id, number);
}

Result<OpenUpload> find_upload(const S3& s3, const Bucket& bucket, std::string_view key,
                               std::string_view id) {
  const auto raw = unbase64url(id);
  if (!raw || raw->size() != kIdBytes) return fail(error::no_such_upload(id));
  TRY(const auto record, s3.records().get(upload_key(bucket, key, id)));
  if (!record) return fail(error::no_such_upload(id));
  TRY(auto object, object_from_record(record->value, record->revision));
  return OpenUpload{std::string(id), std::move(object)};
}

Result<std::vector<StoredPart>> stored_parts(const S3& s3, const Bucket& bucket, std::string_view id,
                                             int after, size_t limit) {
  std::vector<StoredPart> out;
  if (limit == 0) return out;
  const std::string prefix = fmt::format("{}{}/", bucket.prefix("part"), id);
  Result<void> outcome;
  CHECK_OK(s3.records().visit(prefix, part_key(bucket, id, after + 1),
                              [&](std::string_view key, std::string_view value, store::Revision revision) {
                                auto object = object_from_record(value, revision);
                                if (!object) {
                                  outcome = std::unexpected(object.error());
                                  return false;
                                }
                                int number = 0;
                                for (const char c : key.substr(prefix.size()))
                                  number = number * 10 + (c - '0');
                                out.push_back({number, std::move(*object)});
                                return out.size() < limit;
                              }));
  CHECK_OK(outcome);
  return out;
}

Result<wire::Value> create_multipart_upload(S3& s3, Call& call) {
  const Bucket& bucket = bucket_of(call);
  const std::string_view key = call.in[m::Key].text();
  TRY(auto object, described(s3, call));
  TRY(object.checksum, asked_checksum(call.in));
  TRY(object.sealing, wrapped(s3, call, bucket, key, *target(call).write_key));
  TRY(const auto there, s3.index().current(bucket, key));
  if (there != nullptr && !there->marker) object.over = there->sequence;
  const WriteGuard writing(bucket);
  if (!writing) return fail(error::operation_aborted());
  const std::string id = base64url(s3.random().bytes(kIdBytes));
  const std::string at = upload_key(bucket, key, id);
  store::Batch batch;
  batch.preconditions.push_back({at, 0});
  batch.puts.emplace_back(at, to_record(object));
  CHECK_OK(s3.records().commit(bucket.index_partition(key), std::move(batch)));
  wire::Value out = wire::structure({{m::Bucket, bucket.name}, {m::Key, key}, {m::UploadId, id}});
  set_encryption(out, object.sealing);
  set_abort(out, bucket, key, object);
  if (object.checksum) {
    out.set(m::ChecksumAlgorithm, object.checksum.algorithm);
    out.set(m::ChecksumType, object.checksum.composite ? "COMPOSITE" : "FULL_OBJECT");
  }
  return out;
}

Result<wire::Value> abort_multipart_upload(S3& s3, Call& call) {
  const Bucket& bucket = bucket_of(call);
  const std::string_view key = call.in[m::Key].text();
  TRY(const auto upload, find_upload(s3, bucket, key, call.in[m::UploadId].text()));
  CHECK_OK(abort_upload(s3, bucket, key, upload));
  return wire::Value();
}

Result<void> abort_all(S3& s3, const Bucket& bucket) {
  const std::string prefix = bucket.prefix("upload");
  TRY(const auto uploads, s3.records().scan(prefix, "", SIZE_MAX));
  for (const auto& entry : uploads) {
    const auto name = unescaped(std::string_view(entry.key).substr(prefix.size()));
    if (!name) continue;
    TRY(auto object, object_from_record(entry.record.value, entry.record.revision));
    CHECK_OK(abort_upload(s3, bucket, name->key, {std::string(name->rest), std::move(object)}));
  }
  return {};
}

}  // namespace gatehouse::service::s3
