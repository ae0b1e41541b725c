// The list that a request asks for: a canned one, grants in headers, or a document.
#pragma once

#include <optional>

#include "service/s3/acl/acl.h"
#include "service/s3/s3.h"

namespace gatehouse::service::s3 {

// Canonical ids: who owns what the list is for, and who the bucket.
struct Owners {
  std::string own, bucket;
};

enum class On : std::uint8_t { bucket, object };

// Nullopt: nothing is asked. InvalidArgument and others for what is not a list.
Result<std::optional<Grants>> asked_grants(const S3& s3, const wire::Value& in, On on, const Owners& owners);

bool has_grant_headers(const wire::Value& in);

// Gives an object that is being written its owner and its list, as the bucket's ownership has it.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
Result<void> own(const S3& s3, const Call& call, const Bucket& bucket, Object& object);

// AccessControlListNotSupported where the bucket's ownership is enforced and the list is anything but the
// bucket owner's full control; AccessDenied where public lists are blocked.
Result<void> check_list(const Call& call, const Bucket& bucket, std::string_view action,
                        std::string_view resource, const Grants& grants, const Owners& owners);

// The canonical id of an account.
std::string canonical_id(const S3& s3, std::string_view account);

}  // namespace gatehouse::service::s3
