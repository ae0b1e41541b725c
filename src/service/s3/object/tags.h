// Tags of objects and buckets: how they are sent, and S3's rules for them.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
#pragma once

#include <string_view>
#include <vector>

#include "account/caller.h"
#include "base/error.h"
#include "wire/value.h"

namespace gatehouse::service::s3 {

inline constexpr size_t kMostObjectTags = 10;
inline constexpr size_t kMostBucketTags = 50;

// The x-amz-tagging header: "k=v&k2=v2".
Result<std::vector<account::Tag>> tags_from_header(std::string_view header);
// <TagSet>.
Result<std::vector<account::Tag>> tags_from_set(const wire::Value& set, size_t most);
wire::Value tag_set(const std::vector<account::Tag>& tags);

}  // namespace gatehouse::service::s3
