// The numbers are those of OpenAPIv2.proto in github.com/google/gnostic, which kubectl reads the document
// with. Only what is in our documents is written.
#include "kube/api/describe/openapi_v2.h"

#include "kube/api/describe/openapi_schemas.h"
#include "kube/objects/json_path.h"

namespace gatehouse::kube {
namespace {

// The name is asked for with an @, which no media type may have.
constexpr std::string_view kProtobuf = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

json::object operation(const OpenApiSchemas& schemas, const Kind& kind, std::string_view action) {
  json::array parameters;
  const bool writes = action == "post" || action == "put" || action == "patch";
  for (const char* name : {"dryRun", "fieldManager", "fieldValidation"})
    if (writes)
      parameters.push_back(
          json::object{{"name", name}, {"in", "query"}, {"type", "string"}, {"uniqueItems", true}});
  return {{"parameters", std::move(parameters)},
          {"responses",
           json::object{{"200", json::object{{"description", "OK"}, {"schema", schemas.reference(kind)}}}}},
          {"x-kubernetes-action", action},
          {"x-kubernetes-group-version-kind", group_version_kind(kind)}};
}

json::object document(const KindSet& kinds) {
  OpenApiSchemas schemas("#/definitions/");
  json::object paths;
  for (const Kind* kind : kinds.all()) {
    schemas.add(*kind);
    add_paths(schemas, *kind, operation, paths);
  }
  return {{"swagger", "2.0"},
          {"info", json::object{{"title", "Kubernetes"}, {"version", kVersion}}},
          {"paths", std::move(paths)},
          {"definitions", std::move(schemas.all)}};
}

// Protobuf's own forms.

void put_varint(std::string& out, std::uint64_t n) {
  for (; n >= 0x80; n >>= 7) out += static_cast<char>((n & 0x7f) | 0x80);
  out += static_cast<char>(n);
}
void put(std::string& out, std::uint32_t number, std::string_view bytes) {
  put_varint(out, number << 3 | 2U);
  put_varint(out, bytes.size());
  out += bytes;
}
void put_flag(std::string& out, std::uint32_t number, bool value) {
  if (!value) return;
  put_varint(out, number << 3);
  out += '\1';
}
std::string message(std::uint32_t number, std::string_view bytes) {
  std::string out;
  put(out, number, bytes);
  return out;
}

// Any {2: yaml}: JSON is YAML.
std::string any(const json::value& v) { return message(2, json::dump(v)); }
// NamedX {1: name, 2: value}
std::string named(std::string_view name, std::string_view value) {
  return message(1, name) + message(2, value);
}

void put_extensions(std::string& out, std::uint32_t number, const json::object& from) {
  for (const auto& [name, value] : from)
    if (std::string_view(name).starts_with("x-")) put(out, number, named(name, any(value)));
}
void put_text(std::string& out, std::uint32_t number, const json::object& from, std::string_view member) {
  if (const auto text = text_at(from, {member}); !text.empty()) put(out, number, text);
}

std::string schema(const json::object& s) {
  std::string out;
  put_text(out, 1, s, "$ref");
  put_text(out, 2, s, "format");
  put_text(out, 3, s, "title");
  put_text(out, 4, s, "description");
  if (const json::value* v = s.if_contains("default")) put(out, 5, any(*v));
  put_text(out, 13, s, "pattern");
  if (const json::array* required = array_at(s, {"required"}))
    for (const json::value& name : *required)
      if (name.is_string()) put(out, 19, std::string_view(name.get_string()));
  if (const json::array* allowed = array_at(s, {"enum"}))
    for (const json::value& v : *allowed) put(out, 20, any(v));
  if (const json::value* more = s.if_contains("additionalProperties")) {
    std::string item;
    if (more->is_object()) put(item, 1, schema(more->get_object()));
    if (more->is_bool()) put_flag(item, 2, more->get_bool());
    put(out, 21, item);
  }
  if (const auto type = text_at(s, {"type"}); !type.empty()) put(out, 22, message(1, type));
  if (const json::object* items = object_at(s, {"items"})) put(out, 23, message(1, schema(*items)));
  if (const json::object* properties = object_at(s, {"properties"})) {
    std::string all;
    for (const auto& [name, value] : *properties)
      if (value.is_object()) put(all, 1, named(name, schema(value.get_object())));
    put(out, 25, all);
  }
  put_extensions(out, 31, s);
  return out;
}

// ParametersItem {1: Parameter {2: NonBodyParameter {3: QueryParameterSubSchema}}}
std::string parameter(const json::object& p) {
  std::string query;
  put_text(query, 2, p, "in");
  put_text(query, 4, p, "name");
  put_text(query, 6, p, "type");
  put_flag(query, 20, json::bool_or(p, "uniqueItems", false));
  return message(1, message(2, message(3, query)));
}

std::string responses(const json::object& all) {
  std::string out;
  for (const auto& [code, value] : all) {
    std::string response;
    put_text(response, 1, value.get_object(), "description");
    if (const json::object* s = object_at(value.get_object(), {"schema"}))
      put(response, 2, message(1, schema(*s)));
    put(out, 1, named(code, message(1, response)));
  }
  return out;
}

std::string operation_bytes(const json::object& o) {
  std::string out;
  for (const json::value& p : o.at("parameters").get_array()) put(out, 8, parameter(p.get_object()));
  put(out, 9, responses(o.at("responses").get_object()));
  put_extensions(out, 13, o);
  return out;
}

std::string path_item(const json::object& item) {
  constexpr std::pair<std::string_view, std::uint32_t> kMethods[] = {
      {"get", 2}, {"put", 3}, {"post", 4}, {"delete", 5}, {"patch", 8}};
  std::string out;
  for (const auto& [method, number] : kMethods)
    if (const json::object* o = object_at(item, {method})) put(out, number, operation_bytes(*o));
  return out;
}

std::string document_bytes(const json::object& all) {
  std::string info;
  put_text(info, 1, all.at("info").get_object(), "title");
  put_text(info, 2, all.at("info").get_object(), "version");
  std::string paths;
  for (const auto& [path, item] : all.at("paths").get_object())
    put(paths, 2, named(path, path_item(item.get_object())));
  std::string definitions;
  for (const auto& [name, s] : all.at("definitions").get_object())
    put(definitions, 1, named(name, schema(s.get_object())));
  std::string out;
  put(out, 1, "2.0");
  put(out, 2, info);
  put(out, 8, paths);
  put(out, 9, definitions);
  return out;
}

}  // namespace

Answer openapi_v2(const KindSet& kinds, std::string_view accept) {
  const json::object all = document(kinds);
  if (accept.find("proto-openapi.spec.v2") == std::string_view::npos) return json_response(200, all);
  wire::Response out = json_response(200, document_bytes(all));
  out.headers = {};
  out.headers.add("content-type", kProtobuf);
  return out;
}

}  // namespace gatehouse::kube
