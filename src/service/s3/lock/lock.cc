#include "service/s3/lock/lock.h"

#include <fmt/format.h>

#include "base/time.h"
#include "service/s3/conditions.h"
#include "service/s3/errors.h"
#include "service/s3/object/checksum.h"
#include "service/s3/requirements.h"

namespace gatehouse::service::s3 {
namespace {

constexpr std::string_view kModeHeader = "x-amz-object-lock-mode";
constexpr std::string_view kUntilHeader = "x-amz-object-lock-retain-until-date";
constexpr std::string_view kHoldHeader = "x-amz-object-lock-legal-hold";
constexpr std::string_view kBypassHeader = "x-amz-bypass-governance-retention";
constexpr int kDaysOfYear = 365;

// The headers alone, before the bucket is looked at, as S3 does.
Result<Lock> lock_of_headers(const Call& call) {
  const std::string_view mode = call.in[m::ObjectLockMode].text();
  const auto& until = call.in[m::ObjectLockRetainUntilDate];
  if (mode.empty() != until.is_null()) {
    return fail(error::invalid_argument(
        "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
        mode.empty() ? kModeHeader : kUntilHeader, ""));
  }
  if (!mode.empty() && mode != "GOVERNANCE" && mode != "COMPLIANCE")
    return fail(error::invalid_argument("Unknown wormMode directive.", kModeHeader, mode));
  if (until && until.time() <= call.now()) {
    return fail(error::invalid_argument("The retain until date must be in the future!", kUntilHeader,
                                        iso8601(until.time())));
  }
  const std::string_view hold = call.in[m::ObjectLockLegalHoldStatus].text();
  if (!hold.empty() && hold != "ON" && hold != "OFF")
    return fail(error::invalid_argument("Legal Hold must be either of 'ON' or 'OFF'", kHoldHeader, hold));
  return Lock{std::string(mode), until.time(), std::string(hold)};
}

}  // namespace

Result<Lock> lock_for_write(const S3& s3, const Call& call, const Bucket& bucket) {
  TRY(auto lock, lock_of_headers(call));
  if (lock && call.caller.anonymous()) {
    return fail(error::invalid_argument(
        "Put Object requests with Object Lock parameters require AWS Signature Version 4", "Authorization",
        ""));
  }
  if (lock && !bucket.object_lock)
    return fail(error::invalid_request("Bucket is missing Object Lock Configuration"));
  give_default(bucket, s3.clock().now(), lock);
  return lock;
}

void give_default(const Bucket& bucket, Time now, Lock& lock) {
  if (!bucket.object_lock || bucket.object_lock->mode.empty() || !lock.mode.empty()) return;
  const ObjectLock& by_default = *bucket.object_lock;
  lock.mode = by_default.mode;
  lock.until = now + std::chrono::days(by_default.days + kDaysOfYear * by_default.years);
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html, Content-MD5. The payload's hash that
// the signature holds does not count.
Result<void> check_integrity_sent(const Call& call, const Lock& lock, std::string_view what) {
  if (!lock) return {};
  const wire::Headers& headers = call.head->headers;
  bool sent = headers.find("content-md5") != nullptr;
  for (const Algorithm& a : algorithms())
    sent = sent || headers.find(a.header) != nullptr || headers.get("x-amz-trailer") == a.header;
  if (sent) return {};
  return fail(error::invalid_request(
      fmt::format("Content-MD5 OR x-amz-checksum- HTTP header is required for {} requests with Object Lock "
                  "parameters",
                  what)));
}

Result<bool> asked_to_bypass(const Call& call, const Bucket& bucket) {
  const auto& sent = call.in[m::BypassGovernanceRetention];
  if (sent && !bucket.object_lock) {
    return fail(error::invalid_argument(
        "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.", kBypassHeader,
        sent.boolean() ? "true" : "false"));
  }
  return sent.boolean();
}

// The console sends the header always; only who meets a lock needs the action.
bool need_bypass(const Call& call, const Bucket& bucket, std::string_view key, const Object& object,
                 Requirements& requirements) {
  if (!call.in[m::BypassGovernanceRetention].boolean()) return false;
  if (object.marker || object.lock.mode != "GOVERNANCE" || !object.lock.retains(call.now())) return false;
  auto r = object_requirement(call, bucket, key, "s3:BypassGovernanceRetention");
  add_existing_tags(object.tags, r);
  requirements.push_back(std::move(r));
  return true;
}

Condition removable(Time now, bool bypass) {
  return [now, bypass](const Object* version) -> Result<void> {
    if (version == nullptr || !version->lock.holds(now)) return {};
    const bool only_governed = version->lock.hold != "ON" && version->lock.mode == "GOVERNANCE";
    if (bypass && only_governed) return {};
    return fail(error::object_locked());
  };
}

void add_remaining_days(const Call& call, Time until, account::Requirement& requirement) {
  const auto left = std::chrono::ceil<std::chrono::days>(until - call.now());
  requirement.key("s3:object-lock-remaining-retention-days", std::to_string(left.count()));
}

Result<Requirements> needs_put_retention(S3& s3, Call& call) {
  TRY(auto all, needs_version(s3, call));
  const wire::Value& sent = call.in[m::Retention];
  account::Requirement& r = all.front();
  if (const auto& mode = sent[m::Mode]) r.key("s3:object-lock-mode", std::string(mode.text()));
  if (const auto& until = sent[m::RetainUntilDate]) {
    r.key("s3:object-lock-retain-until-date", iso8601(until.time()));
    add_remaining_days(call, until.time(), r);
  }
  const Target& t = target(call);
  if (t.object) need_bypass(call, *t.bucket, call.in[m::Key].text(), *t.object, all);
  return all;
}

Result<Requirements> needs_put_legal_hold(S3& s3, Call& call) {
  TRY(auto all, needs_version(s3, call));
  if (const auto& status = call.in[m::LegalHold][m::Status])
    all.front().key("s3:object-lock-legal-hold", std::string(status.text()));
  return all;
}

void set_lock(wire::Value& out, const S3& s3, Call& call, const Object& object) {
  if (!object.lock) return;
  const auto may = [&](std::string_view action) {
    const auto r = object_requirement(call, bucket_of(call), call.in[m::Key].text(), action);
    return require(s3, call, r).has_value();
  };
  if (!object.lock.mode.empty() && may("s3:GetObjectRetention")) {
    out.set(m::ObjectLockMode, object.lock.mode);
    out.set(m::ObjectLockRetainUntilDate, object.lock.until);
  }
  if (!object.lock.hold.empty() && may("s3:GetObjectLegalHold"))
    out.set(m::ObjectLockLegalHoldStatus, object.lock.hold);
}

}  // namespace gatehouse::service::s3
