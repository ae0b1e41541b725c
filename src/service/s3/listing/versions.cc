#include "service/s3/bucket/names.h"
#include "service/s3/errors.h"
#include "service/s3/listing/listing.h"
#include "service/s3/listing/walk.h"

namespace gatehouse::service::s3 {
namespace {

// A page of ListObjectVersions: every version of each key, newest first.
class VersionsPage {
 public:
  VersionsPage(const KeyEncoding& encode, const ObjectOwners& owners, size_t limit)
      : encode_(encode), owners_(owners), limit_(limit) {}

  bool full() const { return versions_.size() + markers_.size() + prefixes_.size() >= limit_; }

  void add(std::string_view key, const Object& o, bool latest) {
    wire::Value v = wire::structure({{m::Key, encode_(key)},
                                     {m::VersionId, o.version_or_null()},
                                     {m::IsLatest, latest},
                                     {m::LastModified, o.modified},
                                     {m::Owner, owners_.of(o)}});
    last_key_ = key;
    last_version_ = o.version_or_null();
    if (o.marker) {
      markers_.push_back(std::move(v));
      return;
    }
    v.set(m::ETag, quoted(o.etag));
    v.set(m::Size, static_cast<std::int64_t>(o.size));
    v.set(m::StorageClass, o.storage_class);
    if (o.checksum) {
      v.set(m::ChecksumAlgorithm, wire::Value::List{o.checksum.algorithm});
      v.set(m::ChecksumType, o.checksum.composite ? "COMPOSITE" : "FULL_OBJECT");
    }
    versions_.push_back(std::move(v));
  }
  void add_prefix(const std::string& prefix) {
    prefixes_.push_back(prefix);
    last_key_ = prefix;
    last_version_.clear();
  }
  void truncate() { truncated_ = true; }
  bool truncated() const { return truncated_; }

  void render(wire::Value& out) {
    out.set(m::IsTruncated, truncated_);
    if (truncated_) {
      out.set(m::NextKeyMarker, encode_(last_key_));
      if (!last_version_.empty()) out.set(m::NextVersionIdMarker, last_version_);
    }
    if (!versions_.empty()) out.set(m::Versions, std::move(versions_));
    if (!markers_.empty()) out.set(m::DeleteMarkers, std::move(markers_));
    out.set(m::CommonPrefixes, encode_.common_prefixes(prefixes_));
  }

 private:
  const KeyEncoding& encode_;
  const ObjectOwners& owners_;
  size_t limit_;
  wire::Value::List versions_, markers_;
  std::vector<std::string> prefixes_;
  std::string last_key_, last_version_;
  bool truncated_ = false;
};

// The older versions of one key, from behind `after` (a sequence; 0: all).
Result<void> add_older(const S3& s3, const Bucket& bucket, std::string_view key, std::uint64_t after,
                       VersionsPage& page) {
  if (!bucket.keeps_versions() || page.truncated()) return {};
  const std::string prefix = bucket.prefix("version") + escaped(key);
  const std::string from = after == 0 ? "" : version_key(bucket, key, after) + '\0';
  Result<void> outcome;
  CHECK_OK(s3.records().visit(prefix, from,
                              [&](std::string_view, std::string_view value, store::Revision revision) {
                                if (page.full()) {
                                  page.truncate();
                                  return false;
                                }
                                auto object = object_from_record(value, revision, With::header);
                                if (!object) {
                                  outcome = std::unexpected(object.error());
                                  return false;
                                }
                                page.add(key, *object, false);
                                return true;
                              }));
  return outcome;
}

// What is left of the marker's own key.
Result<void> finish_marked_key(S3& s3, const Call& call, VersionsPage& page) {
  const std::string_view key = call.in[m::KeyMarker].text();
  const std::string_view id = call.in[m::VersionIdMarker].text();
  if (id.empty()) return {};
  if (key.empty()) {
    return fail(error::invalid_argument("A version-id marker cannot be specified without a key marker.",
                                        "version-id-marker", id));
  }
  TRY(const auto marked, s3.index().version(bucket_of(call), key, id));
  if (marked == nullptr) return {};
  return add_older(s3, bucket_of(call), key, marked->sequence, page);
}

}  // namespace

Result<wire::Value> list_object_versions(S3& s3, Call& call) {
  const Bucket& bucket = bucket_of(call);
  const wire::Value& in = call.in;
  TRY(const auto encode, KeyEncoding::of(in));
  TRY(const size_t limit, page_size(in[m::MaxKeys], "maxKeys"));
  const ObjectOwners owners(s3, bucket);
  VersionsPage page(encode, owners, limit);
  if (limit > 0) {
    CHECK_OK(finish_marked_key(s3, call, page));
    TRY(const auto keys, walk(s3.records(), bucket,
                              {.prefix = in[m::Prefix].text(),
                               .delimiter = in[m::Delimiter].text(),
                               .after = in[m::KeyMarker].text(),
                               .limit = limit + 1,
                               .markers = Markers::shown}));
    size_t group = 0;
    const auto add_groups_before = [&](const std::string* key) {
      while (group < keys.common_prefixes.size() && (key == nullptr || keys.common_prefixes[group] < *key)) {
        if (page.full()) return page.truncate();
        page.add_prefix(keys.common_prefixes[group++]);
      }
    };
    for (const auto& [key, object] : keys.entries) {
      add_groups_before(&key);
      if (page.full()) page.truncate();
      if (page.truncated()) break;
      page.add(key, object, true);
      CHECK_OK(add_older(s3, bucket, key, 0, page));
    }
    if (!page.truncated()) add_groups_before(nullptr);
    if (keys.truncated) page.truncate();
  }
  wire::Value out = wire::structure({{m::Name, bucket.name},
                                     {m::Prefix, encode(in[m::Prefix].text())},
                                     {m::KeyMarker, encode(in[m::KeyMarker].text())},
                                     {m::VersionIdMarker, in[m::VersionIdMarker].text()},
                                     {m::Delimiter, encode.echo(in[m::Delimiter])},
                                     {m::EncodingType, in[m::EncodingType]},
                                     {m::MaxKeys, static_cast<std::int64_t>(limit)}});
  page.render(out);
  return out;
}

}  // namespace gatehouse::service::s3
