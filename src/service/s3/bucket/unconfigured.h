// What is not built yet, asked of a bucket that has none of it: Terraform's bucket resource and others read
// all of it back. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
#pragma once

#include "service/s3/s3.h"

namespace gatehouse::service::s3 {

Result<wire::Value> get_bucket_website(S3& s3, Call& call);
Result<wire::Value> get_bucket_replication(S3& s3, Call& call);
Result<wire::Value> get_bucket_request_payment(S3& s3, Call& call);
// An empty answer says that there is none: logging, acceleration, notifications, and the configuration lists.
Result<wire::Value> nothing_configured(S3& s3, Call& call);
Result<wire::Value> no_configurations(S3& s3, Call& call);

}  // namespace gatehouse::service::s3
