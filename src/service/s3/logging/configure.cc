#include <algorithm>
#include <array>

#include "base/log.h"
#include "service/s3/acl/asked.h"
#include "service/s3/bucket/names.h"
#include "service/s3/errors.h"
#include "service/s3/logging/operations.h"
#include "service/s3/object/checksum.h"

namespace gatehouse::service::s3 {
namespace {

constexpr std::array<std::string_view, 3> kPermissions = {"FULL_CONTROL", "READ", "WRITE"};

Result<TargetGrant> read_grant(const wire::Value& in) {
  const wire::Value& grantee = in[m::Grantee];
  TargetGrant grant;
  grant.type = grantee[m::Type].text();
  grant.permission = in[m::Permission].text();
  if (grant.type == "CanonicalUser") grant.grantee = grantee[m::ID].text();
  if (grant.type == "Group") grant.grantee = grantee[m::URI].text();
  if (grant.type == "AmazonCustomerByEmail") grant.grantee = grantee[m::EmailAddress].text();
  if (grant.grantee.empty() || std::ranges::find(kPermissions, grant.permission) == kPermissions.end())
    return fail(error::malformed_xml());
  return grant;
}

Result<Logging::Keys> read_keys(const wire::Value& format) {
  const auto& partitioned = format[m::PartitionedPrefix];
  const auto& simple = format[m::SimplePrefix];
  if (partitioned && simple) return fail(error::malformed_xml());
  if (!partitioned) return Logging::Keys::plain;
  const std::string_view source = partitioned[m::PartitionDateSource].text_or("DeliveryTime");
  if (source == "EventTime") return Logging::Keys::partitioned_by_event;
  if (source == "DeliveryTime") return Logging::Keys::partitioned_by_delivery;
  return fail(error::malformed_xml());
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshooting-server-access-logging.html
Result<void> check_target(S3& s3, const Call& call, const Logging& logging) {
  const Bucket& source = bucket_of(call);
  const auto target = s3.buckets().find(logging.target);
  if (target == nullptr)
    return fail(
        error::invalid_logging_target("The target bucket for logging does not exist", logging.target));
  CHECK_OK(check_owner_and_region(source, *target));
  if (!logging.grants.empty() && target->ownership == "BucketOwnerEnforced")
    return fail(error::no_target_grants());
  if (!logging.grants.empty()) {
    const std::string owner = canonical_id(s3, target->account);
    CHECK_OK(check_list(call, *target, "s3:PutBucketLogging", bucket_arn(target->name),
                        target_grants(s3, *target, logging), {owner, owner}));
  }
  if (target->name == source.name) {
    log::warning("a bucket logs to itself: each delivery is logged again, without end",
                 {{"bucket", source.name}});
  }
  return {};
}

wire::Value grant_value(const TargetGrant& grant) {
  wire::Value grantee = wire::structure({{m::Type, grant.type}});
  if (grant.type == "CanonicalUser") grantee.set(m::ID, grant.grantee);
  if (grant.type == "Group") grantee.set(m::URI, grant.grantee);
  if (grant.type == "AmazonCustomerByEmail") grantee.set(m::EmailAddress, grant.grantee);
  return wire::structure({{m::Grantee, std::move(grantee)}, {m::Permission, grant.permission}});
}

wire::Value keys_value(Logging::Keys keys) {
  if (keys == Logging::Keys::plain)
    return wire::structure({{m::SimplePrefix, wire::Value(wire::Value::Structure())}});
  const bool by_event = keys == Logging::Keys::partitioned_by_event;
  return wire::structure(
      {{m::PartitionedPrefix,
        wire::structure({{m::PartitionDateSource, by_event ? "EventTime" : "DeliveryTime"}})}});
}

}  // namespace

Result<void> check_owner_and_region(const Bucket& source, const Bucket& target) {
  if (target.account != source.account) {
    return fail(error::invalid_logging_target(
        "The owner for the bucket to be logged and the target bucket must be the same.", target.name));
  }
  if (target.region != source.region) return fail(error::cross_location_logging(target.region));
  return {};
}

Result<wire::Value> put_bucket_logging(S3& s3, Call& call) {
  CHECK_OK(verify_body(*call.head, call.body));
  const auto& enabled = call.in[m::BucketLoggingStatus][m::LoggingEnabled];
  LoggingPtr next;
  if (enabled) {
    Logging logging;
    logging.target = enabled[m::TargetBucket].text();
    logging.prefix = enabled[m::TargetPrefix].text();
    if (logging.target.empty()) return fail(error::malformed_xml());
    logging.says_keys = !enabled[m::TargetObjectKeyFormat].is_null();
    TRY(logging.keys, read_keys(enabled[m::TargetObjectKeyFormat]));
    for (const wire::Value& one : enabled[m::TargetGrants].list()) {
      TRY(auto grant, read_grant(one));
      logging.grants.push_back(std::move(grant));
    }
    CHECK_OK(check_target(s3, call, logging));
    next = std::make_shared<const Logging>(std::move(logging));
  }
  CHECK_OK(s3.buckets().update(bucket_of(call), [&](Bucket& b) { b.logging = next; }));
  return wire::Value();
}

Result<wire::Value> get_bucket_logging(S3&, Call& call) {
  const LoggingPtr& logging = bucket_of(call).logging;
  if (logging == nullptr) return wire::Value(wire::Value::Structure());
  wire::Value out = wire::structure({{m::TargetBucket, logging->target}, {m::TargetPrefix, logging->prefix}});
  wire::Value::List grants;
  for (const TargetGrant& grant : logging->grants) grants.push_back(grant_value(grant));
  if (!grants.empty()) out.set(m::TargetGrants, std::move(grants));
  if (logging->says_keys) out.set(m::TargetObjectKeyFormat, keys_value(logging->keys));
  return wire::structure({{m::LoggingEnabled, std::move(out)}});
}

}  // namespace gatehouse::service::s3
