// Whether a bucket policy is public, as S3 means it: it grants something to everyone, without a condition
// that narrows the grant to fixed values.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
#pragma once

#include <string_view>

namespace gatehouse::service::s3 {

bool is_public(std::string_view policy);

}  // namespace gatehouse::service::s3
