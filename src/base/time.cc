#include "base/time.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdlib>

namespace gatehouse {
namespace {

using std::chrono::days;
using std::chrono::hh_mm_ss;
using std::chrono::milliseconds;
using std::chrono::year_month_day;

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Civil {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, millis = 0, weekday = 0;
};

Civil civil(Time t) {
  const auto midnight = std::chrono::floor<days>(t);
  const year_month_day date(midnight);
  const hh_mm_ss<milliseconds> clock(t - midnight);
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count()),
          static_cast<int>(clock.subseconds().count()),
          static_cast<int>(std::chrono::weekday(midnight).c_encoding())};
}

std::optional<Time> moment(const Civil& c) {
  const year_month_day date(std::chrono::year(c.year), std::chrono::month(static_cast<unsigned>(c.month)),
                            std::chrono::day(static_cast<unsigned>(c.day)));
  if (!date.ok() || c.hour > 23 || c.minute > 59 || c.second > 60) return std::nullopt;
  return Time(std::chrono::sys_days(date)) + std::chrono::hours(c.hour) + std::chrono::minutes(c.minute) +
         std::chrono::seconds(c.second) + milliseconds(c.millis);
}

// Reads a fixed count of digits off the front of `text`.
bool digits(std::string_view& text, size_t count, int& out) {
  if (text.size() < count) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + count, out);
  if (error != std::errc{} || end != text.data() + count || out < 0) return false;
  text.remove_prefix(count);
  return true;
}

bool skip(std::string_view& text, std::string_view what) {
  if (!text.starts_with(what)) return false;
  text.remove_prefix(what.size());
  return true;
}

// `value` in `digits` digits at `at`; years have four.
void put(std::string& out, size_t at, size_t digits, int value) {
  for (size_t i = digits; i-- > 0; value /= 10) out[at + i] = static_cast<char>('0' + std::abs(value % 10));
}

void put_date(std::string& out, const Civil& c, size_t year, size_t month, size_t day) {
  put(out, year, 4, c.year);
  put(out, month, 2, c.month);
  put(out, day, 2, c.day);
}

void put_clock(std::string& out, const Civil& c, size_t hour, size_t minute, size_t second) {
  put(out, hour, 2, c.hour);
  put(out, minute, 2, c.minute);
  put(out, second, 2, c.second);
}

}  // namespace

// Every answer and every event holds a few of these, so no format string is read for them.
std::string iso8601(Time t) {
  const Civil c = civil(t);
  std::string out = "0000-00-00T00:00:00Z";
  put_date(out, c, 0, 5, 8);
  put_clock(out, c, 11, 14, 17);
  return out;
}

std::string iso8601_millis(Time t) {
  const Civil c = civil(t);
  std::string out = "0000-00-00T00:00:00.000Z";
  put_date(out, c, 0, 5, 8);
  put_clock(out, c, 11, 14, 17);
  put(out, 20, 3, c.millis);
  return out;
}

std::string basic_iso8601(Time t) {
  const Civil c = civil(t);
  std::string out = "00000000T000000Z";
  put_date(out, c, 0, 4, 6);
  put_clock(out, c, 9, 11, 13);
  return out;
}

std::string http_date(Time t) {
  const Civil c = civil(t);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[static_cast<size_t>(c.weekday)], c.day,
                     kMonths[static_cast<size_t>(c.month - 1)], c.year, c.hour, c.minute, c.second);
}

std::optional<Time> parse_iso8601(std::string_view text) {
  Civil c;
  if (!digits(text, 4, c.year) || !skip(text, "-") || !digits(text, 2, c.month) || !skip(text, "-") ||
      !digits(text, 2, c.day)) {
    return std::nullopt;
  }
  if (text.empty()) return moment(c);
  if (!skip(text, "T") && !skip(text, "t") && !skip(text, " ")) return std::nullopt;
  if (!digits(text, 2, c.hour) || !skip(text, ":") || !digits(text, 2, c.minute)) return std::nullopt;
  if (skip(text, ":") && !digits(text, 2, c.second)) return std::nullopt;
  if (skip(text, ".")) {
    int scale = 100;
    bool any = false;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
      c.millis += (text.front() - '0') * scale;
      scale /= 10;
      any = true;
      text.remove_prefix(1);
    }
    if (!any) return std::nullopt;
  }
  const auto local = moment(c);
  if (!local || text.empty() || text == "Z" || text == "z") return local;
  const bool east = text.front() == '+';
  if (!east && text.front() != '-') return std::nullopt;
  text.remove_prefix(1);
  int hours = 0;
  int minutes = 0;
  if (!digits(text, 2, hours)) return std::nullopt;
  skip(text, ":");
  if (!digits(text, 2, minutes) || !text.empty() || hours > 23 || minutes > 59) return std::nullopt;
  const auto offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  return east ? *local - offset : *local + offset;
}

std::optional<Time> parse_basic_iso8601(std::string_view text) {
  Civil c;
  if (!digits(text, 4, c.year) || !digits(text, 2, c.month) || !digits(text, 2, c.day) || !skip(text, "T") ||
      !digits(text, 2, c.hour) || !digits(text, 2, c.minute) || !digits(text, 2, c.second) || text != "Z") {
    return std::nullopt;
  }
  return moment(c);
}

std::optional<Time> parse_http_date(std::string_view text) {
  const auto comma = text.find(", ");
  if (comma == std::string_view::npos) return std::nullopt;
  const bool rfc850 = comma > 3;
  text.remove_prefix(comma + 2);
  const std::string_view separator = rfc850 ? "-" : " ";
  Civil c;
  if (!digits(text, 2, c.day) || !skip(text, separator) || text.size() < 3) return std::nullopt;
  for (size_t i = 0; i < kMonths.size(); ++i) {
    if (text.starts_with(kMonths[i])) c.month = static_cast<int>(i) + 1;
  }
  text.remove_prefix(3);
  if (c.month == 0 || !skip(text, separator) || !digits(text, rfc850 ? 2 : 4, c.year)) return std::nullopt;
  if (rfc850) c.year += c.year < 70 ? 2000 : 1900;
  if (!skip(text, " ") || !digits(text, 2, c.hour) || !skip(text, ":") || !digits(text, 2, c.minute) ||
      !skip(text, ":") || !digits(text, 2, c.second) ||
      (text != " GMT" && text != " UTC" && text != " +0000")) {
    return std::nullopt;
  }
  return moment(c);
}

}  // namespace gatehouse
