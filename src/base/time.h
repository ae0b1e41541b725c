// The ways AWS and Kubernetes write a moment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace gatehouse {

std::string iso8601(Time t);         // 2026-01-31T23:59:59Z
std::string iso8601_millis(Time t);  // 2026-01-31T23:59:59.000Z, as S3 lists
std::string basic_iso8601(Time t);   // 20260131T235959Z, as X-Amz-Date
std::string http_date(Time t);       // Sat, 31 Jan 2026 23:59:59 GMT

std::optional<Time> parse_iso8601(
    std::string_view text);  // date, or date and time with Z or an offset; fractions kept to ms
std::optional<Time> parse_basic_iso8601(std::string_view text);
std::optional<Time> parse_http_date(
    std::string_view text);  // RFC 9110 section 5.6.7, the preferred form and RFC 850's

inline std::int64_t unix_seconds(Time t) {
  return std::chrono::floor<std::chrono::seconds>(t.time_since_epoch()).count();
}
inline Time from_unix_seconds(std::int64_t s) { return Time(std::chrono::seconds(s)); }

}  // namespace gatehouse
