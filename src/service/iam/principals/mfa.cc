// Virtual MFA devices: a seed, and the user it is enabled for.
#include "base/encoding.h"
#include "identity/token/totp.h"
#include "service/iam/principals/principals.h"
#include "service/iam/render.h"

namespace gatehouse::service::iam {
namespace {

constexpr int kSlackSteps = 10;  // how far a device's clock may be off
constexpr size_t kDevicesPerUser = 8;
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

std::string base32(std::string_view bytes) {
  std::string out;
  unsigned buffer = 0;
  int bits = 0;
  for (const char c : bytes) {
    buffer = (buffer << 8) | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5; bits -= 5) out += kAlphabet[(buffer >> (bits - 5)) & 31U];
  }
  if (bits > 0) out += kAlphabet[(buffer << (5 - bits)) & 31U];
  return out;
}

// Two codes that follow one another prove the seed.
Result<void> check_codes(const account::MfaDevice& device, const Call& call) {
  const std::string seed = unhex(device.seed).value_or("");
  const std::int64_t now = identity::totp_step(call.now());
  for (std::int64_t step = now - kSlackSteps; step <= now + kSlackSteps; ++step) {
    if (identity::totp_code(seed, step) == call.in[m::AuthenticationCode1].text() &&
        identity::totp_code(seed, step + 1) == call.in[m::AuthenticationCode2].text())
      return {};
  }
  return fail("InvalidAuthenticationCode", "Authentication code for device is not valid", 403);
}

// The device that SerialNumber names. The rows of these operations are about the user.
Result<account::MfaDevice> device_in(const Iam& iam, const Call& call) {
  const std::string_view serial = call.in[m::SerialNumber].text();
  const auto device = find<account::MfaDevice>(iam, call.account, serial);
  if (device == nullptr) return error::no_such_entity(About<account::MfaDevice>::missing(serial));
  return *device;
}

Result<account::MfaDevice> device_of(const Iam& iam, const Call& call, const account::User& user) {
  TRY(account::MfaDevice device, device_in(iam, call));
  if (device.user != user.id)
    return error::no_such_entity(
        fmt::format("MFA Device {} is not enabled for user {}.", device.arn, user.name));
  return device;
}

wire::Value device_value(const account::MfaDevice& device, std::string_view user) {
  return wire::structure(
      {{m::UserName, user}, {m::SerialNumber, device.arn}, {m::EnableDate, device.enabled}});
}

}  // namespace

std::vector<std::shared_ptr<const account::MfaDevice>> mfa_devices_of(const Iam& iam,
                                                                      const account::User& user) {
  auto devices = iam.directory.list<account::MfaDevice>(user.account);
  std::erase_if(devices, [&](const auto& device) { return device->user != user.id; });
  return devices;
}

Result<wire::Value> create_virtual_mfa_device(Iam& iam, Call& call) {
  account::MfaDevice device;
  device.account = call.account;
  device.name = call.in[m::VirtualMFADeviceName].text();
  const std::string path(call.in[m::Path].text_or("/"));
  CHECK_OK(check_name("virtualMFADeviceName", device.name, 226));
  CHECK_OK(check_path(path));
  device.arn = fmt::format("arn:aws:iam::{}:mfa{}{}", call.account, path, device.name);
  const std::string seed = iam.random.bytes(40);
  device.seed = hex(seed);
  TRY(device.tags, check_tags(call.in[m::Tags]));
  TRY(const auto made,
      create(iam, std::move(device), "MFADevice entity at the same path and name already exists."));
  return wire::structure(
      {{m::VirtualMFADevice, wire::structure({{m::SerialNumber, made->arn},
                                              {m::Base32StringSeed, wire::Bytes{base32(seed)}},
                                              {m::Tags, tags_or_nothing(made->tags)}})}});
}

Result<wire::Value> delete_virtual_mfa_device(Iam& iam, Call& call) {
  TRY(const account::MfaDevice device, pinned<account::MfaDevice>(call));
  if (iam.directory.by_id<account::User>(device.user) != nullptr) {
    return error::delete_conflict("MFA VirtualDevice in use. Must deactivate first.");
  }
  CHECK_OK(or_concurrent(iam.directory.remove(device)));
  return wire::Value();
}

Result<wire::Value> enable_mfa_device(Iam& iam, Call& call) {
  TRY(const account::User user, pinned<account::User>(call));
  TRY(account::MfaDevice device, device_in(iam, call));
  if (iam.directory.by_id<account::User>(device.user) != nullptr)
    return error::already_exists("MFA Device is already in use.");
  if (mfa_devices_of(iam, user).size() >= kDevicesPerUser)
    return error::limit_exceeded(
        fmt::format("Cannot exceed quota for MFADevicesPerUser: {}", kDevicesPerUser));
  CHECK_OK(check_codes(device, call));
  device.user = user.id;
  device.enabled = call.now();
  return save(iam, std::move(device));
}

Result<wire::Value> deactivate_mfa_device(Iam& iam, Call& call) {
  TRY(const account::User user, pinned<account::User>(call));
  TRY(account::MfaDevice device, device_of(iam, call, user));
  device.user.clear();
  return save(iam, std::move(device));
}

Result<wire::Value> resync_mfa_device(Iam& iam, Call& call) {
  TRY(const account::User user, pinned<account::User>(call));
  TRY(const account::MfaDevice device, device_of(iam, call, user));
  CHECK_OK(check_codes(device, call));
  return wire::Value();
}

Result<wire::Value> list_mfa_devices(Iam& iam, Call& call) {
  if (!call.in[m::UserName] && call.caller.type != policy::PrincipalType::user) {
    return wire::structure({{m::MFADevices, wire::Value::List()}, {m::IsTruncated, false}});
  }
  TRY(const account::User user, pinned<account::User>(call));
  return page(call, mfa_devices_of(iam, user), m::MFADevices,
              [&](const auto& device) { return device_value(*device, user.name); });
}

Result<wire::Value> list_virtual_mfa_devices(Iam& iam, Call& call) {
  auto devices = iam.directory.list<account::MfaDevice>(call.account);
  const std::string_view status = call.in[m::AssignmentStatus].text_or("Any");
  if (status != "Any" && status != "Assigned" && status != "Unassigned")
    return error::not_one_of(status, "assignmentStatus", "Assigned, Any, Unassigned");
  std::erase_if(devices, [&](const auto& device) {
    const bool used = iam.directory.by_id<account::User>(device->user) != nullptr;
    return (status == "Assigned" && !used) || (status == "Unassigned" && used);
  });
  return page(call, devices, m::VirtualMFADevices, [&](const auto& device) {
    wire::Value out = wire::structure({{m::SerialNumber, device->arn}});
    if (const auto user = iam.directory.by_id<account::User>(device->user))
      out.set(m::User, user_value(*user)).set(m::EnableDate, device->enabled);
    return out;
  });
}

Result<wire::Value> get_mfa_device(Iam& iam, Call& call) {
  TRY(const account::MfaDevice device, pinned<account::MfaDevice>(call));
  const auto user = iam.directory.by_id<account::User>(device.user);
  if (user == nullptr) return error::no_such_entity(About<account::MfaDevice>::missing(device.arn));
  return device_value(device, user->name);
}

}  // namespace gatehouse::service::iam
