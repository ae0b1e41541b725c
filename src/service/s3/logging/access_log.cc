#include "service/s3/logging/access_log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/log.h"
#include "base/time.h"
#include "wire/request_id.h"

namespace gatehouse::service::s3 {
namespace {

constexpr std::chrono::seconds kWait{60};
constexpr size_t kLarge = 4 << 20;   // delivered without waiting
constexpr size_t kMost = 256 << 20;  // beyond this a bucket's records are dropped

struct Named {
  std::string_view operation, type;
};
// Whose type is not just OBJECT or BUCKET. "COPY" stands for the method too.
constexpr std::array kTypes = std::to_array<Named>({
    {"AbortMultipartUpload", "DELETE.UPLOAD"},
    {"CompleteMultipartUpload", "POST.UPLOAD"},
    {"CopyObject", "COPY.OBJECT"},
    {"CreateMultipartUpload", "POST.UPLOADS"},
    {"DeleteBucketCors", "DELETE.CORS"},
    {"DeleteBucketEncryption", "DELETE.ENCRYPTION"},
    {"DeleteBucketLifecycle", "DELETE.LIFECYCLE"},
    {"DeleteBucketOwnershipControls", "DELETE.OWNERSHIP_CONTROLS"},
    {"DeleteBucketPolicy", "DELETE.BUCKETPOLICY"},
    {"DeleteBucketTagging", "DELETE.TAGGING"},
    {"DeleteObjectTagging", "DELETE.OBJECT_TAGGING"},
    {"DeleteObjects", "POST.MULTI_OBJECT_DELETE"},
    {"DeletePublicAccessBlock", "DELETE.PUBLIC_ACCESS_BLOCK"},
    {"GetBucketAccelerateConfiguration", "GET.ACCELERATE"},
    {"GetBucketAcl", "GET.ACL"},
    {"GetBucketCors", "GET.CORS"},
    {"GetBucketEncryption", "GET.ENCRYPTION"},
    {"GetBucketLifecycleConfiguration", "GET.LIFECYCLE"},
    {"GetBucketLocation", "GET.LOCATION"},
    {"GetBucketLogging", "GET.LOGGING_STATUS"},
    {"GetBucketNotificationConfiguration", "GET.NOTIFICATION"},
    {"GetBucketOwnershipControls", "GET.OWNERSHIP_CONTROLS"},
    {"GetBucketPolicy", "GET.BUCKETPOLICY"},
    {"GetBucketPolicyStatus", "GET.POLICY_STATUS"},
    {"GetBucketReplication", "GET.REPLICATION"},
    {"GetBucketRequestPayment", "GET.REQUEST_PAYMENT"},
    {"GetBucketTagging", "GET.TAGGING"},
    {"GetBucketVersioning", "GET.VERSIONING"},
    {"GetBucketWebsite", "GET.WEBSITE"},
    {"GetObjectAcl", "GET.ACL"},
    {"GetObjectAttributes", "GET.OBJECT_ATTRIBUTES"},
    {"GetObjectLegalHold", "GET.LEGAL_HOLD"},
    {"GetObjectLockConfiguration", "GET.OBJECT_LOCK_CONFIGURATION"},
    {"GetObjectRetention", "GET.RETENTION"},
    {"GetObjectTagging", "GET.OBJECT_TAGGING"},
    {"GetPublicAccessBlock", "GET.PUBLIC_ACCESS_BLOCK"},
    {"ListBucketAnalyticsConfigurations", "GET.ANALYTICS"},
    {"ListBucketIntelligentTieringConfigurations", "GET.INTELLIGENT_TIERING"},
    {"ListBucketInventoryConfigurations", "GET.INVENTORY"},
    {"ListBucketMetricsConfigurations", "GET.METRICS"},
    {"ListMultipartUploads", "GET.UPLOADS"},
    {"ListObjectVersions", "GET.BUCKETVERSIONS"},
    {"ListParts", "GET.UPLOAD"},
    {"PutBucketAcl", "PUT.ACL"},
    {"PutBucketCors", "PUT.CORS"},
    {"PutBucketEncryption", "PUT.ENCRYPTION"},
    {"PutBucketLifecycleConfiguration", "PUT.LIFECYCLE"},
    {"PutBucketLogging", "PUT.LOGGING_STATUS"},
    {"PutBucketOwnershipControls", "PUT.OWNERSHIP_CONTROLS"},
    {"PutBucketPolicy", "PUT.BUCKETPOLICY"},
    {"PutBucketTagging", "PUT.TAGGING"},
    {"PutBucketVersioning", "PUT.VERSIONING"},
    {"PutObjectAcl", "PUT.ACL"},
    {"PutObjectLegalHold", "PUT.LEGAL_HOLD"},
    {"PutObjectLockConfiguration", "PUT.OBJECT_LOCK_CONFIGURATION"},
    {"PutObjectRetention", "PUT.RETENTION"},
    {"PutObjectTagging", "PUT.OBJECT_TAGGING"},
    {"PutPublicAccessBlock", "PUT.PUBLIC_ACCESS_BLOCK"},
    {"UploadPart", "PUT.PART"},
    {"UploadPartCopy", "COPY.PART"},
});

// What somebody else wrote, so that it can end neither its field nor its record, and is one word to any
// reader: printable ASCII but for `special` stays, the rest is percent-encoded.
std::string encoded(std::string_view text, std::string_view special) {
  if (text.empty()) return "-";
  std::string out;
  for (const char c : text) {
    const bool stays = c >= 0x20 && c < 0x7f && special.find(c) == std::string_view::npos;
    out += stays ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string quoted(std::string_view text) { return '"' + encoded(text, "\"") + '"'; }
std::string word(std::string_view text) { return encoded(text, " \"[]%"); }

// The account's canonical id for its root, a name for everybody else.
std::string requester(const account::Caller& caller) {
  if (caller.anonymous()) return "-";
  if (caller.type == policy::PrincipalType::service) return "svc:" + caller.arn;
  return caller.type == policy::PrincipalType::root ? caller.canonical_id : caller.arn;
}

std::string_view authentication(const Call& call, const wire::Head& sent) {
  if (call.caller.anonymous()) return "-";
  if (&sent != call.head) return "HtmlForm";
  return sent.headers.find("authorization") != nullptr ? "AuthHeader" : "QueryString";
}

}  // namespace

void AccessLog::add(const BucketPtr& source, Time now, std::string_view line) {
  if (source->logging == nullptr) return;
  const bool by_day = source->logging->keys == Logging::Keys::partitioned_by_event;
  const auto day = by_day ? std::chrono::floor<std::chrono::days>(now).time_since_epoch().count() : 0;
  const std::lock_guard lock(mutex_);
  Batch& batch = waiting_[{source->name, source->logging, day}];
  if (batch.source == nullptr) {
    batch.source = source;
    batch.first = now;
  }
  if (batch.lines.size() < kMost) batch.lines += line;
}

std::vector<AccessLog::Batch> AccessLog::take(Due due, Time now) {
  std::vector<Batch> out;
  const std::lock_guard lock(mutex_);
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    const Batch& batch = it->second;
    if (due == Due::all || batch.first + kWait <= now || batch.lines.size() >= kLarge) {
      out.push_back(std::move(it->second));
      it = waiting_.erase(it);
    } else {
      ++it;
    }
  }
  return out;
}

std::string logged_operation(const Call& call, const wire::Head& sent) {
  if (&sent != call.head) return "REST.POST.OBJECT";
  if (call.operation == nullptr) return fmt::format("REST.{}.PREFLIGHT", call.head->method);
  const std::string_view name = call.operation->name;
  const auto* const it = std::ranges::find(kTypes, name, &Named::operation);
  if (it != kTypes.end()) return fmt::format("REST.{}", it->type);
  const bool of_object = name.find("Object") != std::string_view::npos && !name.starts_with("ListObjects");
  return fmt::format("REST.{}.{}", call.operation->method, of_object ? "OBJECT" : "BUCKET");
}

std::string log_line(const Call& call, const wire::Head& sent, std::string_view owner, const Bucket& bucket,
                     const Requested& what, const Outcome& outcome) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(call.now());
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(outcome.took).count();
  std::string out =
      fmt::format("{} {} [{:%d/%b/%Y:%H:%M:%S} +0000] {} {} {} {} {}", word(owner), bucket.name, seconds,
                  word(call.circumstances.source_ip), word(requester(call.caller)), call.request_id,
                  word(what.operation), what.key.empty() ? "-" : percent_encode(what.key, true));
  const auto number = [&](std::int64_t n) { return n > 0 ? std::to_string(n) : std::string("-"); };
  out +=
      fmt::format(" {} {} {} {} {} {} {}",
                  sent.target.empty() ? std::string("-")
                                      : quoted(fmt::format("{} {} HTTP/1.1", sent.method, sent.target)),
                  outcome.status, outcome.error != nullptr ? outcome.error->code : "-",
                  number(static_cast<std::int64_t>(outcome.bytes)),
                  what.object_size >= 0 ? std::to_string(what.object_size) : "-", milliseconds, milliseconds);
  const std::string_view how = authentication(call, sent);
  out +=
      fmt::format(" {} {} {} {} {} {} {} {} {} - -\n", quoted(sent.headers.get("referer")),
                  quoted(sent.headers.get("user-agent")), word(what.version), wire::host_id(call.request_id),
                  how == "-" ? "-" : "SigV4", "-", how, word(sent.headers.get("host")),
                  sent.tls_version.empty() ? "-" : fmt::format("TLSv{}", sent.tls_version));
  return out;
}

}  // namespace gatehouse::service::s3
