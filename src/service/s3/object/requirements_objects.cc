// What operations on objects need.
#include "service/s3/acl/asked.h"
#include "service/s3/bucket/names.h"
#include "service/s3/conditions.h"
#include "service/s3/errors.h"
#include "service/s3/lock/lock.h"
#include "service/s3/multipart/uploads.h"
#include "service/s3/object/checksum.h"
#include "service/s3/object/sealing.h"
#include "service/s3/object/tags.h"
#include "service/s3/requirements.h"

namespace gatehouse::service::s3 {
namespace {

constexpr std::uint64_t kLargestPut = 5ULL << 30;

std::string_view key_of(const Call& call) { return call.in[m::Key].text(); }

void pin(Call& call, Target found) { call.pinned = std::make_shared<const Target>(std::move(found)); }

Result<ObjectPtr> look_up(S3& s3, const Bucket& bucket, std::string_view key, std::string_view version) {
  if (version.empty()) return s3.index().current(bucket, key);
  return s3.index().version(bucket, key, version);
}

// What a read is of. Where it may not wait, only a current version that lies in its record is had: older
// versions are searched for, and blobs opened.
Result<ObjectPtr> find_object(S3& s3, const Call& call, const Bucket& bucket, std::string_view version) {
  if (call.reach == store::Reach::disk) return look_up(s3, bucket, key_of(call), version);
  if (!version.empty()) return fail(std::string(store::kNotInMemory), "", 503);
  TRY(auto object, s3.index().current(bucket, key_of(call), call.reach));
  if (object != nullptr && !object->segments.empty()) return fail(std::string(store::kNotInMemory), "", 503);
  return object;
}

struct Read {
  BucketPtr bucket;
  ObjectPtr object;
  account::Requirement requirement;
};

// A read of one object: `versioned` is the action where a version is named.
Result<Read> read_of(S3& s3, Call& call, std::string_view action, std::string_view versioned) {
  const std::string_view version = call.in[m::VersionId].text();
  TRY(auto bucket, find_bucket(s3, call, call.in[m::Bucket].text()));
  CHECK_OK(check_key(key_of(call)));
  TRY(auto object, find_object(s3, call, *bucket, version));
  auto r = object_requirement(call, *bucket, key_of(call), version.empty() ? action : versioned);
  if (!version.empty()) r.key("s3:VersionId", std::string(version));
  if (object) {
    add_existing_tags(object->tags, r);
    add_object_list(call, *bucket, *object, r);
  }
  return Read{std::move(bucket), std::move(object), std::move(r)};
}

Result<Requirements> needs_read(S3& s3, Call& call, std::string_view action, std::string_view versioned) {
  TRY(auto read, read_of(s3, call, action, versioned));
  pin(call, {std::move(read.bucket), std::move(read.object), nullptr, nullptr});
  return Requirements{std::move(read.requirement)};
}

// How long the payload is, before the chunks it is sent in.
Result<std::uint64_t> payload_length(const wire::Head& head) {
  const std::string_view decoded = head.headers.get("x-amz-decoded-content-length");
  if (decoded.empty()) {
    if (head.chunked) return fail(error::missing_content_length());
    return head.content_length.value_or(0);
  }
  std::uint64_t length = 0;
  for (const char c : decoded) {
    if (c < '0' || c > '9' || length > kLargestPut) return fail(error::missing_content_length());
    length = length * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return length;
}

Result<void> expect_payload(Call& call) {
  TRY(const auto length, payload_length(*call.head));
  if (length > kLargestPut) return fail(error::entity_too_large(length, kLargestPut));
  if (call.upload != nullptr) want_checksums(*call.head, *call.upload);
  return {};
}

// PutObject, which the bucket's list may grant. `creates`: it does, and only where nothing of others is
// there.
Result<account::Requirement> put_of(S3& s3, const Call& call, const Bucket& bucket, bool& creates) {
  auto put = object_requirement(call, bucket, key_of(call), "s3:PutObject");
  add_bucket_list(call, bucket, put);
  if (put.listed == policy::Granted::nothing || call.caller.account == bucket.account) return put;
  TRY(const auto there, s3.index().current(bucket, key_of(call)));
  creates = may_replace(call, bucket, there.get());
  if (!creates) put.listed = policy::Granted::nothing;
  return put;
}

// A write of one object: PutObject and what the headers ask for beside it.
Result<Requirements> write_of(S3& s3, const Call& call, const Bucket& bucket, bool& creates) {
  TRY(auto put, put_of(s3, call, bucket, creates));
  add_write_keys(call, put);
  add_creation_key(call.operation->name != "CreateMultipartUpload", put);
  if (const auto& tagging = call.in[m::Tagging]) {
    TRY(const auto tags, tags_from_header(tagging.text()));
    add_request_tags(tags, put);
  }
  if (const auto& until = call.in[m::ObjectLockRetainUntilDate]) add_remaining_days(call, until.time(), put);
  Requirements all{put};
  // Whoever may create an object is its owner, and may say who else is to have it; no list grants the rest.
  const auto also = [&](std::string_view action) {
    all.push_back(put);
    all.back().action = action;
    if (action != "s3:PutObjectAcl") all.back().listed = policy::Granted::nothing;
  };
  if (call.in[m::Tagging]) also("s3:PutObjectTagging");
  const auto& in = call.in;
  if (in[m::ACL] || has_grant_headers(in)) also("s3:PutObjectAcl");
  if (in[m::ObjectLockMode] || in[m::ObjectLockRetainUntilDate]) also("s3:PutObjectRetention");
  if (in[m::ObjectLockLegalHoldStatus]) also("s3:PutObjectLegalHold");
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
  if (in[m::IfMatch]) also("s3:GetObject");
  return all;
}

// The object a copy reads. Its tags come along unless they are replaced.
Result<void> add_source(S3& s3, Call& call, Target& found, Requirements& all) {
  TRY(const auto source, read_copy_source(call.in[m::CopySource].text()));
  if (!is_bucket_name(source.bucket)) return fail(error::invalid_bucket_name(source.bucket));
  CHECK_OK(check_key(source.key));
  found.source_bucket = s3.buckets().find(source.bucket);
  if (found.source_bucket == nullptr) return fail(error::no_such_bucket(source.bucket));
  const std::string_view owner = call.in[m::ExpectedSourceBucketOwner].text();
  if (!owner.empty() && owner != found.source_bucket->account) return fail(error::access_denied());
  TRY(found.source, look_up(s3, *found.source_bucket, source.key, source.version));

  const bool versioned = !source.version.empty();
  const auto add = [&](std::string_view action) {
    auto r = object_requirement(call, *found.source_bucket, source.key, action);
    if (versioned) r.key("s3:VersionId", source.version);
    if (found.source) {
      add_existing_tags(found.source->tags, r);
      add_object_list(call, *found.source_bucket, *found.source, r);
    }
    all.push_back(std::move(r));
  };
  add(versioned ? "s3:GetObjectVersion" : "s3:GetObject");
  if (found.source) need_decrypt(s3, call, *found.source_bucket, source.key, found.source->sealing, all);
  const bool copies_tags =
      call.operation->name == "CopyObject" && call.in[m::TaggingDirective].text() != "REPLACE";
  if (copies_tags && found.source && !found.source->tags.empty())
    add(versioned ? "s3:GetObjectVersionTagging" : "s3:GetObjectTagging");
  return {};
}

// An operation on the key's upload, deciding one action.
Result<Requirements> needs_upload_action(S3& s3, Call& call, std::string_view action) {
  TRY(auto bucket, find_bucket(s3, call, call.in[m::Bucket].text()));
  CHECK_OK(check_key(key_of(call)));
  auto r = object_requirement(call, *bucket, key_of(call), action);
  add_bucket_list(call, *bucket, r);
  if (action == "s3:PutObject") {
    add_write_keys(call, r);
    add_creation_key(call.operation->name == "CompleteMultipartUpload", r);
  }
  pin(call, {std::move(bucket), nullptr, nullptr, nullptr});
  return Requirements{std::move(r)};
}

}  // namespace

Result<void> add_deleting_list(S3& s3, const Call& call, const Bucket& bucket, std::string_view key,
                               account::Requirement& r) {
  if (r.action != "s3:DeleteObject" || bucket.acl == nullptr || call.caller.account == bucket.account)
    return {};
  account::Requirement write;
  write.action = "s3:PutObject";
  add_bucket_list(call, bucket, write);
  if (write.listed == policy::Granted::nothing) return {};
  TRY(const auto there, s3.index().current(bucket, key));
  if (there != nullptr && !there->marker && may_replace(call, bucket, there.get())) r.listed = write.listed;
  return {};
}

Result<Requirements> needs_get_object(S3& s3, Call& call) {
  TRY(auto all, needs_read(s3, call, "s3:GetObject", "s3:GetObjectVersion"));
  // Looking at an object needs its key only where a checksum of the data is asked for.
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html, x-amz-checksum-mode
  const Target& t = target(call);
  if (t.object && (call.operation->name == "GetObject" || call.in[m::ChecksumMode]))
    need_decrypt(s3, call, *t.bucket, key_of(call), t.object->sealing, all);
  return all;
}

Result<Requirements> needs_get_attributes(S3& s3, Call& call) {
  TRY(auto all, needs_get_object(s3, call));
  all.push_back(all.front());
  all.back().action = call.in[m::VersionId] ? "s3:GetObjectVersionAttributes" : "s3:GetObjectAttributes";
  all.back().listed = policy::Granted::nothing;
  return all;
}

Result<Requirements> needs_version(S3& s3, Call& call) { return needs_read(s3, call, "", ""); }

Result<Requirements> needs_get_tagging(S3& s3, Call& call) {
  return needs_read(s3, call, "s3:GetObjectTagging", "s3:GetObjectVersionTagging");
}

Result<Requirements> needs_put_tagging(S3& s3, Call& call) {
  TRY(auto all, needs_read(s3, call, "s3:PutObjectTagging", "s3:PutObjectVersionTagging"));
  TRY(const auto tags, tags_from_set(call.in[m::Tagging][m::TagSet], kMostObjectTags));
  add_request_tags(tags, all.front());
  return all;
}

Result<Requirements> needs_delete_tagging(S3& s3, Call& call) {
  return needs_read(s3, call, "s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging");
}

Result<Requirements> needs_get_object_acl(S3& s3, Call& call) {
  return needs_read(s3, call, "s3:GetObjectAcl", "s3:GetObjectVersionAcl");
}

Result<Requirements> needs_put_object_acl(S3& s3, Call& call) {
  TRY(auto all, needs_read(s3, call, "s3:PutObjectAcl", "s3:PutObjectVersionAcl"));
  add_write_keys(call, all.front());
  return all;
}

Result<Requirements> needs_put_object(S3& s3, Call& call) {
  TRY(auto bucket, find_bucket(s3, call, call.in[m::Bucket].text()));
  CHECK_OK(check_key(key_of(call)));
  CHECK_OK(expect_payload(call));
  bool creates = false;
  TRY(auto all, write_of(s3, call, *bucket, creates));
  TRY(auto key, key_for_write(s3, call, *bucket, all));
  pin(call, {std::move(bucket), nullptr, nullptr, nullptr, std::move(key), creates});
  return all;
}

Result<Requirements> needs_copy_object(S3& s3, Call& call) {
  TRY(auto bucket, find_bucket(s3, call, call.in[m::Bucket].text()));
  CHECK_OK(check_key(key_of(call)));
  Target found;
  TRY(auto all, write_of(s3, call, *bucket, found.creates));
  found.bucket = bucket;
  CHECK_OK(add_source(s3, call, found, all));
  const bool copies_tags = call.in[m::TaggingDirective].text() != "REPLACE";
  if (copies_tags && found.source && !found.source->tags.empty()) {
    all.push_back(all.front());
    all.back().action = "s3:PutObjectTagging";
    all.back().listed = policy::Granted::nothing;
    add_request_tags(found.source->tags, all.back());
  }
  TRY(found.write_key, key_for_write(s3, call, *found.bucket, all));
  pin(call, std::move(found));
  return all;
}

Result<Requirements> needs_delete_object(S3& s3, Call& call) {
  TRY(auto bucket, find_bucket(s3, call, call.in[m::Bucket].text()));
  CHECK_OK(check_key(key_of(call)));
  const std::string_view version = call.in[m::VersionId].text();
  auto r = object_requirement(call, *bucket, key_of(call),
                              version.empty() ? "s3:DeleteObject" : "s3:DeleteObjectVersion");
  if (!version.empty()) r.key("s3:VersionId", std::string(version));
  const std::string_view match = call.in[m::IfMatch].text();
  if (!match.empty()) r.key("s3:if-match", std::string(match));
  CHECK_OK(add_deleting_list(s3, call, *bucket, key_of(call), r));
  Requirements all{std::move(r)};
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
  if (!match.empty() && match != "*")
    all.push_back(object_requirement(call, *bucket, key_of(call), "s3:GetObject"));
  Target found;
  TRY(const bool bypass, asked_to_bypass(call, *bucket));
  if (bypass && !version.empty()) {
    TRY(const auto object, s3.index().version(*bucket, key_of(call), version));
    found.bypasses = object != nullptr && need_bypass(call, *bucket, key_of(call), *object, all);
  }
  found.bucket = std::move(bucket);
  pin(call, std::move(found));
  return all;
}

// Each key is decided for itself, and its refusal is its own line of the answer.
Result<Requirements> needs_delete_objects(S3& s3, Call& call) {
  TRY(auto bucket, find_bucket(s3, call, call.in[m::Bucket].text()));
  CHECK_OK(asked_to_bypass(call, *bucket));
  pin(call, {std::move(bucket), nullptr, nullptr, nullptr});
  return Requirements{};
}

Result<Requirements> needs_create_upload(S3& s3, Call& call) {
  TRY(auto bucket, find_bucket(s3, call, call.in[m::Bucket].text()));
  CHECK_OK(check_key(key_of(call)));
  bool creates = false;
  TRY(auto all, write_of(s3, call, *bucket, creates));
  TRY(auto key, key_for_write(s3, call, *bucket, all));
  pin(call, {std::move(bucket), nullptr, nullptr, nullptr, std::move(key), creates});
  return all;
}

// The payload's checksum and key are those of the upload, which its record knows.
Result<Requirements> needs_part(S3& s3, Call& call) {
  TRY(auto all, needs_upload_action(s3, call, "s3:PutObject"));
  const auto upload = find_upload(s3, bucket_of(call), key_of(call), call.in[m::UploadId].text());
  if (!upload) return all;
  if (call.upload != nullptr) {
    const Algorithm* algorithm = find_algorithm(upload->object.checksum.algorithm);
    call.upload->want(algorithm != nullptr ? algorithm->kind : Digest::Kind::crc64nvme);
  }
  Target found = target(call);
  TRY(found.write_key, key_for_part(s3, call, *found.bucket, upload->object.sealing, all));
  pin(call, std::move(found));
  return all;
}

Result<Requirements> needs_upload_part(S3& s3, Call& call) {
  CHECK_OK(expect_payload(call));
  return needs_part(s3, call);
}

Result<Requirements> needs_upload_part_copy(S3& s3, Call& call) {
  TRY(auto all, needs_part(s3, call));
  Target found = target(call);
  CHECK_OK(add_source(s3, call, found, all));
  pin(call, std::move(found));
  return all;
}

Result<Requirements> needs_complete_upload(S3& s3, Call& call) {
  TRY(auto all, needs_upload_action(s3, call, "s3:PutObject"));
  Target found = target(call);
  found.creates =
      all.front().listed != policy::Granted::nothing && call.caller.account != found.bucket->account;
  pin(call, std::move(found));
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
  if (const auto upload = find_upload(s3, bucket_of(call), key_of(call), call.in[m::UploadId].text()))
    need_decrypt(s3, call, bucket_of(call), key_of(call), upload->object.sealing, all);
  if (call.in[m::IfMatch]) {
    all.push_back(all.front());
    all.back().action = "s3:GetObject";
    all.back().listed = policy::Granted::nothing;  // to write into a bucket is not to read what is in it
  }
  return all;
}

Result<Requirements> needs_abort_upload(S3& s3, Call& call) {
  return needs_upload_action(s3, call, "s3:AbortMultipartUpload");
}

Result<Requirements> needs_list_parts(S3& s3, Call& call) {
  return needs_upload_action(s3, call, "s3:ListMultipartUploadParts");
}

}  // namespace gatehouse::service::s3
