// The one-time codes of a virtual MFA device: RFC 6238 with SHA-1, six digits and steps of thirty seconds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace gatehouse::identity {

// The step that `now` falls into.
std::int64_t totp_step(Time now);

// The code of a step, always six digits.
std::string totp_code(std::string_view seed, std::int64_t step);

}  // namespace gatehouse::identity
