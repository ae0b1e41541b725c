// Key policies.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
#include <fmt/format.h>

#include "account/directory/principals.h"
#include "service/kms/kms.h"

namespace gatehouse::service::kms {
namespace {

constexpr std::string_view kDefault = "default";
constexpr size_t kLargestPolicy = 32 * 1024;

Result<void> check_name(const wire::Value& in) {
  const std::string_view name = in[m::PolicyName].text_or(kDefault);
  if (name == kDefault) return {};
  return fail("NotFoundException", "No such policy exists");
}

// A policy that its writer could not change again is refused, unless the call says so.
Result<void> check_lockout(const Kms& kms, const Call& call, const account::PolicyText& policy) {
  if (call.in[m::BypassPolicyLockoutSafetyCheck].boolean()) return {};
  Key would_be;
  would_be.account = call.account;
  would_be.region = call.region;
  would_be.id = call.pinned ? key_of(call).id : "00000000-0000-0000-0000-000000000000";
  if (call.pinned) would_be.tags = key_of(call).tags;
  would_be.effective = policy.compiled;
  const auto verdict =
      kms.gate().check(call.caller, call.circumstances,
                       requirement(kms, call.caller.account, would_be, "kms:PutKeyPolicy"), {});
  if (verdict.decision.allowed()) return {};
  return fail(error::malformed_policy(
      "The new key policy will not allow you to update the key policy in the future."));
}

}  // namespace

Result<account::PolicyText> checked_policy(const Kms& kms, const Call& call, std::string_view text) {
  if (text.size() > kLargestPolicy)
    return fail("LimitExceededException", "The key policy is larger than 32768 bytes.");
  auto policy = policy::compile(text, policy::Kind::key);
  if (!policy) return fail(error::malformed_policy(policy.error().message));
  auto kept = account::with_unique_ids(kms.directory(), text);
  if (!kept) {
    return fail(error::malformed_policy("Policy contains a statement with one or more invalid principals."));
  }
  policy = policy::compile(*kept, policy::Kind::key);
  if (!policy) return fail(error::malformed_policy(policy.error().message));
  account::PolicyText out{std::move(*kept), std::move(*policy)};
  CHECK_OK(check_lockout(kms, call, out));
  return out;
}

Result<wire::Value> get_key_policy(Kms& kms, Call& call) {
  CHECK_OK(check_name(call.in));
  return wire::structure({{m::Policy, account::with_arns(kms.directory(), key_of(call).policy.text)},
                          {m::PolicyName, kDefault}});
}

Result<wire::Value> put_key_policy(Kms& kms, Call& call) {
  CHECK_OK(check_name(call.in));
  const Key& key = key_of(call);
  if (key.state == State::pending_deletion) CHECK_OK(usable(key));
  TRY(auto policy, checked_policy(kms, call, call.in[m::Policy].text()));
  CHECK_OK(kms.update(key, [&](Key& next) { next.policy = std::move(policy); }));
  return wire::Value();
}

Result<wire::Value> list_key_policies(Kms&, Call&) {
  return wire::structure({{m::PolicyNames, wire::Value::List{kDefault}}, {m::Truncated, false}});
}

}  // namespace gatehouse::service::kms
