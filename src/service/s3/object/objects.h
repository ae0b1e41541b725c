// The operations on objects.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
#pragma once

#include "service/s3/s3.h"

namespace gatehouse::service::s3 {

Result<wire::Value> get_object(S3& s3, Call& call);
Result<wire::Value> head_object(S3& s3, Call& call);
Result<wire::Value> get_object_attributes(S3& s3, Call& call);

Result<wire::Value> put_object(S3& s3, Call& call);
Result<wire::Value> copy_object(S3& s3, Call& call);
Result<wire::Value> delete_object(S3& s3, Call& call);
Result<wire::Value> delete_objects(S3& s3, Call& call);

Result<wire::Value> get_object_tagging(S3& s3, Call& call);
Result<wire::Value> put_object_tagging(S3& s3, Call& call);
Result<wire::Value> delete_object_tagging(S3& s3, Call& call);

// The object that the call pinned, if it is there to be read: NoSuchKey, NoSuchVersion or AccessDenied where
// it is not, MethodNotAllowed where it is a delete marker that was asked for by its version; or where what is
// asked for is not the data, also by its key.
enum class Marker : std::uint8_t { hides, refuses };
Result<ObjectPtr> readable(const S3& s3, Call& call, Marker marker = Marker::hides);

// What a write says of the object, checked: headers, metadata, tags, storage class. Not its data, nor their
// encryption.
Result<Object> described(const S3& s3, const Call& call);

// Makes `object`, whose data no record names yet, the current version; where that is refused the data go.
Result<Object> put_new(S3& s3, const Bucket& bucket, std::string_view key, Object object,
                       const Condition& condition);

// VersionId and ServerSideEncryption of an answer to a write.
void set_stored(wire::Value& out, const Object& object);

}  // namespace gatehouse::service::s3
