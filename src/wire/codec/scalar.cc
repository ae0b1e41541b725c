#include "wire/codec/scalar.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "base/encoding.h"
#include "base/time.h"

namespace gatehouse::wire::codec {
namespace {

constexpr double kFirstSecond = -62167219200;  // 0000-01-01T00:00:00Z
constexpr double kLastSecond = 253402300799;   // 9999-12-31T23:59:59Z

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

template <typename T>
std::optional<T> parse_whole(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::string epoch_text(Time t) {
  const auto ms = t.time_since_epoch().count();
  return ms % 1000 == 0 ? fmt::format("{}", ms / 1000)
                        : fmt::format("{:.3f}", static_cast<double>(ms) / 1000);
}

std::optional<Time> parse_epoch(std::string_view text) {
  const auto seconds = parse_whole<double>(text);
  return seconds ? time_from_epoch(*seconds) : std::nullopt;
}

}  // namespace

TimeStyle body_times(Protocol protocol) {
  switch (protocol) {
    case Protocol::query:
      return TimeStyle::iso;
    case Protocol::ec2:
    case Protocol::rest_xml:
      return TimeStyle::iso_millis;
    default:
      return TimeStyle::epoch;
  }
}

TimeStyle time_style(TimeFormat format, TimeStyle otherwise) {
  switch (format) {
    case TimeFormat::date_time:
      return otherwise == TimeStyle::iso ? TimeStyle::iso : TimeStyle::iso_millis;
    case TimeFormat::http_date:
      return TimeStyle::http;
    case TimeFormat::epoch_seconds:
      return TimeStyle::epoch;
    default:
      return otherwise;
  }
}

std::string time_text(Time t, TimeStyle style) {
  switch (style) {
    case TimeStyle::iso:
      return iso8601(t);
    case TimeStyle::iso_millis:
      return iso8601_millis(t);
    case TimeStyle::http:
      return http_date(t);
    default:
      return epoch_text(t);
  }
}

std::optional<Time> time_from_epoch(double seconds) {
  if (!(seconds >= kFirstSecond && seconds <= kLastSecond)) return std::nullopt;
  return Time(std::chrono::milliseconds(std::llround(seconds * 1000)));
}

std::optional<Time> parse_time(std::string_view text, TimeStyle style) {
  text = trim(text);
  if (style == TimeStyle::http) {
    if (auto t = parse_http_date(text)) return t;
  }
  if (auto t = parse_iso8601(text)) return t;
  if (auto t = parse_epoch(text)) return t;
  return parse_http_date(text);
}

std::optional<Value> parse_number(std::string_view text) {
  text = trim(text);
  if (auto whole = parse_whole<std::int64_t>(text)) return Value(*whole);
  const auto real = parse_whole<double>(text);
  if (!real || !std::isfinite(*real)) return std::nullopt;
  return Value(*real);
}

std::optional<bool> parse_boolean(std::string_view text) {
  text = trim(text);
  if (text == "true" || text == "True" || text == "TRUE" || text == "1") return true;
  if (text == "false" || text == "False" || text == "FALSE" || text == "0") return false;
  return std::nullopt;
}

std::optional<Value> parse_scalar(const Shape& shape, std::string_view text, TimeStyle times) {
  switch (shape.kind) {
    case ShapeKind::number:
      return parse_number(text);
    case ShapeKind::boolean:
      if (auto v = parse_boolean(text)) return Value(*v);
      return std::nullopt;
    case ShapeKind::timestamp:
      if (auto v = parse_time(text, time_style(shape.time_format, times))) return Value(*v);
      return std::nullopt;
    case ShapeKind::blob:
      if (auto v = unbase64(trim(text))) return Value(Bytes{std::move(*v)});
      return std::nullopt;
    default:
      if (!is_valid_utf8(text)) return std::nullopt;
      return Value(text);
  }
}

std::string scalar_text(const Shape& shape, const Value& value, TimeStyle times) {
  if (auto* v = value.get_if<bool>()) return *v ? "true" : "false";
  if (auto* v = value.get_if<std::int64_t>()) return fmt::format("{}", *v);
  if (auto* v = value.get_if<double>()) return fmt::format("{}", *v);
  if (auto* v = value.get_if<Bytes>()) return base64(v->data);
  if (auto* v = value.get_if<Time>()) return time_text(*v, time_style(shape.time_format, times));
  return std::string(value.text());
}

}  // namespace gatehouse::wire::codec
