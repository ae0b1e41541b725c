// The operations on access control lists.
#pragma once

#include "service/s3/s3.h"

namespace gatehouse::service::s3 {

Result<wire::Value> put_bucket_acl(S3& s3, Call& call);
Result<wire::Value> get_bucket_acl(S3& s3, Call& call);
Result<wire::Value> put_object_acl(S3& s3, Call& call);
Result<wire::Value> get_object_acl(S3& s3, Call& call);

}  // namespace gatehouse::service::s3
