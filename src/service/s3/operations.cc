// The table that S3 is built from.
#include "service/s3/bucket/operations.h"
#include "service/s3/bucket/unconfigured.h"
#include "service/s3/lifecycle/lifecycle.h"
#include "service/s3/listing/listing.h"
#include "service/s3/multipart/uploads.h"
#include "service/s3/object/objects.h"
#include "service/s3/requirements.h"
#include "service/s3/s3.h"

namespace gatehouse::service::s3 {
namespace {

// The actions on buckets.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
#define GATEHOUSE_ACTION(name) constexpr char k##name[] = "s3:" #name;
GATEHOUSE_ACTION(ListBucket)
GATEHOUSE_ACTION(ListBucketVersions)
GATEHOUSE_ACTION(ListBucketMultipartUploads)
GATEHOUSE_ACTION(DeleteBucket)
GATEHOUSE_ACTION(GetBucketLocation)
GATEHOUSE_ACTION(GetBucketPolicy)
GATEHOUSE_ACTION(PutBucketPolicy)
GATEHOUSE_ACTION(DeleteBucketPolicy)
GATEHOUSE_ACTION(GetBucketPolicyStatus)
GATEHOUSE_ACTION(GetBucketPublicAccessBlock)
GATEHOUSE_ACTION(PutBucketPublicAccessBlock)
GATEHOUSE_ACTION(GetBucketTagging)
GATEHOUSE_ACTION(PutBucketTagging)
GATEHOUSE_ACTION(GetBucketVersioning)
GATEHOUSE_ACTION(PutBucketVersioning)
GATEHOUSE_ACTION(GetEncryptionConfiguration)
GATEHOUSE_ACTION(PutEncryptionConfiguration)
GATEHOUSE_ACTION(GetBucketOwnershipControls)
GATEHOUSE_ACTION(PutBucketOwnershipControls)
GATEHOUSE_ACTION(GetBucketAcl)
GATEHOUSE_ACTION(PutBucketAcl)
GATEHOUSE_ACTION(GetBucketCORS)
GATEHOUSE_ACTION(GetLifecycleConfiguration)
GATEHOUSE_ACTION(PutLifecycleConfiguration)
GATEHOUSE_ACTION(GetBucketWebsite)
GATEHOUSE_ACTION(GetReplicationConfiguration)
GATEHOUSE_ACTION(GetBucketObjectLockConfiguration)
GATEHOUSE_ACTION(GetBucketRequestPayment)
GATEHOUSE_ACTION(GetBucketLogging)
GATEHOUSE_ACTION(GetAccelerateConfiguration)
GATEHOUSE_ACTION(GetBucketNotification)
GATEHOUSE_ACTION(GetAnalyticsConfiguration)
GATEHOUSE_ACTION(GetIntelligentTieringConfiguration)
GATEHOUSE_ACTION(GetInventoryConfiguration)
GATEHOUSE_ACTION(GetMetricsConfiguration)
#undef GATEHOUSE_ACTION

// Anybody may ask; policies decide.
Needs<S3> open(Result<Requirements> (*resolve)(S3&, Call&)) {
  return resolved<S3>(resolve).open_to_anonymous();
}

template <const char* Action>
Needs<S3> on_bucket() {
  return open(needs_bucket<Action>);
}

const Row<S3> kRows[] = {
    {"CreateBucket", create_bucket, resolved<S3>(needs_create_bucket)},
    {"HeadBucket", head_bucket, on_bucket<kListBucket>(), Blocking::no},
    {"ListBuckets", list_buckets, resolved<S3>(needs_list_buckets), Blocking::no},
    {"DeleteBucket", delete_bucket, on_bucket<kDeleteBucket>()},
    {"GetBucketLocation", get_bucket_location, on_bucket<kGetBucketLocation>(), Blocking::no},

    {"GetBucketPolicy", get_bucket_policy, open(needs_bucket_policy<kGetBucketPolicy>), Blocking::no},
    {"PutBucketPolicy", put_bucket_policy, open(needs_bucket_policy<kPutBucketPolicy>)},
    {"DeleteBucketPolicy", delete_bucket_policy, open(needs_bucket_policy<kDeleteBucketPolicy>)},
    {"GetBucketPolicyStatus", get_bucket_policy_status, on_bucket<kGetBucketPolicyStatus>(), Blocking::no},
    {"GetPublicAccessBlock", get_public_access_block, on_bucket<kGetBucketPublicAccessBlock>(), Blocking::no},
    {"PutPublicAccessBlock", put_public_access_block, on_bucket<kPutBucketPublicAccessBlock>()},
    {"DeletePublicAccessBlock", delete_public_access_block, on_bucket<kPutBucketPublicAccessBlock>()},
    {"GetBucketTagging", get_bucket_tagging, on_bucket<kGetBucketTagging>(), Blocking::no},
    {"PutBucketTagging", put_bucket_tagging, on_bucket<kPutBucketTagging>()},
    {"DeleteBucketTagging", delete_bucket_tagging, on_bucket<kPutBucketTagging>()},
    {"GetBucketVersioning", get_bucket_versioning, on_bucket<kGetBucketVersioning>(), Blocking::no},
    {"PutBucketVersioning", put_bucket_versioning, on_bucket<kPutBucketVersioning>()},
    {"GetBucketEncryption", get_bucket_encryption, on_bucket<kGetEncryptionConfiguration>(), Blocking::no},
    {"PutBucketEncryption", put_bucket_encryption, on_bucket<kPutEncryptionConfiguration>()},
    {"DeleteBucketEncryption", delete_bucket_encryption, on_bucket<kPutEncryptionConfiguration>()},
    {"GetBucketOwnershipControls", get_bucket_ownership_controls, on_bucket<kGetBucketOwnershipControls>(),
     Blocking::no},
    {"PutBucketOwnershipControls", put_bucket_ownership_controls, on_bucket<kPutBucketOwnershipControls>()},
    {"DeleteBucketOwnershipControls", delete_bucket_ownership_controls,
     on_bucket<kPutBucketOwnershipControls>()},
    {"GetBucketAcl", get_bucket_acl, on_bucket<kGetBucketAcl>(), Blocking::no},
    {"PutBucketAcl", put_bucket_acl, on_bucket<kPutBucketAcl>(), Blocking::no},

    {"GetBucketCors", get_bucket_cors, on_bucket<kGetBucketCORS>(), Blocking::no},
    {"GetBucketLifecycleConfiguration", get_bucket_lifecycle, on_bucket<kGetLifecycleConfiguration>(),
     Blocking::no},
    {"PutBucketLifecycleConfiguration", put_bucket_lifecycle, on_bucket<kPutLifecycleConfiguration>()},
    {"DeleteBucketLifecycle", delete_bucket_lifecycle, on_bucket<kPutLifecycleConfiguration>()},
    {"GetBucketWebsite", get_bucket_website, on_bucket<kGetBucketWebsite>(), Blocking::no},
    {"GetBucketReplication", get_bucket_replication, on_bucket<kGetReplicationConfiguration>(), Blocking::no},
    {"GetObjectLockConfiguration", get_object_lock_configuration,
     on_bucket<kGetBucketObjectLockConfiguration>(), Blocking::no},
    {"GetBucketRequestPayment", get_bucket_request_payment, on_bucket<kGetBucketRequestPayment>(),
     Blocking::no},
    {"GetBucketLogging", nothing_configured, on_bucket<kGetBucketLogging>(), Blocking::no},
    {"GetBucketAccelerateConfiguration", nothing_configured, on_bucket<kGetAccelerateConfiguration>(),
     Blocking::no},
    {"GetBucketNotificationConfiguration", nothing_configured, on_bucket<kGetBucketNotification>(),
     Blocking::no},
    {"ListBucketAnalyticsConfigurations", no_configurations, on_bucket<kGetAnalyticsConfiguration>(),
     Blocking::no},
    {"ListBucketIntelligentTieringConfigurations", no_configurations,
     on_bucket<kGetIntelligentTieringConfiguration>(), Blocking::no},
    {"ListBucketInventoryConfigurations", no_configurations, on_bucket<kGetInventoryConfiguration>(),
     Blocking::no},
    {"ListBucketMetricsConfigurations", no_configurations, on_bucket<kGetMetricsConfiguration>(),
     Blocking::no},

    {"GetObject", get_object, open(needs_get_object), Blocking::cold},
    {"HeadObject", head_object, open(needs_get_object), Blocking::cold},
    {"GetObjectAttributes", get_object_attributes, open(needs_get_attributes)},
    {"GetObjectAcl", get_object_acl, open(needs_get_object_acl), Blocking::cold},
    {"PutObject", put_object, open(needs_put_object)},
    {"CopyObject", copy_object, open(needs_copy_object)},
    {"DeleteObject", delete_object, open(needs_delete_object)},
    {"DeleteObjects", delete_objects, open(needs_delete_objects)},
    {"GetObjectTagging", get_object_tagging, open(needs_get_tagging), Blocking::cold},
    {"PutObjectTagging", put_object_tagging, open(needs_put_tagging)},
    {"DeleteObjectTagging", delete_object_tagging, open(needs_delete_tagging)},

    {"ListObjectsV2", list_objects_v2, open(needs_listing<kListBucket>)},
    {"ListObjects", list_objects, open(needs_listing<kListBucket>)},
    {"ListObjectVersions", list_object_versions, open(needs_listing<kListBucketVersions>)},

    {"CreateMultipartUpload", create_multipart_upload, open(needs_create_upload)},
    {"UploadPart", upload_part, open(needs_upload_part)},
    {"UploadPartCopy", upload_part_copy, open(needs_upload_part_copy)},
    {"CompleteMultipartUpload", complete_multipart_upload, open(needs_complete_upload)},
    {"AbortMultipartUpload", abort_multipart_upload, open(needs_abort_upload)},
    {"ListParts", list_parts, open(needs_list_parts)},
    {"ListMultipartUploads", list_multipart_uploads, on_bucket<kListBucketMultipartUploads>()},
};

}  // namespace

Service make_service(S3& s3) { return Service("s3", s3, std::span<const Row<S3>>(kRows)); }

}  // namespace gatehouse::service::s3
