// GetObjectAttributes. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html
#include <algorithm>
#include <array>

#include "service/s3/errors.h"
#include "service/s3/listing/listing.h"
#include "service/s3/object/checksum.h"
#include "service/s3/object/objects.h"
#include "service/s3/object/sealing.h"

namespace gatehouse::service::s3 {
namespace {

constexpr std::array<std::string_view, 5> kAttributes = {"ETag", "Checksum", "ObjectParts", "StorageClass",
                                                         "ObjectSize"};

Result<void> check_names(const wire::Value::List& names) {
  const auto is_known = [](const wire::Value& v) {
    return std::ranges::find(kAttributes, v.text()) != kAttributes.end();
  };
  const auto unknown = std::ranges::find_if_not(names, is_known);
  if (!names.empty() && unknown == names.end()) return {};
  return fail(error::invalid_argument("Invalid attribute name specified.", "x-amz-object-attributes",
                                      names.empty() ? "" : unknown->text()));
}

wire::Value part_value(const Part& part, const Algorithm& algorithm) {
  wire::Value out =
      wire::structure({{m::PartNumber, part.number}, {m::Size, static_cast<std::int64_t>(part.size)}});
  out.set(algorithm.member, part.checksum);
  return out;
}

// A page of the parts; each is told only where the object was uploaded with a checksum for each.
Result<wire::Value> parts_value(const Call& call, const Object& object) {
  TRY(const size_t limit, page_size(call.in[m::MaxParts], "max-parts"));
  TRY(const int after, part_marker(call.in[m::PartNumberMarker]));
  wire::Value out = wire::structure({{m::TotalPartsCount, static_cast<std::int64_t>(object.parts.size())}});
  const auto* algorithm = find_algorithm(object.checksum.algorithm);
  if (algorithm == nullptr || !object.checksum.composite) return out;
  wire::Value::List parts;
  bool truncated = false;
  std::int64_t last = 0;
  for (const Part& part : object.parts) {
    if (part.number <= after) continue;
    truncated = parts.size() == limit;
    if (truncated) break;
    parts.push_back(part_value(part, *algorithm));
    last = part.number;
  }
  out.set(m::PartNumberMarker, std::to_string(after));
  out.set(m::NextPartNumberMarker, std::to_string(last));
  out.set(m::MaxParts, static_cast<std::int64_t>(limit));
  out.set(m::IsTruncated, truncated);
  if (!parts.empty()) out.set(m::Parts, std::move(parts));
  return out;
}

}  // namespace

Result<wire::Value> get_object_attributes(S3& s3, Call& call) {
  const auto& names = call.in[m::ObjectAttributes].list();
  CHECK_OK(check_names(names));
  TRY(const auto object, readable(s3, call));
  CHECK_OK(
      check_customer_key(s3, call, bucket_of(call), call.in[m::Key].text(), object->sealing, kOwnHeaders));
  wire::Value out;
  out.set(m::LastModified, object->modified);
  if (bucket_of(call).keeps_versions()) out.set(m::VersionId, object->version_or_null());
  const auto asked = [&](std::string_view name) {
    return std::ranges::any_of(names, [&](const wire::Value& v) { return v.text() == name; });
  };
  if (asked("ETag")) out.set(m::ETag, object->etag);
  if (asked("StorageClass")) out.set(m::StorageClass, object->storage_class);
  if (asked("ObjectSize")) out.set(m::ObjectSize, static_cast<std::int64_t>(object->size));
  if (asked("Checksum") && object->checksum) {
    wire::Value checksum;
    set_checksum(checksum, object->checksum);
    out.set(m::Checksum, std::move(checksum));
  }
  if (asked("ObjectParts") && !object->parts.empty()) {
    TRY(auto parts, parts_value(call, *object));
    out.set(m::ObjectParts, std::move(parts));
  }
  return out;
}

}  // namespace gatehouse::service::s3
