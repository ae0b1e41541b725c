#include "service/s3/bucket/names.h"
#include "service/s3/errors.h"
#include "service/s3/lifecycle/lifecycle.h"
#include "service/s3/listing/listing.h"
#include "service/s3/listing/walk.h"
#include "service/s3/multipart/uploads.h"
#include "service/s3/object/checksum.h"

namespace gatehouse::service::s3 {
namespace {

void set_checksum_kind(wire::Value& out, const Checksum& checksum) {
  if (!checksum) return;
  out.set(m::ChecksumAlgorithm, checksum.algorithm);
  out.set(m::ChecksumType, checksum.composite ? "COMPOSITE" : "FULL_OBJECT");
}

// A page of ListMultipartUploads, filled upload by upload.
struct UploadsPage {
  const Walk& how;
  const KeyEncoding& encode;
  const ObjectOwners& owners;
  size_t limit;

  wire::Value::List uploads;
  std::vector<std::string> common_prefixes;
  std::string last_key, last_id;
  bool truncated = false;

  // False: the page is full.
  bool add(const Unescaped& name, const Object& object) {
    const auto group = rolled_up(name.key, how);
    if (!group.empty() && !common_prefixes.empty() && common_prefixes.back() == group) return true;
    if (uploads.size() + common_prefixes.size() == limit) {
      truncated = true;
      return false;
    }
    if (!group.empty()) {
      common_prefixes.emplace_back(group);
      last_key = group;
      last_id.clear();
      return true;
    }
    wire::Value upload = wire::structure({{m::Key, encode(name.key)},
                                          {m::UploadId, name.rest},
                                          {m::Initiated, object.modified},
                                          {m::StorageClass, object.storage_class},
                                          {m::Owner, owners.of(object)},
                                          {m::Initiator, owners.of(object)}});
    set_checksum_kind(upload, object.checksum);
    uploads.push_back(std::move(upload));
    last_key = name.key;
    last_id = name.rest;
    return true;
  }
};

// Where the page begins, within "upload/…/BUCKET/": behind the marker's key, or behind one upload of it.
std::string first_upload(const wire::Value& in, const Walk& how) {
  const std::string_view marker = in[m::KeyMarker].text();
  if (marker.empty()) return "";
  if (const auto group = rolled_up(marker, how); !group.empty()) return successor(group);
  const std::string_view id = in[m::UploadIdMarker].text();
  if (!id.empty()) return escaped(marker) + std::string(id) + '\0';
  return successor(escaped(marker));
}

}  // namespace

Result<wire::Value> list_parts(S3& s3, Call& call) {
  const Bucket& bucket = bucket_of(call);
  const std::string_view key = call.in[m::Key].text();
  TRY(const size_t limit, page_size(call.in[m::MaxParts], "max-parts"));
  TRY(const auto upload, find_upload(s3, bucket, key, call.in[m::UploadId].text()));
  TRY(const int after, part_marker(call.in[m::PartNumberMarker]));
  TRY(auto parts, stored_parts(s3, bucket, upload.id, after, limit + 1));
  const bool truncated = parts.size() > limit;
  if (truncated) parts.resize(limit);
  wire::Value::List list;
  for (const auto& part : parts) {
    wire::Value p = wire::structure({{m::PartNumber, part.number},
                                     {m::LastModified, part.object.modified},
                                     {m::ETag, quoted(part.object.etag)},
                                     {m::Size, static_cast<std::int64_t>(part.object.size)}});
    const auto* algorithm = find_algorithm(part.object.checksum.algorithm);
    if (algorithm != nullptr) p.set(algorithm->member, part.object.checksum.value);
    list.push_back(std::move(p));
  }
  const wire::Value owner = ObjectOwners(s3, bucket).of(upload.object);
  wire::Value out = wire::structure({{m::Bucket, bucket.name},
                                     {m::Key, key},
                                     {m::UploadId, upload.id},
                                     {m::Initiator, owner},
                                     {m::Owner, owner},
                                     {m::StorageClass, upload.object.storage_class},
                                     {m::PartNumberMarker, std::to_string(after)},
                                     {m::MaxParts, static_cast<std::int64_t>(limit)},
                                     {m::IsTruncated, truncated}});
  out.set(m::NextPartNumberMarker, std::to_string(parts.empty() ? 0 : parts.back().number));
  set_checksum_kind(out, upload.object.checksum);
  set_abort(out, bucket, key, upload.object);
  if (!list.empty()) out.set(m::Parts, std::move(list));
  return out;
}

Result<wire::Value> list_multipart_uploads(S3& s3, Call& call) {
  const Bucket& bucket = bucket_of(call);
  const wire::Value& in = call.in;
  TRY(const auto encode, KeyEncoding::of(in));
  TRY(const size_t limit, page_size(in[m::MaxUploads], "max-uploads"));
  const ObjectOwners owners(s3, bucket);
  const Walk how{
      .prefix = in[m::Prefix].text(), .delimiter = in[m::Delimiter].text(), .after = {}, .limit = limit};
  UploadsPage page{how, encode, owners, limit, {}, {}, {}, {}, false};
  const std::string base = bucket.prefix("upload");
  std::string prefix = base + escaped(how.prefix);
  prefix.resize(prefix.size() - 2);  // without the end of a key
  Result<void> outcome;
  CHECK_OK(s3.records().visit(prefix, base + first_upload(in, how),
                              [&](std::string_view key, std::string_view value, store::Revision revision) {
                                const auto name = unescaped(key.substr(base.size()));
                                auto object = object_from_record(value, revision, With::header);
                                if (!name || !object) {
                                  outcome = internal_failure();
                                  return false;
                                }
                                return page.add(*name, *object);
                              }));
  CHECK_OK(outcome);
  wire::Value out = wire::structure({{m::Bucket, bucket.name},
                                     {m::KeyMarker, encode(in[m::KeyMarker].text())},
                                     {m::UploadIdMarker, in[m::UploadIdMarker].text()},
                                     {m::Prefix, encode(how.prefix)},
                                     {m::Delimiter, encode.echo(in[m::Delimiter])},
                                     {m::EncodingType, in[m::EncodingType]},
                                     {m::MaxUploads, static_cast<std::int64_t>(limit)},
                                     {m::IsTruncated, page.truncated}});
  if (page.truncated) {
    out.set(m::NextKeyMarker, encode(page.last_key));
    out.set(m::NextUploadIdMarker, page.last_id);
  }
  if (!page.uploads.empty()) out.set(m::Uploads, std::move(page.uploads));
  out.set(m::CommonPrefixes, encode.common_prefixes(page.common_prefixes));
  return out;
}

}  // namespace gatehouse::service::s3
