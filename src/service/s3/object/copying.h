// What CopyObject and UploadPartCopy share.
#pragma once

#include <optional>

#include "service/s3/object/preconditions.h"
#include "service/s3/s3.h"
#include "service/upload.h"

namespace gatehouse::service::s3 {

// The object that the call copies from, its x-amz-copy-source-if-… conditions met.
Result<ObjectPtr> copied_object(const S3& s3, Call& call);

// Its bytes, or a range of them, into `upload`.
Result<void> append_source(const S3& s3, const Call& call, const Object& source, std::optional<Range> range,
                           Upload& upload);

}  // namespace gatehouse::service::s3
