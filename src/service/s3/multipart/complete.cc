#include <fmt/format.h>

#include <map>

#include "base/encoding.h"
#include "service/s3/errors.h"
#include "service/s3/lifecycle/lifecycle.h"
#include "service/s3/lock/lock.h"
#include "service/s3/multipart/crc_combine.h"
#include "service/s3/multipart/uploads.h"
#include "service/s3/object/checksum.h"
#include "service/s3/object/objects.h"
#include "service/s3/object/preconditions.h"
#include "service/s3/requirements.h"

namespace gatehouse::service::s3 {
namespace {

constexpr std::uint64_t kSmallestPart = 5 << 20;
constexpr size_t kEveryPart = 10'000;

std::string_view unquoted(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') return etag.substr(1, etag.size() - 2);
  return etag;
}

// The parts that the request lists, in its order, each as it was stored.
Result<std::vector<const StoredPart*>> listed_parts(const wire::Value& in,
                                                    const std::vector<StoredPart>& stored,
                                                    std::string_view upload) {
  const auto& list = in[m::MultipartUpload][m::Parts].list();
  if (list.empty() || list.size() > kEveryPart) return fail(error::malformed_xml());
  std::map<std::int64_t, const StoredPart*> by_number;
  for (const auto& part : stored) by_number.emplace(part.number, &part);
  std::vector<const StoredPart*> out;
  std::int64_t last = 0;
  for (const auto& asked : list) {
    const std::int64_t number = asked[m::PartNumber].number();
    if (number <= last) return fail(error::invalid_part_order(upload));
    last = number;
    const auto it = by_number.find(number);
    if (it == by_number.end() || it->second->object.etag != unquoted(asked[m::ETag].text()))
      return fail(error::invalid_part(upload, number, unquoted(asked[m::ETag].text())));
    TRY(const auto given, given_checksum(asked));
    const Checksum& own = it->second->object.checksum;
    if (given && given.algorithm == own.algorithm && given.value != own.value)
      return fail(error::invalid_part(upload, number, unquoted(asked[m::ETag].text())));
    out.push_back(it->second);
  }
  for (size_t i = 0; i + 1 < out.size(); ++i) {
    const Object& part = out[i]->object;
    if (part.size < kSmallestPart) return fail(error::entity_too_small(part.size, out[i]->number, part.etag));
  }
  return out;
}

// The MD5 of the parts' MD5s, and their count.
std::string combined_etag(const std::vector<const StoredPart*>& parts) {
  std::string digests;
  for (const auto* part : parts) digests += unhex(part->object.etag).value_or("");
  return fmt::format("{}-{}", hex(md5(digests)), parts.size());
}

std::string composite(const Algorithm& algorithm, const std::vector<const StoredPart*>& parts) {
  Digest digest(algorithm.kind);
  for (const auto* part : parts) digest.update(unbase64(part->object.checksum.value).value_or(""));
  return fmt::format("{}-{}", base64(digest.finish()), parts.size());
}

std::string whole(const Algorithm& algorithm, const std::vector<const StoredPart*>& parts) {
  std::string crc;
  for (const auto* part : parts) {
    const std::string next = unbase64(part->object.checksum.value).value_or("");
    crc = crc.empty() ? next : combine_crc(algorithm.kind, crc, next, part->object.size);
  }
  return base64(crc);
}

Checksum combined_checksum(const Checksum& asked, const std::vector<const StoredPart*>& parts) {
  const Algorithm* algorithm = find_algorithm(asked ? asked.algorithm : "CRC64NVME");
  for (const auto* part : parts) {
    if (part->object.checksum.algorithm != algorithm->name) return {};
  }
  return {std::string(algorithm->name),
          asked.composite ? composite(*algorithm, parts) : whole(*algorithm, parts), asked.composite};
}

// What the client says the whole is, against what it is.
Result<void> check_whole(const wire::Value& in, const Object& object) {
  if (const auto& size = in[m::MpuObjectSize];
      size && size.number() != static_cast<std::int64_t>(object.size)) {
    return fail(error::invalid_request(fmt::format(
        "The provided 'x-amz-mp-object-size' header value {} does not match what was computed: {}",
        size.number(), object.size)));
  }
  for (const Algorithm& algorithm : algorithms()) {
    const auto& sent = in[algorithm.member];
    if (!sent || algorithm.name != object.checksum.algorithm) continue;
    // A composite one may be sent with or without its count.
    const std::string_view own = object.checksum.value;
    if (sent.text() != own && sent.text() != own.substr(0, own.find('-')))
      return fail(error::bad_checksum(algorithm.name));
  }
  return {};
}

Object assembled(const OpenUpload& upload, const std::vector<const StoredPart*>& parts, Time now) {
  Object object = upload.object;
  object.modified = now;
  object.over = 0;
  object.etag = combined_etag(parts);
  object.checksum = combined_checksum(upload.object.checksum, parts);
  object.size = 0;
  for (const auto* part : parts) {
    object.size += part->object.size;
    object.parts.push_back({part->number, part->object.size, part->object.checksum.value});
    object.segments.insert(object.segments.end(), part->object.segments.begin(), part->object.segments.end());
  }
  return object;
}

// What changed since the upload began conflicts with a condition, also where that would hold again.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html#conditional-error-response
Condition unchanged_since(Condition condition, const wire::Value& in, std::uint64_t over,
                          std::string_view key) {
  if (!condition) return condition;
  const char* const header = in[m::IfMatch] ? "If-Match" : "If-None-Match";
  return [condition = std::move(condition), header, over,
          name = std::string(key)](const Object* now) -> Result<void> {
    CHECK_OK(condition(now));
    if ((now != nullptr ? now->sequence : 0) == over) return {};
    return fail(error::conditional_conflict(header, name));
  };
}

std::string location(const Call& call, const Bucket& bucket, std::string_view key) {
  return fmt::format("{}://{}/{}/{}", call.head->tls ? "https" : "http", call.head->headers.get("host"),
                     bucket.name, percent_encode(key));
}

}  // namespace

Result<wire::Value> complete_multipart_upload(S3& s3, Call& call) {
  const Bucket& bucket = bucket_of(call);
  const std::string_view key = call.in[m::Key].text();
  TRY(const auto upload, find_upload(s3, bucket, key, call.in[m::UploadId].text()));
  TRY(const auto stored, stored_parts(s3, bucket, upload.id, 0, kEveryPart));
  TRY(const auto parts, listed_parts(call.in, stored, upload.id));
  TRY(auto given, write_condition(call.in, key));
  Condition condition = unchanged_since(std::move(given), call.in, upload.object.over, key);
  Object object = assembled(upload, parts, s3.clock().now());
  CHECK_OK(check_whole(call.in, object));
  // The version is made now: what the bucket gives new versions since the upload began is given to it too.
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html#object-lock-retention-periods
  give_default(bucket, object.modified, object.lock);

  store::Batch ending;
  ending.preconditions.push_back({upload_key(bucket, key, upload.id), upload.object.revision});
  ending.deletes.push_back(upload_key(bucket, key, upload.id));
  for (const auto& part : stored) {
    ending.preconditions.push_back({part_key(bucket, upload.id, part.number), part.object.revision});
    ending.deletes.push_back(part_key(bucket, upload.id, part.number));
  }
  const WriteGuard writing(bucket);
  if (!writing) return fail(error::operation_aborted());
  auto put = s3.index().put(bucket, key, std::move(object), replacing(call, std::move(condition)), ending);
  if (!put && put.error().code == store::kConflict) {
    // Completed, aborted, or a part replaced, meanwhile.
    CHECK_OK(find_upload(s3, bucket, key, upload.id));
    return fail(error::operation_aborted());
  }
  if (!put) return std::unexpected(std::move(put).error());
  for (const auto& part : stored) {
    if (std::ranges::find(parts, &part) == parts.end()) s3.index().forget(part.object.segments);
  }

  wire::Value out = wire::structure({{m::Location, location(call, bucket, key)},
                                     {m::Bucket, bucket.name},
                                     {m::Key, key},
                                     {m::ETag, quoted(put->etag)}});
  set_checksum(out, put->checksum);
  set_expiration(out, bucket, key, *put);
  set_stored(out, *put);
  return out;
}

}  // namespace gatehouse::service::s3
