#include "base/encoding.h"
#include "identity/token/totp.h"
#include "service/sts/sts.h"

namespace gatehouse::service::sts {
namespace {

constexpr int kSlackSteps = 1;  // how far a device's clock may be off

std::unexpected<Error> denied(std::string message) { return fail("AccessDenied", std::move(message), 403); }

// As users have met them (aws-cli#6325, aws-cli#2279).
std::unexpected<Error> wrong_code() {
  return denied("MultiFactorAuthentication failed with invalid MFA one time pass code. ");
}

}  // namespace

Result<std::optional<account::MfaDevice>> proven_device(const Sts& sts, const Call& call) {
  const std::string_view serial = call.in[m::SerialNumber].text();
  const std::string_view code = call.in[m::TokenCode].text();
  if (serial.empty() && code.empty()) return std::nullopt;
  if (serial.empty() || code.empty()) {
    return denied(
        "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.");
  }
  // The mark is a write.
  if (call.reach == store::Reach::memory) return fail(std::string(store::kNotInMemory), "", 503);
  const auto found = sts.directory.find<account::MfaDevice>(
      account::named_key(call.caller.account, serial.substr(serial.rfind('/') + 1)));
  const bool own = found != nullptr && found->arn == serial && found->user == call.caller.unique_id &&
                   call.caller.type == policy::PrincipalType::user;
  if (!own) {
    return denied(
        "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial "
        "number is valid and associated with this user.");
  }
  account::MfaDevice device = *found;
  const std::string seed = unhex(device.seed).value_or("");
  const std::int64_t now = identity::totp_step(call.now());
  for (std::int64_t step = now - kSlackSteps; step <= now + kSlackSteps; ++step) {
    if (step > device.used && identity::totp_code(seed, step) == code) {
      device.used = static_cast<int>(step);
      return device;
    }
  }
  return wrong_code();
}

Result<void> spend_code(Sts& sts, account::MfaDevice device) {
  const auto kept = sts.directory.put(std::move(device));
  if (!kept && kept.error().code == store::kConflict) return wrong_code();
  if (!kept) return std::unexpected(kept.error());
  return {};
}

}  // namespace gatehouse::service::sts
