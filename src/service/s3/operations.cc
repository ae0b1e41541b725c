// The table that S3 is built from.
#include "service/s3/acl/operations.h"
#include "service/s3/bucket/operations.h"
#include "service/s3/bucket/unconfigured.h"
#include "service/s3/cors/operations.h"
#include "service/s3/lifecycle/lifecycle.h"
#include "service/s3/listing/listing.h"
#include "service/s3/lock/lock.h"
#include "service/s3/logging/operations.h"
#include "service/s3/multipart/uploads.h"
#include "service/s3/object/objects.h"
#include "service/s3/requirements.h"
#include "service/s3/s3.h"

namespace gatehouse::service::s3 {
namespace {

// Anybody may ask; policies decide.
Needs<S3> open(Result<Requirements> (*resolve)(S3&, Call&), std::string_view action = "") {
  return resolved<S3>(resolve, action).open_to_anonymous();
}

Needs<S3> on_bucket(std::string_view action = "") { return open(needs_bucket, action); }

const Row<S3> kRows[] = {
    {"CreateBucket", create_bucket, resolved<S3>(needs_create_bucket)},
    {"HeadBucket", head_bucket, on_bucket("s3:ListBucket"), Blocking::no},
    {"ListBuckets", list_buckets, resolved<S3>(needs_list_buckets), Blocking::no},
    {"DeleteBucket", delete_bucket, on_bucket()},
    {"GetBucketLocation", get_bucket_location, open(needs_bucket_anywhere), Blocking::no},

    {"GetBucketPolicy", get_bucket_policy, open(needs_bucket_policy), Blocking::no},
    {"PutBucketPolicy", put_bucket_policy, open(needs_bucket_policy)},
    {"DeleteBucketPolicy", delete_bucket_policy, open(needs_bucket_policy)},
    {"GetBucketPolicyStatus", get_bucket_policy_status, on_bucket(), Blocking::no},
    {"GetPublicAccessBlock", get_public_access_block, on_bucket("s3:GetBucketPublicAccessBlock"),
     Blocking::no},
    {"PutPublicAccessBlock", put_public_access_block, on_bucket("s3:PutBucketPublicAccessBlock")},
    {"DeletePublicAccessBlock", delete_public_access_block, on_bucket("s3:PutBucketPublicAccessBlock")},
    {"GetBucketTagging", get_bucket_tagging, on_bucket(), Blocking::no},
    {"PutBucketTagging", put_bucket_tagging, on_bucket()},
    {"DeleteBucketTagging", delete_bucket_tagging, on_bucket("s3:PutBucketTagging")},
    {"GetBucketVersioning", get_bucket_versioning, on_bucket(), Blocking::no},
    {"PutBucketVersioning", put_bucket_versioning, on_bucket()},
    {"GetBucketEncryption", get_bucket_encryption, on_bucket("s3:GetEncryptionConfiguration"), Blocking::no},
    {"PutBucketEncryption", put_bucket_encryption, on_bucket("s3:PutEncryptionConfiguration")},
    {"DeleteBucketEncryption", delete_bucket_encryption, on_bucket("s3:PutEncryptionConfiguration")},
    {"GetBucketOwnershipControls", get_bucket_ownership_controls, on_bucket(), Blocking::no},
    {"PutBucketOwnershipControls", put_bucket_ownership_controls, on_bucket()},
    {"DeleteBucketOwnershipControls", delete_bucket_ownership_controls,
     on_bucket("s3:PutBucketOwnershipControls")},
    {"GetBucketAcl", get_bucket_acl, on_bucket(), Blocking::no},
    {"PutBucketAcl", put_bucket_acl, on_bucket()},

    {"GetBucketCors", get_bucket_cors, on_bucket("s3:GetBucketCORS"), Blocking::no},
    {"PutBucketCors", put_bucket_cors, on_bucket("s3:PutBucketCORS")},
    {"DeleteBucketCors", delete_bucket_cors, on_bucket("s3:PutBucketCORS")},
    {"GetBucketLifecycleConfiguration", get_bucket_lifecycle, on_bucket("s3:GetLifecycleConfiguration"),
     Blocking::no},
    {"PutBucketLifecycleConfiguration", put_bucket_lifecycle, on_bucket("s3:PutLifecycleConfiguration")},
    {"DeleteBucketLifecycle", delete_bucket_lifecycle, on_bucket("s3:PutLifecycleConfiguration")},
    {"GetBucketWebsite", get_bucket_website, on_bucket(), Blocking::no},
    {"GetBucketReplication", get_bucket_replication, on_bucket("s3:GetReplicationConfiguration"),
     Blocking::no},
    {"GetObjectLockConfiguration", get_object_lock_configuration,
     on_bucket("s3:GetBucketObjectLockConfiguration"), Blocking::no},
    {"PutObjectLockConfiguration", put_object_lock_configuration,
     on_bucket("s3:PutBucketObjectLockConfiguration")},
    {"GetBucketRequestPayment", get_bucket_request_payment, on_bucket(), Blocking::no},
    {"GetBucketLogging", get_bucket_logging, on_bucket(), Blocking::no},
    {"PutBucketLogging", put_bucket_logging, on_bucket()},
    {"GetBucketAccelerateConfiguration", nothing_configured, on_bucket("s3:GetAccelerateConfiguration"),
     Blocking::no},
    {"GetBucketNotificationConfiguration", nothing_configured, on_bucket("s3:GetBucketNotification"),
     Blocking::no},
    {"ListBucketAnalyticsConfigurations", no_configurations, on_bucket("s3:GetAnalyticsConfiguration"),
     Blocking::no},
    {"ListBucketIntelligentTieringConfigurations", no_configurations,
     on_bucket("s3:GetIntelligentTieringConfiguration"), Blocking::no},
    {"ListBucketInventoryConfigurations", no_configurations, on_bucket("s3:GetInventoryConfiguration"),
     Blocking::no},
    {"ListBucketMetricsConfigurations", no_configurations, on_bucket("s3:GetMetricsConfiguration"),
     Blocking::no},

    {"GetObject", get_object, open(needs_get_object), Blocking::cold},
    {"HeadObject", head_object, open(needs_get_object), Blocking::cold},
    {"GetObjectAttributes", get_object_attributes, open(needs_get_attributes)},
    {"GetObjectAcl", get_object_acl, open(needs_get_object_acl), Blocking::cold},
    {"PutObjectAcl", put_object_acl, open(needs_put_object_acl)},
    {"PutObject", put_object, open(needs_put_object)},
    {"CopyObject", copy_object, open(needs_copy_object)},
    {"DeleteObject", delete_object, open(needs_delete_object)},
    {"DeleteObjects", delete_objects, open(needs_delete_objects)},
    {"GetObjectTagging", get_object_tagging, open(needs_get_tagging), Blocking::cold},
    {"PutObjectTagging", put_object_tagging, open(needs_put_tagging)},
    {"DeleteObjectTagging", delete_object_tagging, open(needs_delete_tagging)},

    {"GetObjectRetention", get_object_retention, open(needs_version), Blocking::cold},
    {"PutObjectRetention", put_object_retention, open(needs_put_retention)},
    {"GetObjectLegalHold", get_object_legal_hold, open(needs_version), Blocking::cold},
    {"PutObjectLegalHold", put_object_legal_hold, open(needs_put_legal_hold)},

    {"ListObjectsV2", list_objects_v2, open(needs_listing, "s3:ListBucket")},
    {"ListObjects", list_objects, open(needs_listing, "s3:ListBucket")},
    {"ListObjectVersions", list_object_versions, open(needs_listing, "s3:ListBucketVersions")},

    {"CreateMultipartUpload", create_multipart_upload, open(needs_create_upload)},
    {"UploadPart", upload_part, open(needs_upload_part)},
    {"UploadPartCopy", upload_part_copy, open(needs_upload_part_copy)},
    {"CompleteMultipartUpload", complete_multipart_upload, open(needs_complete_upload)},
    {"AbortMultipartUpload", abort_multipart_upload, open(needs_abort_upload)},
    {"ListParts", list_parts, open(needs_list_parts)},
    {"ListMultipartUploads", list_multipart_uploads, on_bucket("s3:ListBucketMultipartUploads")},
};

}  // namespace

Service make_service(S3& s3) { return Service("s3", s3, std::span<const Row<S3>>(kRows)); }

}  // namespace gatehouse::service::s3
