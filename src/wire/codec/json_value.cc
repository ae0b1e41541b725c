#include "wire/codec/json_value.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "wire/codec/scalar.h"

namespace gatehouse::wire::codec {
namespace {

// Whole seconds as an integer, as AWS writes them; else with their milliseconds.
json::value epoch_json(Time t) {
  const auto ms = t.time_since_epoch().count();
  if (ms % 1000 == 0) return ms / 1000;
  return static_cast<double>(ms) / 1000;
}

json::value document_json(const Value& value);

json::value scalar_json(const Shape& shape, const Value& value) {
  if (auto* v = value.get_if<bool>()) return *v;
  if (auto* v = value.get_if<std::int64_t>()) return *v;
  if (auto* v = value.get_if<double>()) return *v;
  if (auto* v = value.get_if<Bytes>()) return json::value(base64(v->data));
  if (auto* v = value.get_if<Time>()) {
    const TimeStyle style = time_style(shape.time_format, TimeStyle::epoch);
    return style == TimeStyle::epoch ? epoch_json(*v) : json::value(time_text(*v, style));
  }
  if (auto* v = value.get_if<std::string>()) return json::value(*v);
  return nullptr;
}

json::value document_json(const Value& value) {
  static constexpr Shape kNoShape{};
  if (auto* list = value.get_if<Value::List>()) {
    json::array out;
    for (const Value& item : *list) out.push_back(document_json(item));
    return out;
  }
  if (auto* map = value.get_if<Value::Map>()) {
    json::object out;
    for (const auto& [key, item] : *map) out[key] = document_json(item);
    return out;
  }
  return scalar_json(kNoShape, value);
}

class Reader {
 public:
  explicit Reader(const ServiceModel& service) : service_(service) {}

  Result<Value> read(const Shape& shape, const json::value& v) const {
    if (v.is_null()) return Value();
    switch (shape.kind) {
      case ShapeKind::structure:
        return read_structure(shape, v);
      case ShapeKind::list:
        return read_list(shape, v);
      case ShapeKind::map:
        return read_map(shape, v);
      case ShapeKind::unit:
        return Value(Value::Structure{});
      case ShapeKind::document:
        return document(v);
      default:
        return read_scalar(shape, v);
    }
  }

 private:
  static std::unexpected<Error> mismatch(const json::value& v, std::string_view wanted) {
    if (v.is_object())
      return fail("SerializationException", "Start of structure or map found where not expected.");
    if (v.is_array()) return fail("SerializationException", "Start of list found where not expected");
    const std::string_view got = v.is_string()   ? "STRING_VALUE"
                                 : v.is_number() ? "NUMBER_VALUE"
                                 : v.as_bool()   ? "TRUE_VALUE"
                                                 : "FALSE_VALUE";
    return fail("SerializationException", fmt::format("{} can not be converted to {}", got, wanted));
  }

  Result<Value> read_structure(const Shape& shape, const json::value& v) const {
    const json::object* object = v.if_object();
    if (!object) return mismatch(v, "a Structure");
    Value::Structure out;
    for (const MemberModel& m : shape.members) {
      if (m.location != Location::body) continue;
      const json::value* member = object->if_contains(m.wire_name);
      if (!member || member->is_null()) continue;
      TRY(auto value, read(service_.shape(m.shape), *member));
      out.emplace_back(m.member, std::move(value));
    }
    return Value(std::move(out));
  }

  Result<Value> read_list(const Shape& shape, const json::value& v) const {
    const json::array* array = v.if_array();
    if (!array) return mismatch(v, "a List");
    Value::List out;
    out.reserve(array->size());
    for (const json::value& item : *array) {
      TRY(auto value, read(service_.shape(shape.element), item));
      out.push_back(std::move(value));
    }
    return Value(std::move(out));
  }

  Result<Value> read_map(const Shape& shape, const json::value& v) const {
    const json::object* object = v.if_object();
    if (!object) return mismatch(v, "a Map");
    Value::Map out;  // the parser has made the keys unique
    out.reserve(object->size());
    for (const auto& [key, item] : *object) {
      if (item.is_null()) continue;
      TRY(auto value, read(service_.shape(shape.element), item));
      out.emplace_back(std::string(key), std::move(value));
    }
    return Value(std::move(out));
  }

  Result<Value> read_scalar(const Shape& shape, const json::value& v) const {
    switch (shape.kind) {
      case ShapeKind::boolean:
        if (!v.is_bool()) return mismatch(v, "a Boolean");
        return Value(v.get_bool());
      case ShapeKind::number:
        return read_number(v);
      case ShapeKind::timestamp:
        return read_time(shape, v);
      default:
        if (!v.is_string()) return mismatch(v, shape.kind == ShapeKind::blob ? "a Blob" : "a String");
        if (auto value = parse_scalar(shape, std::string_view(v.get_string()), TimeStyle::epoch))
          return std::move(*value);
        return fail("SerializationException", "Invalid Base64 in a Blob");
    }
  }

  static Result<Value> read_number(const json::value& v) {
    if (v.is_int64()) return Value(v.get_int64());
    if (v.is_uint64()) return Value(static_cast<double>(v.get_uint64()));
    if (v.is_double()) return Value(v.get_double());
    return mismatch(v, "a Number");
  }

  static Result<Value> read_time(const Shape& shape, const json::value& v) {
    std::optional<Time> time;
    if (v.is_number()) {
      time = time_from_epoch(v.to_number<double>());
    } else if (v.is_string()) {
      time = parse_time(std::string_view(v.get_string()), time_style(shape.time_format, TimeStyle::epoch));
    }
    if (!time) return mismatch(v, "a Timestamp");
    return Value(*time);
  }

  static Value document(const json::value& v) {
    if (v.is_bool()) return v.get_bool();
    if (v.is_int64()) return v.get_int64();
    if (v.is_uint64()) return static_cast<double>(v.get_uint64());
    if (v.is_double()) return v.get_double();
    if (v.is_string()) return std::string_view(v.get_string());
    if (auto* array = v.if_array()) {
      Value::List out;
      for (const json::value& item : *array) out.push_back(document(item));
      return out;
    }
    if (auto* object = v.if_object()) {
      Value::Map out;
      for (const auto& [key, item] : *object) out.emplace_back(std::string(key), document(item));
      return out;
    }
    return {};
  }

  const ServiceModel& service_;
};

}  // namespace

json::value to_json(const ServiceModel& service, const Shape& shape, const Value& value) {
  if (shape.kind == ShapeKind::structure || shape.kind == ShapeKind::unit) {
    json::object out;
    for (const MemberModel& m : shape.members) {
      if (m.location != Location::body) continue;
      const Value& v = value[m.member];
      if (v) out[m.wire_name] = to_json(service, service.shape(m.shape), v);
    }
    return out;
  }
  if (shape.kind == ShapeKind::list) {
    json::array out;
    for (const Value& item : value.list())
      out.push_back(to_json(service, service.shape(shape.element), item));
    return out;
  }
  if (shape.kind == ShapeKind::map) {
    json::object out;
    for (const auto& [key, item] : value.map())
      out[key] = to_json(service, service.shape(shape.element), item);
    return out;
  }
  return shape.kind == ShapeKind::document ? document_json(value) : scalar_json(shape, value);
}

Result<Value> from_json(const ServiceModel& service, const Shape& shape, const json::value& v) {
  if (v.is_null() && shape.kind == ShapeKind::structure) return Value(Value::Structure{});
  return Reader(service).read(shape, v);
}

}  // namespace gatehouse::wire::codec
