#include "service/s3/errors.h"
#include "service/s3/object/objects.h"
#include "service/s3/object/tags.h"

namespace gatehouse::service::s3 {
namespace {

wire::Value with_version(const Bucket& bucket, const Object& object) {
  wire::Value out = wire::Value::Structure();
  if (bucket.keeps_versions()) out.set(m::VersionId, object.version_or_null());
  return out;
}

Result<wire::Value> replace_tags(S3& s3, Call& call, std::vector<account::Tag> tags) {
  const Bucket& bucket = bucket_of(call);
  TRY(const auto object, readable(s3, call, Marker::refuses));
  const WriteGuard writing(bucket);
  if (!writing) return fail(error::operation_aborted());
  CHECK_OK(s3.index().annotate(bucket, call.in[m::Key].text(), *object,
                               [&](Object& next) { next.tags = std::move(tags); }));
  return with_version(bucket, *object);
}

}  // namespace

Result<wire::Value> get_object_tagging(S3& s3, Call& call) {
  TRY(const auto object, readable(s3, call, Marker::refuses));
  wire::Value out = with_version(bucket_of(call), *object);
  out.set(m::TagSet, tag_set(object->tags));
  return out;
}

Result<wire::Value> put_object_tagging(S3& s3, Call& call) {
  TRY(auto tags, tags_from_set(call.in[m::Tagging][m::TagSet], kMostObjectTags));
  return replace_tags(s3, call, std::move(tags));
}

Result<wire::Value> delete_object_tagging(S3& s3, Call& call) { return replace_tags(s3, call, {}); }

}  // namespace gatehouse::service::s3
