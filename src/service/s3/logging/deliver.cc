#include <fmt/chrono.h>
#include <fmt/format.h>

#include "base/log.h"
#include "service/s3/acl/asked.h"
#include "service/s3/bucket/names.h"
#include "service/s3/logging/operations.h"
#include "service/s3/object/objects.h"
#include "service/s3/requirements.h"

namespace gatehouse::service::s3 {
namespace {

constexpr std::string_view kDeliverer = "logging.s3.amazonaws.com";
constexpr size_t kUnique = 16;

bool is_unlogged(const Target& t) {
  const auto logs = [](const BucketPtr& bucket) { return bucket != nullptr && bucket->logging != nullptr; };
  return !logs(t.bucket) && !logs(t.source_bucket);
}

std::int64_t object_size(const Call& call) {
  if (call.upload != nullptr) return static_cast<std::int64_t>(call.upload->size());
  const bool read = call.pinned != nullptr && target(call).object != nullptr && !target(call).object->marker;
  return read ? static_cast<std::int64_t>(target(call).object->size) : -1;
}

void record_source(S3& s3, const Call& call, const wire::Head& sent, const Outcome& outcome) {
  const BucketPtr& bucket = target(call).source_bucket;
  if (bucket == nullptr || bucket->logging == nullptr) return;
  const auto source = read_copy_source(call.in[m::CopySource].text());
  if (!source) return;
  Requested what{logged_operation(call, sent) + "_GET", source->key, source->version, -1};
  if (const ObjectPtr& object = target(call).source)
    what.object_size = static_cast<std::int64_t>(object->size);
  s3.access_log().add(bucket, call.now(),
                      log_line(call, sent, canonical_id(s3, bucket->account), *bucket, what, outcome));
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html#server-log-keyname-format
std::string key_of(const Logging& logging, const Bucket& source, Time first, Time now, Random& random) {
  const std::string name = fmt::format("{:%Y-%m-%d-%H-%M-%S}-{}",
                                       std::chrono::floor<std::chrono::seconds>(now), random.hex(kUnique));
  if (logging.keys == Logging::Keys::plain) return logging.prefix + name;
  const bool by_event = logging.keys == Logging::Keys::partitioned_by_event;
  const auto day = std::chrono::floor<std::chrono::seconds>(by_event ? first : now);
  // The hours of an event are not told: a file may hold those of a whole day.
  const std::string file = by_event ? fmt::format("{:%Y-%m-%d}-00-00-00-{}", day, random.hex(kUnique)) : name;
  return fmt::format("{}{}/{}/{}/{:%Y/%m/%d}/{}", logging.prefix, source.account, source.region, source.name,
                     day, file);
}

account::Caller deliverer(const Bucket& source) {
  account::Caller caller;
  caller.type = policy::PrincipalType::service;
  caller.arn = kDeliverer;
  caller.keys = {{"aws:SourceArn", {"arn:aws:s3:::" + source.name}}, {"aws:SourceAccount", {source.account}}};
  return caller;
}

// PutObject as any caller's, decided by the bucket's policy.
Result<void> put(S3& s3, Call& call, const Requirements& requirements, std::string_view data) {
  const Bucket& bucket = bucket_of(call);
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
  if (bucket.object_lock) return fail("InvalidRequest", "the target bucket has Object Lock");
  if (bucket.encryption && bucket.encryption->algorithm != "AES256")
    return fail("InvalidRequest", "the target bucket encrypts with KMS by default");
  for (const auto& one : requirements) CHECK_OK(require(s3, call, one));
  CHECK_OK(call.upload->append(data));
  CHECK_OK(put_object(s3, call));
  return {};
}

// Whoever the configuration grants the logs to, if the bucket still takes such a list: else its owner alone
// reads them.
Result<void> grant(S3& s3, const Call& call, const Logging& logging) {
  const Bucket& bucket = bucket_of(call);
  const std::string_view key = call.in[m::Key].text();
  Grants grants = target_grants(s3, bucket, logging);
  const std::string owner = canonical_id(s3, bucket.account);
  const auto allowed =
      check_list(call, bucket, "s3:PutObject", object_arn(bucket.name, key), grants, {owner, owner});
  if (!allowed) {
    log::warning("access logs are delivered without their target grants",
                 {{"target", bucket.name}, {"why", allowed.error().message}});
    return {};
  }
  TRY(const auto object, s3.index().current(bucket, key));
  if (object == nullptr) return {};
  return s3.index().annotate(bucket, key, *object, [&](Object& next) {
    next.acl = std::make_shared<const Grants>(std::move(grants));
  });
}

// What is delivered is itself a request on the target, and in its log if it has one.
Result<void> deliver(S3& s3, const AccessLog::Batch& batch) {
  const Bucket& source = *batch.source;
  const Logging& logging = *source.logging;
  wire::Head head;
  head.method = "PUT";
  head.content_length = batch.lines.size();
  Upload upload(s3.blobs());
  Call call;
  call.head = &head;
  call.model = wire::find_service("s3");
  call.operation = call.model->find("PutObject");
  call.in = wire::structure({{m::Bucket, logging.target},
                             {m::Key, key_of(logging, source, batch.first, s3.clock().now(), s3.random())},
                             {m::ContentType, "text/plain"}});
  call.caller = deliverer(source);
  call.region = source.region;
  call.request_id = s3.random().uuid();
  call.circumstances.now = s3.clock().now();
  call.circumstances.region = source.region;
  call.circumstances.secure_transport = true;
  call.upload = &upload;
  TRY(const auto requirements, needs_put_object(s3, call));
  // Another's bucket may have the name by now; its own log does not hear of this either.
  CHECK_OK(check_owner_and_region(source, bucket_of(call)));
  auto outcome = put(s3, call, requirements, batch.lines);
  if (outcome && !logging.grants.empty()) outcome = grant(s3, call, logging);
  const Error* error = outcome ? nullptr : &outcome.error();
  record_access(s3, call, head, {error == nullptr ? 200 : error->status, error, 0, {}});
  return outcome;
}

}  // namespace

// Of addresses nothing is known here.
Grants target_grants(const S3& s3, const Bucket& target, const Logging& logging) {
  Grants grants{{canonical_id(s3, target.account), Permission::full_control}};
  for (const TargetGrant& g : logging.grants) {
    const auto permission = permission_from(g.permission);
    if (permission && g.type != "AmazonCustomerByEmail") grants.push_back({g.grantee, *permission});
  }
  return grants;
}

BucketPtr bucket_asked(S3& s3, const Call& call) {
  if (call.pinned != nullptr && target(call).bucket != nullptr) return target(call).bucket;
  return s3.buckets().find(call.in[m::Bucket].text());
}

void record_access(S3& s3, const Call& call, const wire::Head& sent, const Outcome& outcome) {
  // Most calls end here, at the price of a look.
  if (call.pinned != nullptr && is_unlogged(target(call))) return;
  if (const BucketPtr bucket = bucket_asked(s3, call); bucket != nullptr && bucket->logging != nullptr) {
    const Requested what{logged_operation(call, sent), std::string(call.in[m::Key].text()),
                         std::string(call.in[m::VersionId].text()), object_size(call)};
    s3.access_log().add(bucket, call.now(),
                        log_line(call, sent, canonical_id(s3, bucket->account), *bucket, what, outcome));
  }
  if (call.pinned != nullptr) record_source(s3, call, sent, outcome);
}

void record_deletion(S3& s3, const Call& call, std::string_view key, std::string_view version,
                     const Error* error) {
  const BucketPtr& bucket = target(call).bucket;
  if (bucket->logging == nullptr) return;
  const Requested what{"BATCH.DELETE.OBJECT", std::string(key), std::string(version), -1};
  const Outcome outcome{error == nullptr ? 204 : error->status, error, 0, {}};
  s3.access_log().add(bucket, call.now(),
                      log_line(call, *call.head, canonical_id(s3, bucket->account), *bucket, what, outcome));
}

Result<size_t> deliver_logs(S3& s3, AccessLog::Due due) {
  size_t delivered = 0;
  for (const AccessLog::Batch& batch : s3.access_log().take(due, s3.clock().now())) {
    const auto done = deliver(s3, batch);
    if (done) {
      ++delivered;
      continue;
    }
    log::warning("access logs could not be delivered", {{"bucket", batch.source->name},
                                                        {"target", batch.source->logging->target},
                                                        {"why", done.error().message}});
  }
  return delivered;
}

}  // namespace gatehouse::service::s3
