#include "service/s3/requirements.h"

#include <algorithm>

#include "base/encoding.h"
#include "service/s3/acl/asked.h"
#include "service/s3/bucket/names.h"
#include "service/s3/conditions.h"
#include "service/s3/errors.h"

namespace gatehouse::service::s3 {
namespace {

// Once RestrictPublicBuckets is on, a bucket with a public policy serves nobody outside its account but AWS's
// services: what the policy grants others it grants nobody, and what it denies them needs no denying.
bool is_restricted_to(const Call& call, const Bucket& bucket) {
  return bucket.policy_is_public && bucket.public_block().restrict_buckets &&
         call.caller.account != bucket.account && call.caller.type != policy::PrincipalType::service;
}

bool is_owned_by_caller(const Call& call, const Bucket& bucket, const Object& object) {
  if (object.owner == kAnonymous) return call.caller.anonymous();
  return call.caller.account == (object.owner.empty() ? bucket.account : object.owner);
}

account::Requirement requirement(const Call& call, const Bucket& bucket, std::string_view action,
                                 std::string resource) {
  account::Requirement r;
  r.action = action;
  r.resource = std::move(resource);
  r.resource_account = bucket.account;
  if (!is_restricted_to(call, bucket)) r.resource_policy = bucket.policy.compiled;
  r.key("s3:ResourceAccount", bucket.account);
  add_signature_keys(call, r);
  return r;
}

void pin(Call& call, Target found) { call.pinned = std::make_shared<const Target>(std::move(found)); }

// The row's action on the bucket.
Requirements needs_of(Call& call, BucketPtr bucket) {
  auto r = bucket_requirement(call, *bucket, call.action);
  add_write_keys(call, r);
  pin(call, {std::move(bucket), nullptr, nullptr, nullptr});
  return {std::move(r)};
}

// The bucket may be asked from anywhere where it is: GetBucketLocation.
Result<BucketPtr> find_anywhere(S3& s3, const Call& call, std::string_view name) {
  if (!is_bucket_name(name)) return fail(error::invalid_bucket_name(name));
  auto bucket = s3.buckets().find(name);
  if (bucket == nullptr) return fail(error::no_such_bucket(name));
  const std::string_view owner = call.in[m::ExpectedBucketOwner].text();
  if (!owner.empty() && owner != bucket->account) return fail(error::access_denied());
  return bucket;
}

}  // namespace

account::Requirement bucket_requirement(const Call& call, const Bucket& bucket, std::string_view action) {
  auto r = requirement(call, bucket, action, bucket_arn(bucket.name));
  add_bucket_list(call, bucket, r);
  return r;
}

void add_bucket_list(const Call& call, const Bucket& bucket, account::Requirement& r) {
  if (bucket.acl == nullptr || !bucket.has_lists() || is_restricted_to(call, bucket)) return;
  r.listed = granted(*bucket.acl, call.caller, r.action, bucket.public_block().ignore_acls);
}

void add_object_list(const Call& call, const Bucket& bucket, const Object& object, account::Requirement& r) {
  if (!bucket.has_lists() || is_restricted_to(call, bucket)) return;
  if (!object.owner.empty() && object.owner != bucket.account) {
    r.object_owner = object.owner;
    if (object.owner == kAnonymous && call.caller.anonymous()) r.listed = policy::Granted::to_everyone;
  }
  if (object.acl == nullptr) return;
  r.listed =
      std::max(r.listed, granted(*object.acl, call.caller, r.action, bucket.public_block().ignore_acls));
}

bool may_replace(const Call& call, const Bucket& bucket, const Object* there) {
  return there == nullptr || there->marker || call.caller.account == bucket.account ||
         is_owned_by_caller(call, bucket, *there);
}

account::Requirement object_requirement(const Call& call, const Bucket& bucket, std::string_view key,
                                        std::string_view action) {
  return requirement(call, bucket, action, object_arn(bucket.name, key));
}

Condition replacing(const Call& call, Condition condition) {
  if (!target(call).creates) return condition;
  return [&call, condition = std::move(condition)](const Object* current) -> Result<void> {
    if (!may_replace(call, bucket_of(call), current)) return fail(error::access_denied());
    return condition ? condition(current) : Result<void>();
  };
}

Result<BucketPtr> find_bucket(S3& s3, const Call& call, std::string_view name) {
  TRY(auto bucket, find_anywhere(s3, call, name));
  if (!call.caller.anonymous() && !call.region.empty() && call.region != bucket->region)
    return fail(error::wrong_region(call.region, bucket->region));
  return bucket;
}

Result<Requirements> needs_create_bucket(S3&, Call& call) {
  const std::string_view name = call.in[m::Bucket].text();
  account::Requirement r;
  r.action = "s3:CreateBucket";
  r.resource = bucket_arn(name);
  r.resource_account = call.caller.account;
  r.key("s3:ResourceAccount", call.caller.account);
  add_signature_keys(call, r);
  add_write_keys(call, r);
  const wire::Value& configuration = call.in[m::CreateBucketConfiguration];
  if (const auto& location = configuration[m::LocationConstraint])
    r.key("s3:LocationConstraint", std::string(location.text()));
  Requirements all{r};
  const auto also = [&](std::string_view action) {
    all.push_back(r);
    all.back().action = action;
  };
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html, Permissions
  if (call.in[m::ACL].text_or("private") != "private" || has_grant_headers(call.in)) also("s3:PutBucketAcl");
  if (call.in[m::ObjectOwnership]) also("s3:PutBucketOwnershipControls");
  if (call.in[m::ObjectLockEnabledForBucket].boolean()) {
    also("s3:PutBucketObjectLockConfiguration");
    also("s3:PutBucketVersioning");
  }
  return all;
}

// The action takes no resource; policies that name arn:aws:s3:::* grant it all the same.
Result<Requirements> needs_list_buckets(S3&, Call& call) {
  account::Requirement r;
  r.action = "s3:ListAllMyBuckets";
  r.resource = "arn:aws:s3:::*";
  r.names_resource = false;
  r.resource_account = call.caller.account;
  r.key("s3:ResourceAccount", call.caller.account);
  add_signature_keys(call, r);
  return Requirements{std::move(r)};
}

Result<Requirements> needs_bucket(S3& s3, Call& call) {
  TRY(auto bucket, find_bucket(s3, call, call.in[m::Bucket].text()));
  return needs_of(call, std::move(bucket));
}

Result<Requirements> needs_bucket_anywhere(S3& s3, Call& call) {
  TRY(auto bucket, find_anywhere(s3, call, call.in[m::Bucket].text()));
  return needs_of(call, std::move(bucket));
}

// The owner account's root can always repair a policy that locks everybody out; nobody else's account can
// touch it at all. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
Result<Requirements> needs_bucket_policy(S3& s3, Call& call) {
  TRY(auto all, needs_bucket(s3, call));
  const bool own = call.caller.account == bucket_of(call).account;
  if (own && call.caller.type == policy::PrincipalType::root) all.front().resource_policy = nullptr;
  return all;
}

Result<Requirements> needs_listing(S3& s3, Call& call) {
  TRY(auto bucket, find_bucket(s3, call, call.in[m::Bucket].text()));
  auto r = bucket_requirement(call, *bucket, call.action);
  // Absent parameters give no key: a condition on s3:prefix does not match a request without one.
  if (const auto& prefix = call.in[m::Prefix]) r.key("s3:prefix", std::string(prefix.text()));
  if (const auto& delimiter = call.in[m::Delimiter]) r.key("s3:delimiter", std::string(delimiter.text()));
  if (const auto& most = call.in[m::MaxKeys]) r.key("s3:max-keys", std::to_string(most.number()));
  pin(call, {std::move(bucket), nullptr, nullptr, nullptr});
  return Requirements{std::move(r)};
}

Result<CopySource> read_copy_source(std::string_view text) {
  CopySource source;
  const auto question = text.rfind("?versionId=");
  if (question != std::string_view::npos) {
    source.version = text.substr(question + std::string_view("?versionId=").size());
    text = text.substr(0, question);
  }
  auto decoded = percent_decode(text);
  const auto refuse = [&] {
    return fail(
        error::invalid_argument("Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
                                "x-amz-copy-source", text));
  };
  if (!decoded) return refuse();
  std::string_view path = *decoded;
  if (path.starts_with('/')) path.remove_prefix(1);
  const auto slash = path.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == path.size()) return refuse();
  source.bucket = path.substr(0, slash);
  source.key = path.substr(slash + 1);
  return source;
}

}  // namespace gatehouse::service::s3
