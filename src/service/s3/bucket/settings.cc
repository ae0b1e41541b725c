// Tags, versioning and ownership of a bucket.
#include "service/s3/acl/asked.h"
#include "service/s3/bucket/operations.h"
#include "service/s3/errors.h"
#include "service/s3/object/tags.h"

namespace gatehouse::service::s3 {
namespace {

bool is_ownership(std::string_view text) {
  return text == "BucketOwnerEnforced" || text == "BucketOwnerPreferred" || text == "ObjectWriter";
}

}  // namespace

Result<wire::Value> put_bucket_tagging(S3& s3, Call& call) {
  TRY(auto tags, tags_from_set(call.in[m::Tagging][m::TagSet], kMostBucketTags));
  CHECK_OK(s3.buckets().update(bucket_of(call), [&](Bucket& next) { next.tags = std::move(tags); }));
  return wire::Value();
}

Result<wire::Value> get_bucket_tagging(S3&, Call& call) {
  const Bucket& bucket = bucket_of(call);
  if (bucket.tags.empty()) return fail(error::no_such_tag_set(bucket.name));
  return wire::structure({{m::TagSet, tag_set(bucket.tags)}});
}

Result<wire::Value> delete_bucket_tagging(S3& s3, Call& call) {
  if (bucket_of(call).tags.empty()) return wire::Value();
  CHECK_OK(s3.buckets().update(bucket_of(call), [](Bucket& next) { next.tags.clear(); }));
  return wire::Value();
}

Result<wire::Value> put_bucket_versioning(S3& s3, Call& call) {
  const auto& sent = call.in[m::VersioningConfiguration];
  const std::string_view status = sent[m::Status].text();
  if (status != "Enabled" && status != "Suspended") {
    return fail("IllegalVersioningConfigurationException", "The Versioning element must be specified");
  }
  if (sent[m::MFADelete].text() == "Enabled" || call.in[m::MFA])
    return fail(error::not_implemented("x-amz-mfa"));
  if (status == "Suspended" && bucket_of(call).object_lock) {
    return fail(error::invalid_bucket_state(
        "An Object Lock configuration is present on this bucket, so the versioning state cannot be "
        "changed."));
  }
  CHECK_OK(s3.buckets().update(bucket_of(call), [&](Bucket& next) {
    next.versioning = status == "Enabled" ? Versioning::enabled : Versioning::suspended;
  }));
  return wire::Value();
}

Result<wire::Value> get_bucket_versioning(S3&, Call& call) {
  wire::Value out = wire::Value::Structure();
  if (bucket_of(call).versioning == Versioning::enabled) out.set(m::Status, "Enabled");
  if (bucket_of(call).versioning == Versioning::suspended) out.set(m::Status, "Suspended");
  return out;
}

Result<wire::Value> put_bucket_ownership_controls(S3& s3, Call& call) {
  const auto& rules = call.in[m::OwnershipControls][m::Rules].list();
  if (rules.size() != 1 || !is_ownership(rules.front()[m::ObjectOwnership].text()))
    return fail(error::malformed_xml());
  const Bucket& bucket = bucket_of(call);
  const std::string_view asked = rules.front()[m::ObjectOwnership].text();
  // What a list grants to others has to go into the policy first.
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-ownership-error-responses.html
  if (asked == "BucketOwnerEnforced" && bucket.has_lists() && bucket.acl != nullptr &&
      grants_to_others(*bucket.acl, canonical_id(s3, bucket.account)))
    return fail(error::acl_with_enforced_ownership());
  CHECK_OK(s3.buckets().update(bucket, [&](Bucket& next) { next.ownership = asked; }));
  return wire::Value();
}

Result<wire::Value> get_bucket_ownership_controls(S3&, Call& call) {
  const Bucket& bucket = bucket_of(call);
  if (bucket.ownership.empty()) {
    return fail(error::not_configured("OwnershipControlsNotFoundError",
                                      "The bucket ownership controls were not found", bucket.name));
  }
  wire::Value rule = wire::structure({{m::ObjectOwnership, bucket.ownership}});
  return wire::structure(
      {{m::OwnershipControls, wire::structure({{m::Rules, wire::Value::List{std::move(rule)}}})}});
}

Result<wire::Value> delete_bucket_ownership_controls(S3& s3, Call& call) {
  if (bucket_of(call).ownership.empty()) return wire::Value();
  CHECK_OK(s3.buckets().update(bucket_of(call), [](Bucket& next) { next.ownership.clear(); }));
  return wire::Value();
}

}  // namespace gatehouse::service::s3
