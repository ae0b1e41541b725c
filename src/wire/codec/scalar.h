// Simple values as text, as query strings, XML and headers carry them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "wire/model.h"
#include "wire/value.h"

namespace gatehouse::wire::codec {

enum class TimeStyle : std::uint8_t { iso, iso_millis, http, epoch };

// What a protocol uses where the model does not say. IAM and STS answer whole seconds; S3 and EC2
// milliseconds.
TimeStyle body_times(Protocol protocol);
TimeStyle time_style(TimeFormat format, TimeStyle otherwise);

std::string time_text(Time t, TimeStyle style);
// Lenient: what clients send in place of the right style is read too.
std::optional<Time> parse_time(std::string_view text, TimeStyle style);
std::optional<Time> time_from_epoch(double seconds);  // nullopt outside the years 0 to 9999

std::optional<Value> parse_number(std::string_view text);
std::optional<bool> parse_boolean(std::string_view text);

// `shape` is simple. nullopt where the text is not of its type or not UTF-8.
std::optional<Value> parse_scalar(const Shape& shape, std::string_view text, TimeStyle times);
std::string scalar_text(const Shape& shape, const Value& value, TimeStyle times);

}  // namespace gatehouse::wire::codec
