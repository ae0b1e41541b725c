// The CRC of a whole out of the CRCs of its parts, without reading them again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash.h"

namespace gatehouse::service::s3 {

// CRC(a + b) from CRC(a), CRC(b) and b's length; big-endian bytes, as Digest gives them. For the three CRC
// kinds.
std::string combine_crc(Digest::Kind kind, std::string_view a, std::string_view b, std::uint64_t size_of_b);

}  // namespace gatehouse::service::s3
