#include "kube/schema/decode.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/time.h"
#include "kube/schema/fields.h"
#include "kube/schema/messages.h"
#include "kube/schema/structural.h"

namespace gatehouse::kube {
namespace {

// A custom resource: its structural schema judges all but its metadata.
constexpr Field kCustomFields[] = {fields::part("metadata", 1, messages::kObjectMeta)};
constexpr Message kCustom{"", kCustomFields, /*open=*/true, /*json_only=*/true};

const Message& body_of(const Kind& kind) { return kind.structural == nullptr ? *kind.message : kCustom; }

std::unexpected<Error> unsupported(bool json_only) {
  return fail("UnsupportedMediaType",
              fmt::format("the body of the request was in an unknown format - accepted media types include: "
                          "application/json, application/yaml{}",
                          json_only ? "" : ", application/vnd.kubernetes.protobuf"),
              415);
}

std::string_view go_kind(const json::value& v) {
  if (v.is_string()) return "string";
  if (v.is_bool()) return "bool";
  if (v.is_number()) return "number";
  return v.is_array() ? "array" : "object";
}

std::string_view go_type(const Field& field) {
  if (field.shape == Shape::map)
    return field.type == Type::bytes ? "map[string][]uint8" : "map[string]string";
  if (field.shape == Shape::list) return field.type == Type::message ? "[]object" : "[]string";
  switch (field.type) {
    case Type::boolean:
      return "bool";
    case Type::int32:
      return "int32";
    case Type::int64:
      return "int64";
    case Type::number:
      return "float64";
    case Type::schema_or:
    case Type::message:
      return field.message->name.substr(field.message->name.rfind('.') + 1);
    default:
      return "string";
  }
}

class Conformer {
 public:
  Conformer(std::string_view kind, std::vector<std::string>* complaints)
      : kind_(kind), complaints_(complaints) {}

  Result<void> message(const Message& schema, json::object& object, const std::string& path) {
    std::vector<std::string> drop;
    for (auto& member : object) {
      const std::string_view name = member.key();
      const std::string here = path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
      const Field* field = schema.find(name);
      if (field == nullptr) {
        if (schema.open) continue;
        if (complaints_ != nullptr) complaints_->push_back(fmt::format("unknown field \"{}\"", here));
        drop.emplace_back(name);
        continue;
      }
      if (member.value().is_null()) {
        drop.emplace_back(name);
        continue;
      }
      CHECK_OK(shape(*field, member.value(), here));
      if (empty(*field, member.value())) drop.emplace_back(name);
    }
    for (const std::string& name : drop) object.erase(name);
    return {};
  }

 private:
  Result<void> shape(const Field& field, json::value& v, const std::string& path) {
    if (field.shape == Shape::one) return one(field, v, path);
    if (field.shape == Shape::list) {
      if (!v.is_array()) return wrong(field, v, path);
      size_t i = 0;
      for (json::value& element : v.get_array()) {
        if (element.is_null()) fill_null(field, element);
        CHECK_OK(one(field, element, fmt::format("{}[{}]", path, i++)));
      }
      return {};
    }
    if (!v.is_object()) return wrong(field, v, path);
    for (auto& member : v.get_object()) {
      if (member.value().is_null()) fill_null(field, member.value());
      CHECK_OK(one(field, member.value(), fmt::format("{}.{}", path, std::string_view(member.key()))));
    }
    return {};
  }

  // A null inside a list or map is the type's zero, as in Go.
  static void fill_null(const Field& field, json::value& v) {
    if (field.type == Type::any) return;
    if (field.type == Type::message || field.type == Type::schema_or) {
      v.emplace_object();
    } else if (field.type == Type::string_list) {
      v.emplace_array();
    } else {
      v.emplace_string();
    }
  }

  Result<void> one(const Field& field, json::value& v, const std::string& path) {
    switch (field.type) {
      case Type::any:
        return {};
      case Type::number:
        return v.is_number() ? Result<void>() : wrong(field, v, path);
      case Type::schema_or:
        return schema_or(field, v, path);
      case Type::message:
        if (!v.is_object()) return wrong(field, v, path);
        return message(*field.message, v.get_object(), path);
      case Type::boolean:
        return v.is_bool() ? Result<void>() : wrong(field, v, path);
      case Type::int32:
      case Type::int64:
        return integer(field, v, path);
      case Type::quantity:
      case Type::int_or_string:
        if (v.is_number()) return {};
        return v.is_string() ? Result<void>() : wrong(field, v, path);
      case Type::string_list:
        if (!v.is_array()) return wrong(field, v, path);
        for (const json::value& element : v.get_array())
          if (!element.is_string()) return wrong(field, element, path);
        return {};
      default:
        return textual(field, v, path);
    }
  }

