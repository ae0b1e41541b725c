// The operations on a bucket's logging, and what records and delivers.
#pragma once

#include "service/s3/logging/access_log.h"
#include "service/s3/s3.h"

namespace gatehouse::service::s3 {

Result<wire::Value> put_bucket_logging(S3& s3, Call& call);
Result<wire::Value> get_bucket_logging(S3& s3, Call& call);

// Logs stay with the account and in the region, when they are configured and at each delivery: a name may
// have come to another bucket.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshooting-server-access-logging.html
Result<void> check_owner_and_region(const Bucket& source, const Bucket& target);

// The list that delivered logs get: the owner's full control and what the configuration grants.
Grants target_grants(const S3& s3, const Bucket& target, const Logging& logging);

// The bucket that the call was about, also where it was refused before that was looked up; or null.
BucketPtr bucket_asked(S3& s3, const Call& call);

// Records a call that ended, in the log of its bucket, and of that which it copied from.
void record_access(S3& s3, const Call& call, const wire::Head& sent, const Outcome& outcome);
// One key of a multi-object deletion.
void record_deletion(S3& s3, const Call& call, std::string_view key, std::string_view version,
                     const Error* error);

// Writes what is due into the target buckets, as logging.s3.amazonaws.com, if that may. Returns how many log
// objects were written.
Result<size_t> deliver_logs(S3& s3, AccessLog::Due due);

}  // namespace gatehouse::service::s3
