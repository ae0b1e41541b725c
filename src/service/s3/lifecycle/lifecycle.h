// A bucket's lifecycle: its operations, what it tells of an object, and carrying it out.
#pragma once

#include "service/s3/s3.h"

namespace gatehouse::service::s3 {

Result<wire::Value> put_bucket_lifecycle(S3& s3, Call& call);
Result<wire::Value> get_bucket_lifecycle(S3& s3, Call& call);
Result<wire::Value> delete_bucket_lifecycle(S3& s3, Call& call);

// x-amz-expiration of a current version.
void set_expiration(wire::Value& out, const Bucket& bucket, std::string_view key, const Object& object);
// x-amz-abort-date and -rule-id of an upload.
void set_abort(wire::Value& out, const Bucket& bucket, std::string_view key, const Object& upload);

// Does in every bucket what its rules ask for by now. Counts what was removed or moved.
Result<size_t> apply_lifecycles(S3& s3);

}  // namespace gatehouse::service::s3