  Result<void> schema_or(const Field& field, json::value& v, const std::string& path) {
    if (v.is_bool()) return {};
    if (v.is_object()) return message(*field.message, v.get_object(), path);
    if (!v.is_array()) return wrong(field, v, path);
    size_t i = 0;
    for (json::value& element : v.get_array()) {
      if (!element.is_object()) return wrong(field, element, path);
      CHECK_OK(message(*field.message, element.get_object(), fmt::format("{}[{}]", path, i++)));
    }
    return {};
  }

  Result<void> integer(const Field& field, const json::value& v, const std::string& path) {
    if (v.is_uint64() && v.get_uint64() > INT64_MAX) return wrong(field, v, path);
    if (!v.is_int64() && !v.is_uint64()) return wrong(field, v, path);
    if (field.type == Type::int32 && v.is_int64() && (v.get_int64() > INT32_MAX || v.get_int64() < INT32_MIN))
      return wrong(field, v, path);
    return {};
  }

  Result<void> textual(const Field& field, const json::value& v, const std::string& path) {
    if (!v.is_string()) return wrong(field, v, path);
    const std::string_view text = v.get_string();
    if ((field.type == Type::time || field.type == Type::micro_time) && !text.empty() && !parse_iso8601(text))
      return bad(fmt::format("parsing time \"{}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse it", text));
    if (field.type == Type::bytes && !unbase64(text))
      return bad(fmt::format("illegal base64 data in {}", path));
    return {};
  }

  static bool empty(const Field& field, const json::value& v) {
    if (field.always) return false;
    if (field.shape == Shape::list) return v.get_array().empty();
    if (field.shape == Shape::map) return v.get_object().empty();
    if (v.is_string()) return v.get_string().empty();
    if (v.is_bool()) return !v.get_bool();
    return v.is_int64() && v.get_int64() == 0;
  }

  std::unexpected<Error> wrong(const Field& field, const json::value& v, const std::string& path) {
    return bad(fmt::format("json: cannot unmarshal {} into Go struct field {}.{} of type {}", go_kind(v),
                           kind_, path, go_type(field)));
  }

  std::unexpected<Error> bad(const std::string& what) {
    return fail("BadRequest", fmt::format("{} cannot be handled as a {}: {}", kind_, kind_, what));
  }

  std::string_view kind_;
  std::vector<std::string>* complaints_;
};

Result<Decoded> from_value(const Message& message, std::string_view kind, json::value parsed) {
  if (!parsed.is_object())
    return fail("BadRequest",
                fmt::format("couldn't get version/kind; json parse error: json: cannot unmarshal {} into "
                            "Go value of type struct",
                            go_kind(parsed)));
  Decoded out;
  out.object = std::move(parsed.get_object());
  out.api_version = json::string_or(out.object, "apiVersion", "");
  out.kind = json::string_or(out.object, "kind", "");
  out.object.erase("apiVersion");
  out.object.erase("kind");
  CHECK_OK(Conformer(kind, &out.complaints).message(message, out.object, ""));
  return out;
}

}  // namespace

Result<void> conform(const Kind& kind, json::object& object, std::vector<std::string>* complaints) {
  CHECK_OK(Conformer(kind.kind, complaints).message(body_of(kind), object, ""));
  if (kind.structural != nullptr) kind.structural->prune(object, complaints);
  return {};
}

Result<Decoded> decode(const Kind& kind, std::string_view content_type, std::string_view body) {
  TRY(Decoded out, decode(body_of(kind), kind.kind, content_type, body));
  if (kind.structural != nullptr) kind.structural->prune(out.object, &out.complaints);
  return out;
}

Result<Decoded> decode(const Message& message, std::string_view kind, std::string_view content_type,
                       std::string_view body) {
  if (body.size() > kMaxBody)
    return fail("RequestEntityTooLarge", fmt::format("Request entity too large: limit is {}", kMaxBody), 413);
  if (content_type == "application/vnd.kubernetes.protobuf") {
    if (message.json_only) return unsupported(true);
    TRY(Decoded out, decode_protobuf(message, body));
    CHECK_OK(Conformer(kind, nullptr).message(message, out.object, ""));
    return out;
  }
  if (content_type == "application/yaml") {
    TRY(json::value parsed, parse_yaml(body));
    return from_value(message, kind, std::move(parsed));
  }
  if (content_type != "application/json" && !content_type.empty()) return unsupported(message.json_only);
  auto parsed = json::parse(body);
  if (!parsed) return fail("BadRequest", "the object provided is unrecognized: " + parsed.error().message);
  auto out = from_value(message, kind, *std::move(parsed));
  if (!out) return out;
  for (const std::string& field : duplicate_fields(body))
    out->complaints.push_back(fmt::format("duplicate field \"{}\"", field));
  return out;
}

}  // namespace gatehouse::kube
