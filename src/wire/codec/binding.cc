#include "wire/codec/binding.h"

#include <fmt/format.h>

#include <algorithm>

#include "wire/codec/scalar.h"

namespace gatehouse::wire::codec {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

TimeStyle times_of(const MemberModel& member) {
  const bool header = member.location == Location::header || member.location == Location::prefix_headers;
  return header ? TimeStyle::http : TimeStyle::iso_millis;
}

std::unexpected<Error> not_of_its_type(const ServiceModel& service, const MemberModel& member,
                                       const Shape& shape, std::string_view text) {
  if (service.protocol == Protocol::rest_json) {
    return fail("SerializationException", fmt::format("The value of {} is not of its type", member.name));
  }
  const std::string message =
      shape.kind == ShapeKind::number
          ? fmt::format("Provided {} not an integer or within integer range", member.wire_name)
          : fmt::format("Invalid value for {}", member.wire_name);
  const std::string shown = is_valid_utf8(text) ? std::string(text) : std::string();
  return fail(Error{"InvalidArgument",
                    message,
                    400,
                    {{"ArgumentName", std::string(member.wire_name)}, {"ArgumentValue", shown}}});
}

std::string header_safe(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }, ' ');
  return text;
}

// Headers of that prefix as a map; of a repeated name the values are joined, as S3 joins metadata.
Value prefixed(std::string_view prefix, const Headers& headers) {
  Value out;
  for (const auto& [name, value] : headers.fields) {
    if (!name.starts_with(prefix) || name.size() == prefix.size()) continue;
    std::string key = name.substr(prefix.size());
    const Value& before = out.at_key(key);
    std::string joined = before ? fmt::format("{},{}", before.text(), value) : value;
    out.put(std::move(key), std::move(joined));
  }
  return out;
}

}  // namespace

Result<Value> read_bound(const ServiceModel& service, const MemberModel& member, std::string_view text) {
  const Shape& shape = service.shape(member.shape);
  if (shape.kind != ShapeKind::list) {
    if (auto value = parse_scalar(shape, text, times_of(member))) return std::move(*value);
    return not_of_its_type(service, member, shape, text);
  }
  const Shape& element = service.shape(shape.element);
  Value out{Value::List{}};
  while (!text.empty()) {
    const auto comma = text.find(',');
    auto value = parse_scalar(element, trim(text.substr(0, comma)), times_of(member));
    if (!value) return not_of_its_type(service, member, element, text);
    out.append(std::move(*value));
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return out;
}

std::string bound_text(const ServiceModel& service, const MemberModel& member, const Value& value) {
  const Shape& shape = service.shape(member.shape);
  if (shape.kind != ShapeKind::list) return scalar_text(shape, value, times_of(member));
  std::string out;
  for (const Value& item : value.list()) {
    if (!out.empty()) out += ",";
    out += scalar_text(service.shape(shape.element), item, times_of(member));
  }
  return out;
}

Result<void> read_headers(const ServiceModel& service, const Shape& shape, const Headers& headers,
                          Value& out) {
  for (const MemberModel& m : shape.members) {
    if (m.location == Location::prefix_headers) out.set(m.member, prefixed(m.wire_name, headers));
    if (m.location != Location::header) continue;
    const std::string* text = headers.find(m.wire_name);
    if (!text) continue;
    auto value = read_bound(service, m, *text);
    // RFC 9110 section 13.1: a condition whose date cannot be read is none. S3 keeps an Expires it cannot
    // read.
    if (!value && m.wire_name.starts_with("if-")) continue;
    if (!value && m.wire_name == "expires" && is_valid_utf8(*text)) value = Value(*text);
    if (!value) return std::unexpected(std::move(value).error());
    out.set(m.member, std::move(*value));
  }
  return {};
}

Result<void> read_query(const ServiceModel& service, const Shape& shape, const QueryParameters& query,
                        Value& out) {
  for (const MemberModel& m : shape.members) {
    if (m.location != Location::query) continue;
    const Shape& target = service.shape(m.shape);
    Value list;
    for (const auto& [name, text] : query) {
      if (name != m.wire_name) continue;
      if (target.kind != ShapeKind::list) {
        TRY(auto value, read_bound(service, m, text));
        out.set(m.member, std::move(value));
        break;
      }
      auto item = parse_scalar(service.shape(target.element), text, times_of(m));
      if (!item) return not_of_its_type(service, m, target, text);
      list.append(std::move(*item));
    }
    out.set(m.member, std::move(list));
  }
  return {};
}

void write_headers(const ServiceModel& service, const Shape& shape, const Value& value, Headers& headers) {
  for (const MemberModel& m : shape.members) {
    const Value& v = value[m.member];
    if (v.is_null()) continue;
    if (m.location == Location::prefix_headers) {
      for (const auto& [key, item] : v.map()) {
        headers.add(fmt::format("{}{}", m.wire_name, header_safe(key)),
                    header_safe(std::string(item.text())));
      }
    } else if (m.location == Location::header) {
      headers.add(m.wire_name, header_safe(bound_text(service, m, v)));
    }
  }
}

const MemberModel* payload_of(const Shape& shape) {
  const auto at = std::ranges::find(shape.members, Location::payload, &MemberModel::location);
  return at != shape.members.end() ? &*at : nullptr;
}

bool has_body_members(const Shape& shape) {
  return std::ranges::any_of(shape.members,
                             [](const MemberModel& m) { return m.location == Location::body; });
}

}  // namespace gatehouse::wire::codec
