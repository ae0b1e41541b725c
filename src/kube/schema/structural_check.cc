// Validating against a structural schema, in the words of kube-openapi's validator, which users know.
#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <cmath>

#include "base/encoding.h"
#include "base/time.h"
#include "kube/objects/json_path.h"
#include "kube/schema/rules.h"
#include "kube/schema/structural.h"

namespace gatehouse::kube {
namespace {

using Causes = std::vector<Cause>;

std::string_view type_of(const json::value& v) {
  if (v.is_null()) return "null";
  if (v.is_string()) return "string";
  if (v.is_bool()) return "boolean";
  if (v.is_array()) return "array";
  if (v.is_object()) return "object";
  return v.is_double() && v.get_double() != std::floor(v.get_double()) ? "number" : "integer";
}

std::string below(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

double as_double(const json::value& v) {
  if (v.is_double()) return v.get_double();
  return v.is_uint64() ? static_cast<double>(v.get_uint64()) : static_cast<double>(v.get_int64());
}

size_t code_points(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::optional<double> limit(const json::object& schema, std::string_view name) {
  const json::value* v = schema.if_contains(name);
  return v != nullptr && v->is_number() ? std::optional(as_double(*v)) : std::nullopt;
}

Cause invalid_value(const std::string& path, const json::value& v, std::string_view detail) {
  const std::string shown =
      v.is_object() || v.is_array() ? std::string(v.is_object() ? "{}" : "[]") : json::dump(v);
  return {"FieldValueInvalid", path, fmt::format("Invalid value: {}: {}", shown, detail)};
}

}  // namespace

class Structural::Checker {
 public:
  explicit Checker(const Structural& schemas) : schemas_(schemas) {}

  void value(const json::object& schema, const json::value& v, const std::string& path, bool root,
             Causes& causes) const {
    if (v.is_null() && json::bool_or(schema, "nullable", false)) return;
    if (!type_fits(schema, v, path, causes)) return;
    enumeration(schema, v, path, causes);
    if (v.is_string()) text(schema, v, path, causes);
    if (v.is_number()) number(schema, v, path, causes);
    if (v.is_array()) list(schema, v.get_array(), path, causes);
    if (v.is_object()) object(schema, v.get_object(), path, root, causes);
    combinations(schema, v, path, root, causes);
  }

 private:
  static bool type_fits(const json::object& schema, const json::value& v, const std::string& path,
                        Causes& causes) {
    const auto actual = type_of(v);
    if (json::bool_or(schema, "x-kubernetes-int-or-string", false)) {
      if (actual == "integer" || actual == "string") return true;
      causes.push_back(wrong_type(path, "integer,string", actual));
      return false;
    }
    const auto wanted = text_at(schema, {"type"});
    if (wanted.empty() || wanted == actual || (wanted == "number" && actual == "integer")) return true;
    causes.push_back(wrong_type(path, wanted, actual));
    return false;
  }

  static Cause wrong_type(const std::string& path, std::string_view wanted, std::string_view actual) {
    return {"FieldValueTypeInvalid", path,
            fmt::format("Invalid value: \"{}\": {} in body must be of type {}: \"{}\"", actual, path, wanted,
                        actual)};
  }

  static void enumeration(const json::object& schema, const json::value& v, const std::string& path,
                          Causes& causes) {
    const json::array* allowed = array_at(schema, {"enum"});
    if (allowed == nullptr || std::find(allowed->begin(), allowed->end(), v) != allowed->end()) return;
    std::string all;
    for (const json::value& one : *allowed) all.append(all.empty() ? "" : ", ").append(json::dump(one));
    causes.push_back({"FieldValueNotSupported", path,
                      fmt::format("Unsupported value: {}: supported values: {}", json::dump(v), all)});
  }

  void text(const json::object& schema, const json::value& v, const std::string& path, Causes& causes) const {
    const std::string_view s = v.get_string();
    const auto length = static_cast<double>(code_points(s));
    if (const auto most = limit(schema, "maxLength"); most && length > *most)
      causes.push_back(
          {"FieldValueTooLong", path, fmt::format("Too long: may not be more than {} bytes", *most)});
    if (const auto least = limit(schema, "minLength"); least && length < *least)
      causes.push_back(
          invalid_value(path, v, fmt::format("{} in body should be at least {} chars long", path, *least)));
    const re2::RE2* pattern = schemas_.pattern(schema);
    if (pattern != nullptr && !re2::RE2::PartialMatch(re2::StringPiece(s.data(), s.size()), *pattern))
      causes.push_back(invalid_value(
          path, v, fmt::format("{} in body should match '{}'", path, text_at(schema, {"pattern"}))));
    const auto format = text_at(schema, {"format"});
    if ((format == "date-time" && !parse_iso8601(s)) || (format == "byte" && !unbase64(s)))
      causes.push_back(
          invalid_value(path, v, fmt::format("{} in body must be of type {}: \"{}\"", path, format, s)));
  }

  static void number(const json::object& schema, const json::value& v, const std::string& path,
                     Causes& causes) {
    const double n = as_double(v);
    const auto refuse = [&](std::string_view how, double bound) {
      causes.push_back(invalid_value(path, v, fmt::format("{} in body should be {} {}", path, how, bound)));
    };
    if (const auto most = limit(schema, "maximum")) {
      const bool open = json::bool_or(schema, "exclusiveMaximum", false);
      if (open ? n >= *most : n > *most) refuse(open ? "less than" : "less than or equal to", *most);
    }
    if (const auto least = limit(schema, "minimum")) {
      const bool open = json::bool_or(schema, "exclusiveMinimum", false);
      if (open ? n <= *least : n < *least) refuse(open ? "greater than" : "greater than or equal to", *least);
    }
    const auto step = limit(schema, "multipleOf");
    if (step && *step > 0 && std::fmod(n, *step) != 0) refuse("a multiple of", *step);
    if (text_at(schema, {"format"}) == "int32" && (n > INT32_MAX || n < INT32_MIN))
      causes.push_back(wrong_type(path, "int32", "int64"));
  }

  void list(const json::object& schema, const json::array& all, const std::string& path,
            Causes& causes) const {
    const auto size = static_cast<double>(all.size());
    if (const auto most = limit(schema, "maxItems"); most && size > *most)
      causes.push_back(
          {"FieldValueTooMany", path, fmt::format("Too many: {}: must have at most {} items", size, *most)});
    if (const auto least = limit(schema, "minItems"); least && size < *least)
      causes.push_back(invalid_value(path, json::value(all),
                                     fmt::format("{} in body should have at least {} items", path, *least)));
    const json::object* items = object_at(schema, {"items"});
    for (size_t i = 0; items != nullptr && i < all.size(); ++i)
      value(*items, all[i], fmt::format("{}[{}]", path, i), false, causes);
    duplicates(schema, all, path, causes);
  }

  static void duplicates(const json::object& schema, const json::array& all, const std::string& path,
                         Causes& causes) {
    const auto kind = text_at(schema, {"x-kubernetes-list-type"});
    const json::array* keys = array_at(schema, {"x-kubernetes-list-map-keys"});
    if (kind != "set" && (kind != "map" || keys == nullptr)) return;
    std::vector<std::string> seen;
    for (size_t i = 0; i < all.size(); ++i) {
      json::object by;
      for (size_t k = 0; kind == "map" && k < keys->size(); ++k) {
        const std::string_view key = (*keys)[k].is_string() ? std::string_view((*keys)[k].get_string()) : "";
        const json::value* have = all[i].is_object() ? all[i].get_object().if_contains(key) : nullptr;
        if (have != nullptr) by[key] = *have;
      }
      std::string text = kind == "set" ? json::dump(all[i]) : json::dump(by);
      if (std::find(seen.begin(), seen.end(), text) != seen.end())
        causes.push_back({"FieldValueDuplicate", fmt::format("{}[{}]", path, i),
                          fmt::format("Duplicate value: {}", text)});
      seen.push_back(std::move(text));
    }
  }

  void object(const json::object& schema, const json::object& o, const std::string& path, bool root,
              Causes& causes) const {
    const json::array* needed = array_at(schema, {"required"});
    for (size_t i = 0; needed != nullptr && i < needed->size(); ++i) {
      const std::string_view name =
          (*needed)[i].is_string() ? std::string_view((*needed)[i].get_string()) : "";
      if (!o.contains(name) && !(root && (name == "apiVersion" || name == "kind")))
        causes.push_back({"FieldValueRequired", below(path, name), "Required value"});
    }
    const auto size = static_cast<double>(o.size());
    if (const auto most = limit(schema, "maxProperties"); most && size > *most)
      causes.push_back(
          {"FieldValueTooMany", path, fmt::format("Too many: {}: must have at most {} items", size, *most)});
    if (const auto least = limit(schema, "minProperties"); least && size < *least)
      causes.push_back(invalid_value(
          path, json::value(o), fmt::format("{} in body should have at least {} properties", path, *least)));
    for (const auto& [name, v] : o) {
      if (root && std::string_view(name) == "metadata") continue;
      const json::object* inside = object_at(schema, {"properties", name});
      if (inside == nullptr) inside = object_at(schema, {"additionalProperties"});
      if (inside != nullptr) value(*inside, v, below(path, name), false, causes);
    }
  }

  void combinations(const json::object& schema, const json::value& v, const std::string& path, bool root,
                    Causes& causes) const {
    const auto passes = [&](const json::value& part) {
      Causes inner;
      if (part.is_object()) value(part.get_object(), v, path, root, inner);
      return inner.empty();
    };
    if (const json::array* all = array_at(schema, {"allOf"}))
      for (const json::value& part : *all)
        if (part.is_object()) value(part.get_object(), v, path, root, causes);
    const auto refuse = [&](std::string_view how) {
      causes.push_back(
          {"FieldValueInvalid", path, fmt::format("Invalid value: \"\": \"{}\" must {}", path, how)});
    };
    if (const json::array* any = array_at(schema, {"anyOf"}))
      if (std::none_of(any->begin(), any->end(), passes)) refuse("validate at least one schema (anyOf)");
    if (const json::array* one = array_at(schema, {"oneOf"})) {
      const auto n = std::count_if(one->begin(), one->end(), passes);
      if (n == 0) refuse("validate one and only one schema (oneOf). Found none valid");
      if (n > 1)
        refuse(fmt::format("validate one and only one schema (oneOf). Found {} valid alternatives", n));
    }
    if (const json::value* forbidden = schema.if_contains("not"); forbidden != nullptr && passes(*forbidden))
      refuse("not validate the schema (not)");
  }

  const Structural& schemas_;
};

void Structural::check(const json::object& object, std::vector<Cause>& causes) const {
  if (source_ == nullptr) return;
  Checker(*this).value(*source_, json::value(object), "", true, causes);
}

namespace {

bool known_type(std::string_view type) {
  for (const std::string_view known : {"object", "array", "string", "integer", "number", "boolean"})
    if (type == known) return true;
  return false;
}

void check_node(const json::object& schema, const std::string& field, bool root, Causes& causes) {
  const auto type = text_at(schema, {"type"});
  const bool loose = json::bool_or(schema, "x-kubernetes-int-or-string", false) ||
                     json::bool_or(schema, "x-kubernetes-preserve-unknown-fields", false);
  if (!type.empty() && !known_type(type))
    causes.push_back(rules::unsupported(field + ".type", type,
                                        R"("array", "boolean", "integer", "number", "object", "string")"));
  if (root && type != "object")
    causes.push_back(type.empty() ? rules::required(field + ".type", "must not be empty at the root")
                                  : rules::invalid(field + ".type", type, "must be object at the root"));
  if (!root && type.empty() && !loose)
    causes.push_back(rules::required(field + ".type", "must not be empty for specified object fields"));
  if (const auto text = text_at(schema, {"pattern"}); !text.empty()) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    const re2::RE2 made(re2::StringPiece(text.data(), text.size()), options);
    if (!made.ok())
      causes.push_back(rules::invalid(field + ".pattern", text,
                                      "must be a valid regular expression, but isn't: " + made.error()));
  }
  if (schema.contains("$ref"))
    causes.push_back({"FieldValueForbidden", field + ".$ref", "Forbidden: $ref is not supported"});
  if (json::bool_or(schema, "uniqueItems", false))
    causes.push_back(
        {"FieldValueForbidden", field + ".uniqueItems",
         "Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic"});
  if (type == "array" && object_at(schema, {"items"}) == nullptr)
    causes.push_back(rules::required(field + ".items", "must be specified"));
  if (const json::object* properties = object_at(schema, {"properties"})) {
    if (object_at(schema, {"additionalProperties"}) != nullptr)
      causes.push_back({"FieldValueForbidden", field + ".additionalProperties",
                        "Forbidden: additionalProperties and properties are mutual exclusive"});
    for (const auto& [name, inside] : *properties)
      if (inside.is_object())
        check_node(inside.get_object(), fmt::format("{}.properties[{}]", field, std::string_view(name)),
                   false, causes);
  }
  for (const char* member : {"items", "additionalProperties"})
    if (const json::object* inside = object_at(schema, {member}))
      check_node(*inside, fmt::format("{}.{}", field, member), false, causes);
}

}  // namespace

void check_schema(const json::object& schema, const std::string& field, std::vector<Cause>& causes) {
  check_node(schema, field, true, causes);
}

}  // namespace gatehouse::kube
