#pragma once

#include "service/s3/s3.h"

namespace gatehouse::service::s3 {

Result<wire::Value> put_bucket_cors(S3& s3, Call& call);
Result<wire::Value> get_bucket_cors(S3& s3, Call& call);
Result<wire::Value> delete_bucket_cors(S3& s3, Call& call);

// A browser's question whether it may ask: OPTIONS on a bucket or an object, by anybody.
// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html
Result<wire::Response> preflight(const Bucket* bucket, const Call& call);

}  // namespace gatehouse::service::s3
