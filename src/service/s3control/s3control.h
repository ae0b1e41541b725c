// S3 Control: what S3 is told of a whole account. Here the block on public access, which all its buckets see.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_AWS_S3_Control.html
#pragma once

#include "service/call.h"
#include "service/s3/s3.h"

namespace gatehouse::service::s3control {

Service make_service(s3::S3& s3);

}  // namespace gatehouse::service::s3control
