// Enabling, disabling and deleting keys.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
#include "service/kms/kms.h"

namespace gatehouse::service::kms {
namespace {

constexpr std::int64_t kShortestWindow = 7;
constexpr std::int64_t kLongestWindow = 30;

Result<wire::Value> change_state(Kms& kms, Call& call, State to) {
  const Key& key = key_of(call);
  if (key.state == State::pending_deletion) return fail(error::invalid_state(key.arn(), "pending deletion"));
  if (key.state != to) CHECK_OK(kms.update(key, [&](Key& next) { next.state = to; }));
  return wire::Value();
}

}  // namespace

Result<wire::Value> enable_key(Kms& kms, Call& call) { return change_state(kms, call, State::enabled); }

Result<wire::Value> disable_key(Kms& kms, Call& call) { return change_state(kms, call, State::disabled); }

Result<wire::Value> schedule_key_deletion(Kms& kms, Call& call) {
  const Key& key = key_of(call);
  const std::int64_t days = call.in[m::PendingWindowInDays].number(kLongestWindow);
  if (days < kShortestWindow || days > kLongestWindow) {
    return fail(
        error::validation("1 validation error detected: Value at 'pendingWindowInDays' failed to satisfy "
                          "constraint: Member must have value between 7 and 30"));
  }
  if (key.state == State::pending_deletion) return fail(error::invalid_state(key.arn(), "pending deletion"));
  TRY(const auto next, kms.update(key, [&](Key& k) {
    k.state = State::pending_deletion;
    k.deletion = kms.clock().now() + std::chrono::hours(24) * days;
  }));
  return wire::structure({{m::KeyId, next->arn()},
                          {m::DeletionDate, next->deletion},
                          {m::KeyState, "PendingDeletion"},
                          {m::PendingWindowInDays, days}});
}

Result<wire::Value> cancel_key_deletion(Kms& kms, Call& call) {
  const Key& key = key_of(call);
  if (key.state != State::pending_deletion)
    return fail(error::invalid_state(key.arn(), "not pending deletion"));
  CHECK_OK(kms.update(key, [](Key& next) {
    next.state = State::disabled;
    next.deletion = {};
  }));
  return wire::structure({{m::KeyId, key.arn()}});
}

}  // namespace gatehouse::service::kms
