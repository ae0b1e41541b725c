// Uploads in parts: their records, and the operations on them.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
//
// An upload under way is the record of the object it will be, without data; each part is the record of an
// object whose data is one blob. Completing names the parts' blobs in the object's record, in one commit with
// the deletion of the upload: no byte is copied.
#pragma once

#include <optional>

#include "service/s3/s3.h"

namespace gatehouse::service::s3 {

Result<wire::Value> create_multipart_upload(S3& s3, Call& call);
Result<wire::Value> upload_part(S3& s3, Call& call);
Result<wire::Value> upload_part_copy(S3& s3, Call& call);
Result<wire::Value> complete_multipart_upload(S3& s3, Call& call);
Result<wire::Value> abort_multipart_upload(S3& s3, Call& call);
Result<wire::Value> list_parts(S3& s3, Call& call);
Result<wire::Value> list_multipart_uploads(S3& s3, Call& call);

// One upload: what its object will be (checksum.algorithm: as asked for; revision: of its record).
struct OpenUpload {
  std::string id;
  Object object;
};
// NoSuchUpload where there is none of that key and id.
Result<OpenUpload> find_upload(const S3& s3, const Bucket& bucket, std::string_view key, std::string_view id);

std::string upload_key(const Bucket& bucket, std::string_view key, std::string_view id);
std::string part_key(const Bucket& bucket, std::string_view id, std::int64_t number);

struct StoredPart {
  int number = 0;
  Object object;
};
// In order; from after `after`, at most `limit`.
Result<std::vector<StoredPart>> stored_parts(const S3& s3, const Bucket& bucket, std::string_view id,
                                             int after, size_t limit);

// NoSuchUpload where it ended otherwise meanwhile.
Result<void> abort_upload(S3& s3, const Bucket& bucket, std::string_view key, const OpenUpload& upload);

// Ends every upload of a bucket that is being deleted.
Result<void> abort_all(S3& s3, const Bucket& bucket);

}  // namespace gatehouse::service::s3
