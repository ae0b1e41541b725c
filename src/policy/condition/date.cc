// DateEquals, DateLessThan and their kin. Dates are W3C's profile of ISO 8601 or seconds since the epoch.
// https://www.w3.org/TR/NOTE-datetime
#include <charconv>
#include <chrono>
#include <vector>

#include "policy/condition/values.h"

namespace gatehouse::policy {
namespace {

// Reads a date from its front.
class DateReader {
 public:
  explicit DateReader(std::string_view text) : text_(text) {}

  bool done() const { return text_.empty(); }

  bool take(char c) {
    if (text_.empty() || text_[0] != c) return false;
    text_.remove_prefix(1);
    return true;
  }

  // Exactly `digits` digits.
  bool number(std::size_t digits, int& value) {
    if (text_.size() < digits) return false;
    value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (text_[i] < '0' || text_[i] > '9') return false;
      value = value * 10 + (text_[i] - '0');
    }
    text_.remove_prefix(digits);
    return true;
  }

  // Any further digits count for nothing below a millisecond.
  bool fraction(int& milliseconds) {
    int digits = 0;
    milliseconds = 0;
    for (; !text_.empty() && text_[0] >= '0' && text_[0] <= '9'; text_.remove_prefix(1), ++digits) {
      if (digits < 3) milliseconds = milliseconds * 10 + (text_[0] - '0');
    }
    for (int i = digits; i < 3; ++i) milliseconds *= 10;
    return digits > 0;
  }

 private:
  std::string_view text_;
};

struct DateParts {
  int year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0, milliseconds = 0, offset_minutes = 0;
};

bool read_zone(DateReader& in, DateParts& parts) {
  if (in.take('Z') || in.take('z')) return in.done();
  const bool west = in.take('-');
  if (!west && !in.take('+')) return false;
  int hours = 0, minutes = 0;
  if (!in.number(2, hours)) return false;
  in.take(':');
  if (!in.number(2, minutes) || hours > 23 || minutes > 59) return false;
  parts.offset_minutes = (hours * 60 + minutes) * (west ? -1 : 1);
  return in.done();
}

bool read(DateReader& in, DateParts& parts) {
  if (!in.number(4, parts.year)) return false;
  if (in.done()) return true;
  if (!in.take('-') || !in.number(2, parts.month)) return false;
  if (in.done()) return true;
  if (!in.take('-') || !in.number(2, parts.day)) return false;
  if (in.done()) return true;
  if (!in.take('T') && !in.take('t')) return false;
  if (!in.number(2, parts.hour) || !in.take(':') || !in.number(2, parts.minute)) return false;
  if (in.take(':')) {
    if (!in.number(2, parts.second)) return false;
    if (in.take('.') && !in.fraction(parts.milliseconds)) return false;
  }
  return read_zone(in, parts);
}

bool is_epoch(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  // Four digits are a year.
  return digits.size() != 4 && !digits.empty() && digits.find_first_not_of("0123456789") == digits.npos;
}

}  // namespace

Moment Moment::parse(std::string_view text) {
  Moment m;
  if (is_epoch(text)) {
    std::int64_t seconds = 0;
    const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    constexpr std::int64_t kMost = INT64_MAX / 1000;
    m.readable =
        error == std::errc() && at == text.data() + text.size() && seconds <= kMost && seconds >= -kMost;
    if (m.readable) m.milliseconds = seconds * 1000;
    return m;
  }
  DateReader in(text);
  DateParts p;
  if (!read(in, p)) return m;
  const std::chrono::year_month_day date{std::chrono::year(p.year),
                                         std::chrono::month(static_cast<unsigned>(p.month)),
                                         std::chrono::day(static_cast<unsigned>(p.day))};
  if (!date.ok() || p.hour > 23 || p.minute > 59 || p.second > 60) return m;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t minutes = days * 1440 + p.hour * 60 + p.minute - p.offset_minutes;
  m.milliseconds = (minutes * 60 + p.second) * 1000 + p.milliseconds;
  m.readable = true;
  return m;
}

Operands compile_moments(Values values, Arena& arena) {
  std::vector<Moment> moments;
  moments.reserve(values.size());
  for (const Scalar& value : values) moments.push_back(Moment::parse(value.text));
  return Operands(arena.copy(std::span<const Moment>(moments)));
}

Match match_date(const Operands& operands, Order order, std::string_view value) {
  const Moment mine = Moment::parse(value);
  if (!mine.readable) return Match::unknown;
  Match result = Match::no;
  for (const Moment& theirs : operands.as<Moment>()) {
    if (!theirs.readable) {
      result = Match::unknown;
    } else if (in_order(mine.milliseconds <=> theirs.milliseconds, order)) {
      return Match::yes;
    }
  }
  return result;
}

}  // namespace gatehouse::policy
