// Tags, versioning, ownership and the ACL of a bucket.
#include "service/s3/bucket/operations.h"
#include "service/s3/errors.h"
#include "service/s3/object/tags.h"

namespace gatehouse::service::s3 {
namespace {

wire::Value owner_grant(const wire::Value& owner) {
  wire::Value grantee = owner;
  grantee.set(m::Type, "CanonicalUser");
  return wire::structure({{m::Grantee, std::move(grantee)}, {m::Permission, "FULL_CONTROL"}});
}

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
  CHECK_OK(s3.buckets().update(
      bucket_of(call), [&](Bucket& next) { next.ownership = rules.front()[m::ObjectOwnership].text(); }));
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

// Only the ACL that every bucket has anyway.
Result<wire::Value> put_bucket_acl(S3&, Call& call) {
  const auto& in = call.in;
  const bool grants = in[m::GrantFullControl] || in[m::GrantRead] || in[m::GrantReadACP] ||
                      in[m::GrantWrite] || in[m::GrantWriteACP] || in[m::AccessControlPolicy];
  if (in[m::ACL].text() == "private" && !grants) return wire::Value();
  if (bucket_of(call).ownership == "BucketOwnerEnforced")
    return fail(error::access_control_list_not_supported());
  if (in[m::ACL].text().empty() && !grants)
    return fail("MissingSecurityHeader", "Your request was missing a required header");
  return fail(error::not_implemented("x-amz-acl"));
}

wire::Value owners_acl(const S3& s3, const Bucket& bucket) {
  const wire::Value owner = owner_value(s3, bucket.account);
  return wire::structure({{m::Owner, owner}, {m::Grants, wire::Value::List{owner_grant(owner)}}});
}

Result<wire::Value> get_bucket_acl(S3& s3, Call& call) { return owners_acl(s3, bucket_of(call)); }

}  // namespace gatehouse::service::s3
