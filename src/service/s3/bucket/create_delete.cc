#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "service/regions.h"
#include "service/s3/acl/asked.h"
#include "service/s3/bucket/names.h"
#include "service/s3/bucket/operations.h"
#include "service/s3/errors.h"
#include "service/s3/multipart/uploads.h"

namespace gatehouse::service::s3 {
namespace {

constexpr std::string_view kFirstRegion = "us-east-1";
constexpr size_t kMostBuckets = 10000;
constexpr std::int64_t kLargestPage = 10000;

// Where the bucket goes: the endpoint's region, which LocationConstraint must name, but for us-east-1, whose
// endpoint is also the global one and makes buckets anywhere.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
Result<std::string> region_for(const Call& call) {
  const std::string endpoint = call.region.empty() ? std::string(kFirstRegion) : call.region;
  std::string_view asked = call.in[m::CreateBucketConfiguration][m::LocationConstraint].text();
  if (asked == "EU") asked = "eu-west-1";
  if (asked.empty()) {
    if (endpoint != kFirstRegion) return fail(error::illegal_location_constraint("unspecified"));
    return endpoint;
  }
  // us-east-1 is never named.
  if (asked == kFirstRegion || find_region(asked) == nullptr)
    return fail(error::invalid_location_constraint(asked));
  if (endpoint != kFirstRegion && asked != endpoint) return fail(error::illegal_location_constraint(asked));
  return std::string(asked);
}

Result<std::string> ownership_for(const wire::Value& in) {
  const std::string_view ownership = in[m::ObjectOwnership].text_or("BucketOwnerEnforced");
  if (ownership != "BucketOwnerEnforced" && ownership != "BucketOwnerPreferred" &&
      ownership != "ObjectWriter") {
    return fail(error::invalid_argument("Invalid x-amz-object-ownership header: " + std::string(ownership),
                                        "x-amz-object-ownership", ownership));
  }
  return std::string(ownership);
}

// A list that gives nothing to others is none.
Result<AclPtr> list_for(S3& s3, const Call& call, const Bucket& bucket) {
  const std::string owner = canonical_id(s3, bucket.account);
  TRY(auto grants, asked_grants(s3, call.in, On::bucket, {owner, owner}));
  if (!grants || only_owners(*grants, owner)) return nullptr;
  if (!bucket.has_lists()) return fail(error::acl_with_enforced_ownership());
  // Since April 2023 a new bucket blocks public access, and a public list does not get in before that is off.
  if (is_public(*grants)) {
    return fail("InvalidBucketAclWithBlockPublicAccessError",
                "Bucket cannot have public ACLs set with BlockPublicAccess enabled");
  }
  return std::make_shared<const Grants>(std::move(*grants));
}

Result<std::vector<account::Tag>> creation_tags(const wire::Value& in) {
  std::vector<account::Tag> tags;
  for (const auto& tag : in[m::CreateBucketConfiguration][m::Tags].list())
    tags.emplace_back(tag[m::Key].text(), tag[m::Value].text());
  return tags;
}

wire::Value created_value(const Bucket& bucket) {
  const bool global = bucket.region == kFirstRegion;
  return wire::structure(
      {{m::Location, global ? "/" + bucket.name : fmt::format("http://{}.s3.amazonaws.com/", bucket.name)},
       {m::BucketArn, bucket_arn(bucket.name)}});
}

size_t owned(S3& s3, std::string_view account) {
  const auto all = s3.buckets().list();
  return static_cast<size_t>(
      std::ranges::count_if(all, [&](const auto& b) { return b->account == account; }));
}

wire::Value listed_value(const Bucket& bucket) {
  return wire::structure({{m::Name, bucket.name},
                          {m::CreationDate, bucket.created},
                          {m::BucketRegion, bucket.region},
                          {m::BucketArn, bucket_arn(bucket.name)}});
}

}  // namespace

Result<wire::Value> create_bucket(S3& s3, Call& call) {
  const std::string_view name = call.in[m::Bucket].text();
  if (!is_bucket_name(name)) return fail(error::invalid_bucket_name(name));
  TRY(auto region, region_for(call));
  TRY(auto ownership, ownership_for(call.in));
  if (const auto there = s3.buckets().find(name)) {
    if (there->account != call.caller.account) return fail(error::bucket_already_exists(name));
    // us-east-1 says yes again. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    if (there->region == kFirstRegion && region == kFirstRegion) return created_value(*there);
    return fail(error::bucket_already_owned_by_you(name));
  }
  if (owned(s3, call.caller.account) >= kMostBuckets)
    return fail("TooManyBuckets", "You have attempted to create more buckets than allowed");
  Bucket bucket;
  bucket.name = name;
  bucket.account = call.caller.account;
  bucket.region = std::move(region);
  bucket.created = s3.clock().now();
  bucket.ownership = std::move(ownership);
  // New buckets block public access since April 2023.
  bucket.public_access = PublicAccessBlock{true, true, true, true};
  TRY(bucket.acl, list_for(s3, call, bucket));
  TRY(bucket.tags, creation_tags(call.in));
  if (call.in[m::ObjectLockEnabledForBucket].boolean()) {
    bucket.object_lock = ObjectLock{};
    bucket.versioning = Versioning::enabled;
  }
  TRY(const auto created, s3.buckets().create(std::move(bucket)));
  return created_value(*created);
}

Result<wire::Value> head_bucket(S3&, Call& call) {
  const Bucket& bucket = bucket_of(call);
  return wire::structure({{m::BucketRegion, bucket.region}, {m::BucketArn, bucket_arn(bucket.name)}});
}

Result<wire::Value> list_buckets(S3& s3, Call& call) {
  const std::int64_t most = call.in[m::MaxBuckets].number(kLargestPage);
  if (most < 1 || most > kLargestPage) {
    return fail(error::invalid_argument("Argument max-buckets must be an integer between 1 and 10000",
                                        "max-buckets", std::to_string(most)));
  }
  const std::string_view prefix = call.in[m::Prefix].text();
  const std::string_view region = call.in[m::BucketRegion].text();
  const auto after = unbase64url(call.in[m::ContinuationToken].text());
  if (!after) {
    return fail(error::invalid_argument("The continuation token provided is incorrect", "continuation-token",
                                        call.in[m::ContinuationToken].text()));
  }
  wire::Value::List list;
  wire::Value out;
  std::string last;
  for (const auto& bucket : s3.buckets().list()) {
    if (bucket->account != call.caller.account || !bucket->name.starts_with(prefix)) continue;
    if (!region.empty() && bucket->region != region) continue;
    if (!after->empty() && bucket->name <= *after) continue;
    if (static_cast<std::int64_t>(list.size()) == most) {
      out.set(m::ContinuationToken, base64url(last));
      break;
    }
    last = bucket->name;
    list.push_back(listed_value(*bucket));
  }
  out.set(m::Buckets, std::move(list));
  out.set(m::Owner, owner_value(s3, call.caller.account));
  out.set(m::Prefix, call.in[m::Prefix]);
  return out;
}

Result<wire::Value> delete_bucket(S3& s3, Call& call) {
  const Bucket& bucket = bucket_of(call);
  if (!bucket.activity->close()) return fail(error::operation_aborted());
  auto empty = s3.index().is_empty(bucket);
  Result<void> removed;
  if (!empty) {
    removed = std::unexpected(empty.error());
  } else if (!*empty) {
    removed = fail(error::bucket_not_empty(bucket.name, bucket.keeps_versions()));
  } else {
    removed = abort_all(s3, bucket);
    if (removed) removed = s3.buckets().remove(bucket);
  }
  if (!removed) {
    bucket.activity->reopen();
    return std::unexpected(std::move(removed).error());
  }
  return wire::Value();
}

Result<wire::Value> get_bucket_location(S3&, Call& call) {
  const Bucket& bucket = bucket_of(call);
  if (bucket.region == kFirstRegion) return wire::Value(wire::Value::Structure());
  return wire::structure({{m::LocationConstraint, bucket.region}});
}

}  // namespace gatehouse::service::s3
