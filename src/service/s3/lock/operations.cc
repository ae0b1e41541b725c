#include "service/s3/errors.h"
#include "service/s3/lock/lock.h"
#include "service/s3/object/checksum.h"
#include "service/s3/object/objects.h"
#include "service/s3/requirements.h"

namespace gatehouse::service::s3 {
namespace {

constexpr std::int64_t kMostDays = 36'500;
constexpr std::int64_t kMostYears = 100;

bool is_mode(std::string_view text) { return text == "GOVERNANCE" || text == "COMPLIANCE"; }

Result<int> read_period(const wire::Value& sent, std::string_view name, std::int64_t most) {
  if (!sent) return 0;
  const std::int64_t period = sent.number();
  const auto refuse = [&](std::string_view why) {
    return fail(error::invalid_argument(why, name, std::to_string(period)));
  };
  if (period < 1) return refuse("Default retention period must be a positive integer value.");
  if (period > most) return refuse("Default retention period too large.");
  return static_cast<int>(period);
}

Result<ObjectLock> read_configuration(const wire::Value& sent) {
  if (sent[m::ObjectLockEnabled].text() != "Enabled") return fail(error::malformed_xml());
  ObjectLock out;
  if (!sent[m::Rule]) return out;
  const wire::Value& retention = sent[m::Rule][m::DefaultRetention];
  out.mode = retention[m::Mode].text();
  const bool one_period = retention[m::Days].is_null() != retention[m::Years].is_null();
  if (!is_mode(out.mode) || !one_period) return fail(error::malformed_xml());
  TRY(out.days, read_period(retention[m::Days], "Days", kMostDays));
  TRY(out.years, read_period(retention[m::Years], "Years", kMostYears));
  return out;
}

// What a request makes of a version's retention: an empty one takes it away.
Result<Lock> read_retention(const Call& call) {
  const wire::Value& sent = call.in[m::Retention];
  const std::string_view mode = sent[m::Mode].text();
  const auto& until = sent[m::RetainUntilDate];
  if (mode.empty() != until.is_null()) return fail(error::malformed_xml());
  if (mode.empty()) return Lock{};
  if (!is_mode(mode)) return fail(error::malformed_xml());
  if (until.time() <= call.now()) {
    return fail(
        error::invalid_argument("The retain until date must be in the future!", "RetainUntilDate", ""));
  }
  return Lock{std::string(mode), until.time(), ""};
}

// Longer in the same mode is anybody's who may set it; anything else loosens the lock.
bool loosens(const Lock& now, const Lock& next, Time at) {
  if (!now.retains(at)) return false;
  return next.mode != now.mode || next.until < now.until;
}

Result<void> check_bucket(const Call& call) {
  if (bucket_of(call).object_lock) return {};
  return fail(error::invalid_request("Bucket is missing Object Lock Configuration"));
}

Result<wire::Value> change(S3& s3, Call& call, const Object& object, const std::function<void(Lock&)>& how) {
  const Bucket& bucket = bucket_of(call);
  const WriteGuard writing(bucket);
  if (!writing) return fail(error::operation_aborted());
  CHECK_OK(
      s3.index().annotate(bucket, call.in[m::Key].text(), object, [&](Object& next) { how(next.lock); }));
  return wire::Value();
}

}  // namespace

Result<wire::Value> put_object_lock_configuration(S3& s3, Call& call) {
  CHECK_OK(verify_body(*call.head, call.body));
  TRY(const auto lock, read_configuration(call.in[m::ObjectLockConfiguration]));
  if (bucket_of(call).versioning != Versioning::enabled) {
    return fail(error::invalid_bucket_state(
        "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration"));
  }
  CHECK_OK(s3.buckets().update(bucket_of(call), [&](Bucket& next) { next.object_lock = lock; }));
  return wire::Value();
}

Result<wire::Value> get_object_lock_configuration(S3&, Call& call) {
  const auto& lock = bucket_of(call).object_lock;
  if (!lock) {
    return fail(error::not_configured("ObjectLockConfigurationNotFoundError",
                                      "Object Lock configuration does not exist for this bucket",
                                      bucket_of(call).name));
  }
  wire::Value out = wire::structure({{m::ObjectLockEnabled, "Enabled"}});
  if (!lock->mode.empty()) {
    wire::Value retention = wire::structure({{m::Mode, lock->mode}});
    if (lock->days > 0) retention.set(m::Days, lock->days);
    if (lock->years > 0) retention.set(m::Years, lock->years);
    out.set(m::Rule, wire::structure({{m::DefaultRetention, std::move(retention)}}));
  }
  return wire::structure({{m::ObjectLockConfiguration, std::move(out)}});
}

Result<wire::Value> put_object_retention(S3& s3, Call& call) {
  CHECK_OK(verify_body(*call.head, call.body));
  CHECK_OK(check_bucket(call));
  TRY(const auto next, read_retention(call));
  TRY(const auto object, readable(s3, call, Marker::refuses));
  if (loosens(object->lock, next, call.now())) {
    const bool bypasses = call.in[m::BypassGovernanceRetention].boolean();
    if (object->lock.mode != "GOVERNANCE" || !bypasses) return fail(error::object_locked());
  }
  return change(s3, call, *object, [&](Lock& lock) {
    lock.mode = next.mode;
    lock.until = next.until;
  });
}

Result<wire::Value> get_object_retention(S3& s3, Call& call) {
  CHECK_OK(check_bucket(call));
  TRY(const auto object, readable(s3, call, Marker::refuses));
  if (object->lock.mode.empty()) return fail(error::no_such_lock());
  return wire::structure({{m::Retention, wire::structure({{m::Mode, object->lock.mode},
                                                          {m::RetainUntilDate, object->lock.until}})}});
}

Result<wire::Value> put_object_legal_hold(S3& s3, Call& call) {
  CHECK_OK(verify_body(*call.head, call.body));
  CHECK_OK(check_bucket(call));
  const std::string status(call.in[m::LegalHold][m::Status].text());
  if (status != "ON" && status != "OFF") return fail(error::malformed_xml());
  TRY(const auto object, readable(s3, call, Marker::refuses));
  return change(s3, call, *object, [&](Lock& lock) { lock.hold = status; });
}

Result<wire::Value> get_object_legal_hold(S3& s3, Call& call) {
  CHECK_OK(check_bucket(call));
  TRY(const auto object, readable(s3, call, Marker::refuses));
  if (object->lock.hold.empty()) return fail(error::no_such_lock());
  return wire::structure({{m::LegalHold, wire::structure({{m::Status, object->lock.hold}})}});
}

}  // namespace gatehouse::service::s3
