// S3's errors in its own words, one factory an error. Details become further elements of the error document.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace gatehouse::service::s3::error {

// Buckets.
Error no_such_bucket(std::string_view bucket);
Error invalid_bucket_name(std::string_view bucket);
Error bucket_already_exists(std::string_view bucket);
Error bucket_already_owned_by_you(std::string_view bucket);
Error bucket_not_empty(std::string_view bucket, bool versioned);
Error illegal_location_constraint(std::string_view constraint);  // "unspecified" where none was sent
Error invalid_location_constraint(std::string_view constraint);
Error wrong_region(std::string_view sent, std::string_view expected);
Error operation_aborted();
Error malformed_policy(std::string_view why);
Error no_such_bucket_policy(std::string_view bucket);
Error no_such_tag_set(std::string_view bucket);
Error not_configured(std::string_view code, std::string_view message, std::string_view bucket);
Error access_control_list_not_supported();
Error invalid_bucket_state(std::string_view message);
Error acl_with_enforced_ownership();
Error malformed_acl();
Error missing_security_header(std::string_view header);

// Objects.
Error no_such_key(std::string_view key);
Error no_such_version(std::string_view key, std::string_view version);
Error no_such_upload(std::string_view upload);
Error key_too_long(size_t size);
Error entity_too_large(std::uint64_t proposed, std::uint64_t most);
Error entity_too_small(std::uint64_t proposed, int part, std::string_view etag);
Error metadata_too_large(size_t size);
Error missing_content_length();
Error bad_digest(std::string_view expected, std::string_view calculated);
Error bad_checksum(std::string_view algorithm);
Error invalid_digest(std::string_view digest);
Error invalid_range(std::string_view asked, std::uint64_t size);
Error invalid_part_number(std::int64_t asked, size_t parts);
Error precondition_failed(std::string_view condition);
Error marker_not_allowed(std::string_view method);
Error invalid_part(std::string_view upload, std::int64_t number, std::string_view etag);
Error invalid_part_order(std::string_view upload);
Error invalid_storage_class(std::string_view name);
Error invalid_logging_target(std::string_view message, std::string_view target);
Error cross_location_logging(std::string_view target_region);
Error no_target_grants();
Error cors_forbidden(std::string_view why, std::string_view method, std::string_view resource_type);
Error object_locked();
Error no_such_lock();

// Of any request.
Error access_denied(std::string_view message = "Access Denied");
Error invalid_argument(std::string_view message, std::string_view name, std::string_view value);
Error invalid_request(std::string_view message);
Error invalid_tag(std::string_view message);
Error malformed_xml();
Error not_implemented(std::string_view header, std::string_view more = {});
Error conditional_conflict(std::string_view condition, std::string_view key);
Error slow_down();

}  // namespace gatehouse::service::s3::error
