// The operations on buckets and their configuration.
#pragma once

#include "service/s3/s3.h"

namespace gatehouse::service::s3 {

Result<wire::Value> create_bucket(S3& s3, Call& call);
Result<wire::Value> head_bucket(S3& s3, Call& call);
Result<wire::Value> list_buckets(S3& s3, Call& call);
Result<wire::Value> delete_bucket(S3& s3, Call& call);
Result<wire::Value> get_bucket_location(S3& s3, Call& call);

Result<wire::Value> put_bucket_policy(S3& s3, Call& call);
Result<wire::Value> get_bucket_policy(S3& s3, Call& call);
Result<wire::Value> delete_bucket_policy(S3& s3, Call& call);
Result<wire::Value> get_bucket_policy_status(S3& s3, Call& call);
Result<wire::Value> put_public_access_block(S3& s3, Call& call);
Result<wire::Value> get_public_access_block(S3& s3, Call& call);
Result<wire::Value> delete_public_access_block(S3& s3, Call& call);

Result<wire::Value> put_bucket_tagging(S3& s3, Call& call);
Result<wire::Value> get_bucket_tagging(S3& s3, Call& call);
Result<wire::Value> delete_bucket_tagging(S3& s3, Call& call);
Result<wire::Value> put_bucket_versioning(S3& s3, Call& call);
Result<wire::Value> get_bucket_versioning(S3& s3, Call& call);
Result<wire::Value> put_bucket_encryption(S3& s3, Call& call);
Result<wire::Value> get_bucket_encryption(S3& s3, Call& call);
Result<wire::Value> delete_bucket_encryption(S3& s3, Call& call);
Result<wire::Value> put_bucket_ownership_controls(S3& s3, Call& call);
Result<wire::Value> get_bucket_ownership_controls(S3& s3, Call& call);
Result<wire::Value> delete_bucket_ownership_controls(S3& s3, Call& call);

}  // namespace gatehouse::service::s3
