#include "service/s3/acl/operations.h"

#include "service/s3/acl/asked.h"
#include "service/s3/bucket/names.h"
#include "service/s3/errors.h"
#include "service/s3/object/objects.h"

namespace gatehouse::service::s3 {
namespace {

wire::Value grant_value(const Grant& grant) {
  wire::Value grantee = grant.to_group()
                            ? wire::structure({{m::Type, "Group"}, {m::URI, grant.grantee}})
                            : wire::structure({{m::Type, "CanonicalUser"}, {m::ID, grant.grantee}});
  return wire::structure({{m::Grantee, std::move(grantee)}, {m::Permission, to_string(grant.permission)}});
}

// What is in force: not what a public access block ignores, and only the bucket owner's full control where
// lists are disabled.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
wire::Value list_value(const Bucket& bucket, const std::string& owner, const AclPtr& acl) {
  const bool ignore_public = bucket.public_block().ignore_acls;
  wire::Value::List grants;
  if (acl == nullptr || !bucket.has_lists()) {
    grants.push_back(grant_value({owner, Permission::full_control}));
  } else {
    for (const Grant& grant : *acl) {
      if (!ignore_public || !grant.is_public()) grants.push_back(grant_value(grant));
    }
  }
  return wire::structure({{m::Owner, wire::structure({{m::ID, owner}})}, {m::Grants, std::move(grants)}});
}

// The list to keep: none where it says nothing but what holds without one.
Result<AclPtr> wanted(const S3& s3, const Call& call, On on, const Owners& owners,
                      std::string_view resource) {
  TRY(auto grants, asked_grants(s3, call.in, on, owners));
  if (!grants) return fail(error::missing_security_header("x-amz-acl"));
  const std::string_view action = on == On::bucket ? "s3:PutBucketAcl" : "s3:PutObjectAcl";
  CHECK_OK(check_list(call, bucket_of(call), action, resource, *grants, owners));
  if (only_owners(*grants, owners.own)) return nullptr;
  return std::make_shared<const Grants>(std::move(*grants));
}

}  // namespace

Result<wire::Value> put_bucket_acl(S3& s3, Call& call) {
  const Bucket& bucket = bucket_of(call);
  const std::string owner = canonical_id(s3, bucket.account);
  TRY(auto acl, wanted(s3, call, On::bucket, {owner, owner}, bucket_arn(bucket.name)));
  // Where lists are disabled, the one that was is kept for the day they are enabled again.
  if (!bucket.has_lists()) return wire::Value();
  CHECK_OK(s3.buckets().update(bucket, [&](Bucket& next) { next.acl = std::move(acl); }));
  return wire::Value();
}

Result<wire::Value> get_bucket_acl(S3& s3, Call& call) {
  const Bucket& bucket = bucket_of(call);
  return list_value(bucket, canonical_id(s3, bucket.account), bucket.acl);
}

Result<wire::Value> put_object_acl(S3& s3, Call& call) {
  const Bucket& bucket = bucket_of(call);
  const std::string_view key = call.in[m::Key].text();
  TRY(const auto object, readable(s3, call));
  const Owners owners{canonical_id(s3, owner_of(bucket, *object)), canonical_id(s3, bucket.account)};
  TRY(auto acl, wanted(s3, call, On::object, owners, object_arn(bucket.name, key)));
  if (!bucket.has_lists()) return wire::Value();
  const WriteGuard writing(bucket);
  if (!writing) return fail(error::operation_aborted());
  CHECK_OK(s3.index().annotate(bucket, key, *object, [&](Object& next) { next.acl = std::move(acl); }));
  return wire::Value();
}

Result<wire::Value> get_object_acl(S3& s3, Call& call) {
  TRY(const auto object, readable(s3, call));
  return list_value(bucket_of(call), canonical_id(s3, owner_of(bucket_of(call), *object)), object->acl);
}

}  // namespace gatehouse::service::s3
