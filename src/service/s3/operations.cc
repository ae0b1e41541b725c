// The table that S3 is built from.
#include "service/s3/bucket/operations.h"
#include "service/s3/listing/listing.h"
#include "service/s3/object/objects.h"
#include "service/s3/requirements.h"
#include "service/s3/s3.h"

namespace gatehouse::service::s3 {
namespace {

#define GATEHOUSE_ACTION(name) constexpr char k##name[] = "s3:" #name;
GATEHOUSE_ACTION(ListBucket)
GATEHOUSE_ACTION(ListBucketVersions)
GATEHOUSE_ACTION(DeleteBucket)
GATEHOUSE_ACTION(GetBucketLocation)
#undef GATEHOUSE_ACTION

// Anybody may ask; policies decide.
Needs<S3> open(Result<Requirements> (*resolve)(S3&, Call&)) {
  return resolved<S3>(resolve).open_to_anonymous();
}

const Row<S3> kRows[] = {
    {"CreateBucket", create_bucket, resolved<S3>(needs_create_bucket)},
    {"HeadBucket", head_bucket, open(needs_bucket<kListBucket>), Blocking::no},
    {"ListBuckets", list_buckets, resolved<S3>(needs_list_buckets), Blocking::no},
    {"DeleteBucket", delete_bucket, open(needs_bucket<kDeleteBucket>)},
    {"GetBucketLocation", get_bucket_location, open(needs_bucket<kGetBucketLocation>), Blocking::no},

    {"GetObject", get_object, open(needs_get_object)},
    {"HeadObject", head_object, open(needs_get_object)},
    {"GetObjectAttributes", get_object_attributes, open(needs_get_attributes)},
    {"PutObject", put_object, open(needs_put_object)},
    {"CopyObject", copy_object, open(needs_copy_object)},
    {"DeleteObject", delete_object, open(needs_delete_object)},
    {"DeleteObjects", delete_objects, open(needs_delete_objects)},
    {"GetObjectTagging", get_object_tagging, open(needs_get_tagging)},
    {"PutObjectTagging", put_object_tagging, open(needs_put_tagging)},
    {"DeleteObjectTagging", delete_object_tagging, open(needs_delete_tagging)},

    {"ListObjectsV2", list_objects_v2, open(needs_listing<kListBucket>)},
    {"ListObjects", list_objects, open(needs_listing<kListBucket>)},
};

}  // namespace

Service make_service(S3& s3) { return {"s3", s3, std::span<const Row<S3>>(kRows)}; }

}  // namespace gatehouse::service::s3
