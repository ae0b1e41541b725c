// What each operation of S3 needs to be allowed: the actions, the resources, the bucket's owner and policy,
// and the condition keys that the request gives.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-policy-keys
//
// A bucket that does not exist is told before anything is decided, as S3 does.
#pragma once

#include "service/s3/s3.h"

namespace gatehouse::service::s3 {

// One action on the bucket, or on one of its objects, with the keys that every request has.
account::Requirement bucket_requirement(const Call& call, const Bucket& bucket, std::string_view action);
account::Requirement object_requirement(const Call& call, const Bucket& bucket, std::string_view key,
                                        std::string_view action);

// What the bucket's list grants the caller for the requirement's action, and what an object's: an object of
// another account is its owner's to grant, whatever the bucket's policy allows.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-auth-workflow-object-operation.html
void add_bucket_list(const Call& call, const Bucket& bucket, account::Requirement& requirement);
void add_object_list(const Call& call, const Bucket& bucket, const Object& object,
                     account::Requirement& requirement);
// WRITE in a bucket's list is for new objects, and for those that the caller owns.
bool may_replace(const Call& call, const Bucket& bucket, const Object* there);
// The write's condition and, where a list allowed the write, that it may replace what is there by then.
Condition replacing(const Call& call, Condition condition);
// Likewise for DeleteObject.
Result<void> add_deleting_list(S3& s3, const Call& call, const Bucket& bucket, std::string_view key,
                               account::Requirement& requirement);

// The bucket that the call names, in the caller's region, of the owner it expects.
Result<BucketPtr> find_bucket(S3& s3, const Call& call, std::string_view name);

// Resolve functions, pinning a Target. These leave the action to the row.
Result<Requirements> needs_bucket(S3& s3, Call& call);
Result<Requirements> needs_bucket_anywhere(S3& s3, Call& call);  // from whatever region
Result<Requirements> needs_bucket_policy(S3& s3, Call& call);
Result<Requirements> needs_listing(S3& s3, Call& call);
Result<Requirements> needs_version(S3& s3, Call& call);  // of an object
// These name it, and others beside it.
Result<Requirements> needs_create_bucket(S3& s3, Call& call);
Result<Requirements> needs_list_buckets(S3& s3, Call& call);
Result<Requirements> needs_get_object(S3& s3, Call& call);
Result<Requirements> needs_get_attributes(S3& s3, Call& call);
Result<Requirements> needs_put_object(S3& s3, Call& call);
Result<Requirements> needs_copy_object(S3& s3, Call& call);
Result<Requirements> needs_delete_object(S3& s3, Call& call);
Result<Requirements> needs_delete_objects(S3& s3, Call& call);
Result<Requirements> needs_get_tagging(S3& s3, Call& call);
Result<Requirements> needs_put_tagging(S3& s3, Call& call);
Result<Requirements> needs_delete_tagging(S3& s3, Call& call);
Result<Requirements> needs_get_object_acl(S3& s3, Call& call);
Result<Requirements> needs_put_object_acl(S3& s3, Call& call);
Result<Requirements> needs_create_upload(S3& s3, Call& call);
Result<Requirements> needs_upload_part(S3& s3, Call& call);
Result<Requirements> needs_upload_part_copy(S3& s3, Call& call);
Result<Requirements> needs_complete_upload(S3& s3, Call& call);
Result<Requirements> needs_abort_upload(S3& s3, Call& call);
Result<Requirements> needs_list_parts(S3& s3, Call& call);

// "bucket/key?versionId=v" of x-amz-copy-source, decoded.
struct CopySource {
  std::string bucket, key, version;
};
Result<CopySource> read_copy_source(std::string_view text);

}  // namespace gatehouse::service::s3
