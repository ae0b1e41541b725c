#include "service/s3/errors.h"

#include <fmt/format.h>

namespace gatehouse::service::s3::error {
namespace {

using Details = std::vector<std::pair<std::string, std::string>>;

Error make(std::string_view code, std::string_view message, int status, Details details = {}) {
  return {std::string(code), std::string(message), status, std::move(details)};
}

Details bucket_name(std::string_view bucket) { return {{"BucketName", std::string(bucket)}}; }

constexpr size_t kLongestKey = 1024;
constexpr size_t kMostMetadata = 2048;
constexpr std::uint64_t kSmallestPart = 5 << 20;

}  // namespace

Error no_such_bucket(std::string_view bucket) {
  return make("NoSuchBucket", "The specified bucket does not exist", 404, bucket_name(bucket));
}

Error invalid_bucket_name(std::string_view bucket) {
  return make("InvalidBucketName", "The specified bucket is not valid.", 400, bucket_name(bucket));
}

Error bucket_already_exists(std::string_view bucket) {
  return make(
      "BucketAlreadyExists",
      "The requested bucket name is not available. The bucket namespace is shared by all users of the "
      "system. Please select a different name and try again.",
      409, bucket_name(bucket));
}

Error bucket_already_owned_by_you(std::string_view bucket) {
  return make("BucketAlreadyOwnedByYou",
              "Your previous request to create the named bucket succeeded and you already own it.", 409,
              bucket_name(bucket));
}

Error bucket_not_empty(std::string_view bucket, bool versioned) {
  return make("BucketNotEmpty",
              versioned
                  ? "The bucket you tried to delete is not empty. You must delete all versions in the bucket."
                  : "The bucket you tried to delete is not empty",
              409, bucket_name(bucket));
}

Error illegal_location_constraint(std::string_view constraint) {
  return make("IllegalLocationConstraintException",
              fmt::format("The {} location constraint is incompatible for the region specific endpoint this "
                          "request was sent to.",
                          constraint),
              400);
}

Error invalid_location_constraint(std::string_view constraint) {
  return make("InvalidLocationConstraint", "The specified location-constraint is not valid", 400,
              {{"LocationConstraint", std::string(constraint)}});
}

Error wrong_region(std::string_view sent, std::string_view expected) {
  return make("AuthorizationHeaderMalformed",
              fmt::format("The authorization header is malformed; the region '{}' is wrong; expecting '{}'",
                          sent, expected),
              400, {{"Region", std::string(expected)}});
}

Error operation_aborted() {
  return make(
      "OperationAborted",
      "A conflicting conditional operation is currently in progress against this resource. Please try "
      "again.",
      409);
}

Error malformed_policy(std::string_view why) { return make("MalformedPolicy", why, 400); }

Error no_such_bucket_policy(std::string_view bucket) {
  return make("NoSuchBucketPolicy", "The bucket policy does not exist", 404, bucket_name(bucket));
}

Error no_such_tag_set(std::string_view bucket) {
  return make("NoSuchTagSet", "The TagSet does not exist", 404, bucket_name(bucket));
}

Error not_configured(std::string_view code, std::string_view message, std::string_view bucket) {
  return make(code, message, 404, bucket_name(bucket));
}

Error access_control_list_not_supported() {
  return make("AccessControlListNotSupported", "The bucket does not allow ACLs", 400);
}

Error invalid_bucket_state(std::string_view message) { return make("InvalidBucketState", message, 409); }
Error acl_with_enforced_ownership() {
  return make("InvalidBucketAclWithObjectOwnership",
              "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting", 400);
}

Error malformed_acl() {
  return make("MalformedACLError",
              "The XML you provided was not well-formed or did not validate against our published schema",
              400);
}

Error missing_security_header(std::string_view header) {
  return make("MissingSecurityHeader", "Your request was missing a required header", 400,
              {{"MissingHeaderName", std::string(header)}});
}

Error no_such_key(std::string_view key) {
  return make("NoSuchKey", "The specified key does not exist.", 404, {{"Key", std::string(key)}});
}

Error no_such_version(std::string_view key, std::string_view version) {
  return make("NoSuchVersion", "The specified version does not exist.", 404,
              {{"Key", std::string(key)}, {"VersionId", std::string(version)}});
}

Error no_such_upload(std::string_view upload) {
  return make(
      "NoSuchUpload",
      "The specified upload does not exist. The upload ID may be invalid, or the upload may have been "
      "aborted or completed.",
      404, {{"UploadId", std::string(upload)}});
}

Error key_too_long(size_t size) {
  return make("KeyTooLongError", "Your key is too long", 400,
              {{"Size", std::to_string(size)}, {"MaxSizeAllowed", std::to_string(kLongestKey)}});
}

Error entity_too_large(std::uint64_t proposed, std::uint64_t most) {
  return make("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400,
              {{"ProposedSize", std::to_string(proposed)}, {"MaxSizeAllowed", std::to_string(most)}});
}

Error entity_too_small(std::uint64_t proposed, int part, std::string_view etag) {
  return make("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400,
              {{"ProposedSize", std::to_string(proposed)},
               {"MinSizeAllowed", std::to_string(kSmallestPart)},
               {"PartNumber", std::to_string(part)},
               {"ETag", std::string(etag)}});
}

Error metadata_too_large(size_t size) {
  return make("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", 400,
              {{"Size", std::to_string(size)}, {"MaxSizeAllowed", std::to_string(kMostMetadata)}});
}

Error missing_content_length() {
  return make("MissingContentLength", "You must provide the Content-Length HTTP header.", 411);
}

Error bad_digest(std::string_view expected, std::string_view calculated) {
  return make("BadDigest", "The Content-MD5 you specified did not match what we received.", 400,
              {{"ExpectedDigest", std::string(expected)}, {"CalculatedDigest", std::string(calculated)}});
}

Error bad_checksum(std::string_view algorithm) {
  return make("BadDigest",
              fmt::format("The {} you specified did not match the calculated checksum.", algorithm), 400);
}

Error invalid_digest(std::string_view digest) {
  return make("InvalidDigest", "The Content-MD5 you specified was invalid.", 400,
              {{"Content-MD5", std::string(digest)}});
}

Error invalid_range(std::string_view asked, std::uint64_t size) {
  return make("InvalidRange", "The requested range is not satisfiable", 416,
              {{"RangeRequested", std::string(asked)}, {"ActualObjectSize", std::to_string(size)}});
}

Error invalid_part_number(std::int64_t asked, size_t parts) {
  return make("InvalidPartNumber", "The requested partnumber is not satisfiable", 416,
              {{"PartNumberRequested", std::to_string(asked)}, {"ActualPartCount", std::to_string(parts)}});
}

Error precondition_failed(std::string_view condition) {
  return make("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412,
              {{"Condition", std::string(condition)}});
}

Error marker_not_allowed(std::string_view method) {
  return make("MethodNotAllowed", "The specified method is not allowed against this resource.", 405,
              {{"Method", std::string(method)}, {"ResourceType", "DeleteMarker"}});
}

Error invalid_part(std::string_view upload, std::int64_t number, std::string_view etag) {
  return make(
      "InvalidPart",
      "One or more of the specified parts could not be found.  The part may not have been uploaded, or "
      "the specified entity tag may not match the part's entity tag.",
      400,
      {{"UploadId", std::string(upload)},
       {"PartNumber", std::to_string(number)},
       {"ETag", std::string(etag)}});
}

Error invalid_part_order(std::string_view upload) {
  return make("InvalidPartOrder",
              "The list of parts was not in ascending order. Parts must be ordered by part number.", 400,
              {{"UploadId", std::string(upload)}});
}

Error invalid_storage_class(std::string_view name) {
  return make("InvalidStorageClass", "The storage class you specified is not valid", 400,
              {{"StorageClassRequested", std::string(name)}});
}

Error invalid_logging_target(std::string_view message, std::string_view target) {
  return make("InvalidTargetBucketForLogging", message, 400, {{"TargetBucket", std::string(target)}});
}

// Spelt so on the wire.
Error cross_location_logging(std::string_view target_region) {
  return make("CrossLocationLoggingProhibitted", "Cross S3 location logging not allowed. ", 403,
              {{"TargetBucketLocation", std::string(target_region)}});
}

Error no_target_grants() {
  return make("AccessControlListNotSupported", "Target grants not allowed for bucket owner enforced buckets",
              400);
}

Error cors_forbidden(std::string_view why, std::string_view method, std::string_view resource_type) {
  return make("AccessForbidden", fmt::format("CORSResponse: {}", why), 403,
              {{"Method", std::string(method)}, {"ResourceType", std::string(resource_type)}});
}

Error object_locked() { return access_denied("Access Denied because object protected by object lock."); }

Error no_such_lock() {
  return make("NoSuchObjectLockConfiguration",
              "The specified object does not have a ObjectLock configuration", 404);
}

Error access_denied(std::string_view message) { return make("AccessDenied", message, 403); }

Error invalid_argument(std::string_view message, std::string_view name, std::string_view value) {
  return make("InvalidArgument", message, 400,
              {{"ArgumentName", std::string(name)}, {"ArgumentValue", std::string(value)}});
}

Error invalid_request(std::string_view message) { return make("InvalidRequest", message, 400); }

Error invalid_tag(std::string_view message) { return make("InvalidTag", message, 400); }

Error malformed_xml() {
  return make("MalformedXML",
              "The XML you provided was not well-formed or did not validate against our published schema",
              400);
}

Error not_implemented(std::string_view header, std::string_view more) {
  Error e = make("NotImplemented", "A header you provided implies functionality that is not implemented", 501,
                 {{"Header", std::string(header)}});
  if (!more.empty()) e.details.emplace_back("additionalMessage", more);
  return e;
}

Error conditional_conflict(std::string_view condition, std::string_view key) {
  return make("ConditionalRequestConflict",
              "The conditional request cannot succeed due to a conflicting operation against this resource.",
              409, {{"Condition", std::string(condition)}, {"Key", std::string(key)}});
}

Error slow_down() { return make("SlowDown", "Please reduce your request rate.", 503); }

}  // namespace gatehouse::service::s3::error
