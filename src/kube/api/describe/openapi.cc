// OpenAPI, derived from the schema table: what kubectl validates with, and what `kubectl explain` reads.
// https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-interface-definition
#include <fmt/format.h>

#include "base/hash.h"
#include "kube/api/context.h"
#include "kube/api/describe/openapi_schemas.h"
#include "kube/api/describe/openapi_v2.h"

namespace gatehouse::kube {
namespace {

json::object query_parameter(std::string_view name, std::string_view type) {
  return {{"name", name}, {"in", "query"}, {"schema", json::object{{"type", type}, {"uniqueItems", true}}}};
}

json::object operation(const OpenApiSchemas& schemas, const Kind& kind, std::string_view action) {
  const json::object content{{"application/json", json::object{{"schema", schemas.reference(kind)}}}};
  const bool writes = action == "post" || action == "put" || action == "patch";
  json::array parameters;
  for (const char* name : {"dryRun", "fieldManager", "fieldValidation"})
    if (writes) parameters.push_back(query_parameter(name, "string"));
  json::object out{
      {"parameters", std::move(parameters)},
      {"responses", json::object{{"200", json::object{{"description", "OK"}, {"content", content}}}}},
      {"x-kubernetes-action", action},
      {"x-kubernetes-group-version-kind", group_version_kind(kind)}};
  if (writes) out["requestBody"] = json::object{{"content", content}};
  return out;
}

std::string document_for(const KindSet& kinds, std::string_view group, std::string_view version) {
  OpenApiSchemas schemas("#/components/schemas/");
  json::object paths;
  for (const Kind* kind : kinds.all()) {
    if (kind->group != group || kind->version != version) continue;
    schemas.add(*kind);
    add_paths(schemas, *kind, operation, paths);
  }
  if (paths.empty()) return "";
  return json::dump(json::object{{"openapi", "3.0.0"},
                                 {"info", json::object{{"title", "Kubernetes"}, {"version", kVersion}}},
                                 {"paths", std::move(paths)},
                                 {"components", json::object{{"schemas", std::move(schemas.all)}}}});
}

Answer index(const KindSet& kinds) {
  json::object paths;
  for (const Kind* kind : kinds.all()) {
    const std::string name = (kind->group.empty() ? "api/" : "apis/") + kind->group_version();
    if (paths.contains(name)) continue;
    const auto hash = sha1(document_for(kinds, kind->group, kind->version));
    paths[name] = json::object{{"serverRelativeURL", fmt::format("/openapi/v3/{}?hash={}", name, hex(hash))}};
  }
  return json_response(200, json::object{{"paths", std::move(paths)}});
}

}  // namespace

Answer openapi(Context& context) {
  constexpr std::string_view kRoot = "/openapi/v3";
  std::string_view path = context.request.path;
  if (path == "/openapi/v2") return openapi_v2(*context.request.kinds, context.request.accept);
  if (!path.starts_with(kRoot)) return fail(status::unknown_path());
  path.remove_prefix(kRoot.size());
  if (path.empty() || path == "/") return index(*context.request.kinds);
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
  std::string text = document_for(*context.request.kinds, group, path);
  if (text.empty()) return fail(status::unknown_path());
  return json_response(200, std::move(text));
}

}  // namespace gatehouse::kube
