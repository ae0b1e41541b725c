// OpenAPI v3, derived from the schema table: what kubectl validates with, and what `kubectl explain` reads.
// https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3
#include <fmt/format.h>

#include <set>

#include "base/hash.h"
#include "kube/api/context.h"

namespace gatehouse::kube {
namespace {

json::object reference(std::string_view name) {
  return {{"$ref", fmt::format("#/components/schemas/{}", name)}};
}

json::object scalar_schema(Type type) {
  switch (type) {
    case Type::boolean:
      return {{"type", "boolean"}};
    case Type::int32:
      return {{"type", "integer"}, {"format", "int32"}};
    case Type::int64:
      return {{"type", "integer"}, {"format", "int64"}};
    case Type::bytes:
      return {{"type", "string"}, {"format", "byte"}};
    case Type::time:
    case Type::micro_time:
      return {{"type", "string"}, {"format", "date-time"}};
    case Type::int_or_string:
      return {{"type", "string"}, {"format", "int-or-string"}};
    case Type::string_list:
      return {{"type", "array"}, {"items", json::object{{"type", "string"}}}};
    case Type::any:
      return {{"type", "object"}};
    default:
      return {{"type", "string"}};
  }
}

class Schemas {
 public:
  json::object all;

  void add(const Message& message, const Kind* kind) {
    if (message.name.empty() || !seen_.insert(message.name).second) return;
    json::object properties;
    if (kind != nullptr) {
      properties["apiVersion"] = json::object{{"type", "string"}};
      properties["kind"] = json::object{{"type", "string"}};
    }
    for (const Field& field : message.fields) properties[field.name] = shape(field);
    json::object schema{{"type", "object"}, {"properties", std::move(properties)}};
    if (kind != nullptr)
      schema["x-kubernetes-group-version-kind"] =
          json::array{json::object{{"group", kind->group}, {"kind", kind->kind}, {"version", kind->version}}};
    if (message.open) schema["x-kubernetes-preserve-unknown-fields"] = true;
    all[message.name] = std::move(schema);
  }

 private:
  json::object one(const Field& field) {
    if (field.type != Type::message) return scalar_schema(field.type);
    if (field.message->name.empty())
      return {{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}};
    add(*field.message, nullptr);
    return reference(field.message->name);
  }

  json::object shape(const Field& field) {
    if (field.shape == Shape::map) return {{"type", "object"}, {"additionalProperties", one(field)}};
    if (field.shape == Shape::one) return one(field);
    json::object out{{"type", "array"}, {"items", one(field)}};
    if (!field.merge_key.empty()) {
      out["x-kubernetes-patch-merge-key"] = field.merge_key;
      out["x-kubernetes-patch-strategy"] = "merge";
    }
    return out;
  }

  std::set<std::string_view> seen_;
};

json::object query_parameter(std::string_view name, std::string_view type) {
  return {{"name", name}, {"in", "query"}, {"schema", json::object{{"type", type}, {"uniqueItems", true}}}};
}

json::object operation(const Kind& kind, std::string_view action) {
  const json::object content{{"application/json", json::object{{"schema", reference(kind.message->name)}}}};
  json::array parameters;
  if (action == "post" || action == "put" || action == "patch") {
    for (const char* name : {"dryRun", "fieldManager", "fieldValidation"})
      parameters.push_back(query_parameter(name, "string"));
  }
  json::object out{
      {"parameters", std::move(parameters)},
      {"responses", json::object{{"200", json::object{{"description", "OK"}, {"content", content}}}}},
      {"x-kubernetes-action", action},
      {"x-kubernetes-group-version-kind",
       json::object{{"group", kind.group}, {"kind", kind.kind}, {"version", kind.version}}}};
  if (action == "post" || action == "put" || action == "patch")
    out["requestBody"] = json::object{{"content", content}};
  return out;
}

void add_paths(const Kind& kind, json::object& paths) {
  std::string base = kind.group.empty() ? fmt::format("/api/{}/", kind.version)
                                        : fmt::format("/apis/{}/{}/", kind.group, kind.version);
  if (kind.scope == Scope::namespaced) base += "namespaces/{namespace}/";
  base += kind.plural;
  json::object collection{{"post", operation(kind, "post")}};
  if (kind.stored()) {
    collection["get"] = operation(kind, "list");
    json::object item;
    for (const char* method : {"get", "put", "patch", "delete"}) item[method] = operation(kind, method);
    paths[base + "/{name}"] = std::move(item);
  }
  paths[base] = std::move(collection);
}

std::string document_for(std::string_view group, std::string_view version) {
  Schemas schemas;
  json::object paths;
  for (const Kind& kind : kinds()) {
    if (kind.group != group || kind.version != version) continue;
    schemas.add(*kind.message, &kind);
    add_paths(kind, paths);
  }
  if (paths.empty()) return "";
  return json::dump(json::object{{"openapi", "3.0.0"},
                                 {"info", json::object{{"title", "Kubernetes"}, {"version", kVersion}}},
                                 {"paths", std::move(paths)},
                                 {"components", json::object{{"schemas", std::move(schemas.all)}}}});
}

}  // namespace

Answer openapi(Context& context) {
  constexpr std::string_view kRoot = "/openapi/v3";
  std::string_view path = context.request.path;
  // Version 2 is only ever asked for as protobuf; without it clients use version 3.
  if (!path.starts_with(kRoot)) return fail(status::unknown_path());
  path.remove_prefix(kRoot.size());
  if (path.empty() || path == "/") {
    json::object paths;
    for (const Kind& kind : kinds()) {
      const std::string name = (kind.group.empty() ? "api/" : "apis/") + kind.group_version();
      if (paths.contains(name)) continue;
      const auto hash = sha1(document_for(kind.group, kind.version));
      paths[name] = json::object{{"serverRelativeURL", fmt::format("{}/{}?hash={}", kRoot, name, hex(hash))}};
    }
    return json_response(200, json::object{{"paths", std::move(paths)}});
  }
  std::string_view group;
  if (path.starts_with("/apis/")) {
    path.remove_prefix(6);
    const auto slash = path.find('/');
    if (slash == std::string_view::npos) return fail(status::unknown_path());
    group = path.substr(0, slash);
    path.remove_prefix(slash + 1);
  } else if (path.starts_with("/api/")) {
    path.remove_prefix(5);
  }
  std::string text = document_for(group, path);
  if (text.empty()) return fail(status::unknown_path());
  return json_response(200, std::move(text));
}

}  // namespace gatehouse::kube
