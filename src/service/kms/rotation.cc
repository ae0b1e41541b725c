// Rotation of key material. https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
#include "base/cipher.h"
#include "service/kms/kms.h"

namespace gatehouse::service::kms {
namespace {

constexpr std::int64_t kShortestPeriod = 90;
constexpr std::int64_t kLongestPeriod = 2560;
constexpr std::int64_t kMostOnDemand = 25;

}  // namespace

Result<wire::Value> enable_key_rotation(Kms& kms, Call& call) {
  CHECK_OK(usable(key_of(call)));
  const std::int64_t days = call.in[m::RotationPeriodInDays].number(key_of(call).rotation.days);
  if (days < kShortestPeriod || days > kLongestPeriod) {
    return fail(
        error::validation("1 validation error detected: Value at 'rotationPeriodInDays' failed to satisfy "
                          "constraint: Member must have value between 90 and 2560"));
  }
  CHECK_OK(kms.update(key_of(call), [&](Key& next) {
    next.rotation.days = static_cast<int>(days);
    if (next.rotation.on) return;
    next.rotation.on = true;
    next.rotation.from = kms.clock().now();
  }));
  return wire::Value();
}

Result<wire::Value> disable_key_rotation(Kms& kms, Call& call) {
  CHECK_OK(usable(key_of(call)));
  CHECK_OK(kms.update(key_of(call), [](Key& next) { next.rotation.on = false; }));
  return wire::Value();
}

Result<wire::Value> get_key_rotation_status(Kms&, Call& call) {
  const Key& key = key_of(call);
  const bool on = key.rotation.on && key.state != State::pending_deletion;
  wire::Value out = wire::structure({{m::KeyRotationEnabled, on}, {m::KeyId, key.arn()}});
  if (on) {
    out.set(m::RotationPeriodInDays, key.rotation.days);
    out.set(m::NextRotationDate, key.next_rotation());
  }
  return out;
}

Result<wire::Value> rotate_key_on_demand(Kms& kms, Call& call) {
  const Key& key = key_of(call);
  CHECK_OK(usable(key));
  if (std::ranges::count_if(key.materials, &Material::on_demand) >= kMostOnDemand)
    return fail("LimitExceededException", "A key is rotated on demand 25 times at most.");
  CHECK_OK(kms.update(key, [&](Key& next) {
    next.materials.push_back({kms.random().bytes(kCipherKey), kms.clock().now(), true});
  }));
  return wire::structure({{m::KeyId, key.arn()}});
}

Result<wire::Value> list_key_rotations(Kms&, Call& call) {
  const Key& key = key_of(call);
  const std::vector<Material> rotations(key.materials.begin() + 1, key.materials.end());
  return page(call, rotations, m::Rotations, [&](const Material& material) {
    return wire::structure({{m::KeyId, key.arn()},
                            {m::RotationDate, material.since},
                            {m::RotationType, material.on_demand ? "ON_DEMAND" : "AUTOMATIC"}});
  });
}

}  // namespace gatehouse::service::kms
