#include "kube/api/describe/openapi_schemas.h"

#include <fmt/format.h>

#include <algorithm>

#include "kube/objects/json_path.h"
#include "kube/schema/structural.h"

namespace gatehouse::kube {
namespace {

json::object scalar_schema(Type type) {
  switch (type) {
    case Type::boolean:
      return {{"type", "boolean"}};
    case Type::int32:
      return {{"type", "integer"}, {"format", "int32"}};
    case Type::int64:
      return {{"type", "integer"}, {"format", "int64"}};
    case Type::number:
      return {{"type", "number"}, {"format", "double"}};
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
    case Type::schema_or:
      return {};
    default:
      return {{"type", "string"}};
  }
}

// "example.com", "v1", "Widget" -> "com.example.v1.Widget", as Kubernetes names them.
std::string custom_name(const Kind& kind) {
  std::string out;
  std::string_view group = kind.group;
  while (!group.empty()) {
    const auto dot = group.rfind('.');
    out += std::string(dot == std::string_view::npos ? group : group.substr(dot + 1)) + ".";
    group = dot == std::string_view::npos ? std::string_view() : group.substr(0, dot);
  }
  return out + std::string(kind.version) + "." + std::string(kind.kind);
}

std::string name_of(const Kind& kind) {
  return kind.structural != nullptr ? custom_name(kind) : std::string(kind.message->name);
}

}  // namespace

json::value group_version_kind(const Kind& kind) {
  return json::object{{"group", kind.group}, {"kind", kind.kind}, {"version", kind.version}};
}

json::object OpenApiSchemas::reference(const Kind& kind) const { return {{"$ref", prefix_ + name_of(kind)}}; }

void OpenApiSchemas::add(const Kind& kind) {
  if (kind.structural != nullptr) {
    add_custom(kind);
  } else {
    add(*kind.message, &kind);
  }
}

void OpenApiSchemas::add_custom(const Kind& kind) {
  const json::object* source = kind.structural->source();
  json::object schema = source == nullptr
                            ? json::object{{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}}
                            : *source;
  json::object& properties = make_object(schema, "properties");
  properties["apiVersion"] = json::object{{"type", "string"}};
  properties["kind"] = json::object{{"type", "string"}};
  add(object_meta(), nullptr);
  properties["metadata"] = json::object{{"$ref", prefix_ + std::string(object_meta().name)}};
  schema["x-kubernetes-group-version-kind"] = json::array{group_version_kind(kind)};
  all[name_of(kind)] = std::move(schema);
}

void OpenApiSchemas::add_members(const Message& message, json::object& properties) {
  for (const Field& field : message.fields) {
    if (field.inlined) {
      add_members(*field.message, properties);
    } else {
      properties[field.name] = shape(field);
    }
  }
}

void OpenApiSchemas::add(const Message& message, const Kind* kind) {
  if (message.name.empty() || !seen_.emplace(message.name).second) return;
  json::object properties;
  if (kind != nullptr) {
    properties["apiVersion"] = json::object{{"type", "string"}};
    properties["kind"] = json::object{{"type", "string"}};
  }
  add_members(message, properties);
  json::object schema{{"type", "object"}, {"properties", std::move(properties)}};
  if (kind != nullptr) schema["x-kubernetes-group-version-kind"] = json::array{group_version_kind(*kind)};
  if (message.open) schema["x-kubernetes-preserve-unknown-fields"] = true;
  all[message.name] = std::move(schema);
}

json::object OpenApiSchemas::one(const Field& field) {
  if (field.type == Type::schema_or) add(*field.message, nullptr);
  if (field.type != Type::message) return scalar_schema(field.type);
  if (field.message->name.empty())
    return {{"type", "object"}, {"x-kubernetes-preserve-unknown-fields", true}};
  add(*field.message, nullptr);
  return {{"$ref", prefix_ + std::string(field.message->name)}};
}

json::object OpenApiSchemas::shape(const Field& field) {
  if (field.shape == Shape::map) return {{"type", "object"}, {"additionalProperties", one(field)}};
  if (field.shape == Shape::one) return one(field);
  json::object out{{"type", "array"}, {"items", one(field)}};
  if (!field.merge_key.empty()) out["x-kubernetes-patch-merge-key"] = field.merge_key;
  if (!field.merge_key.empty() || field.merge_set) out["x-kubernetes-patch-strategy"] = "merge";
  return out;
}

void add_paths(const OpenApiSchemas& schemas, const Kind& kind, MakeOperation operation,
               json::object& paths) {
  std::string base = kind.group.empty() ? fmt::format("/api/{}/", kind.version)
                                        : fmt::format("/apis/{}/{}/", kind.group, kind.version);
  if (kind.scope == Scope::namespaced) base += "namespaces/{namespace}/";
  base += kind.plural;
  json::object collection{{"post", operation(schemas, kind, "post")}};
  if (kind.stored()) {
    collection["get"] = operation(schemas, kind, "list");
    json::object item;
    for (const char* method : {"get", "put", "patch", "delete"})
      item[method] = operation(schemas, kind, method);
    paths[base + "/{name}"] = std::move(item);
  }
  paths[base] = std::move(collection);
}

}  // namespace gatehouse::kube
