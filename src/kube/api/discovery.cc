// What there is: versions, groups, resources, health, and the issuer's documents.
#include <algorithm>

#include "kube/api/context.h"
#include "kube/issuer.h"

namespace gatehouse::kube {
namespace {

// Groups in the table's order, each with its versions.
std::vector<std::pair<std::string_view, std::vector<std::string_view>>> groups() {
  std::vector<std::pair<std::string_view, std::vector<std::string_view>>> out;
  for (const Kind& kind : kinds()) {
    if (kind.group.empty()) continue;
    auto it = std::find_if(out.begin(), out.end(), [&](const auto& g) { return g.first == kind.group; });
    if (it == out.end()) it = out.insert(out.end(), {kind.group, {}});
    if (std::find(it->second.begin(), it->second.end(), kind.version) == it->second.end())
      it->second.push_back(kind.version);
  }
  return out;
}

json::object group_document(std::string_view group, const std::vector<std::string_view>& versions) {
  json::array list;
  for (const std::string_view version : versions)
    list.push_back(json::object{{"groupVersion", std::string(group) + "/" + std::string(version)},
                                {"version", version}});
  const json::value preferred = list.front();
  return {{"name", group}, {"versions", std::move(list)}, {"preferredVersion", preferred}};
}

json::array spaced(std::string_view text) {
  json::array out;
  for (const std::string_view word : words(text)) out.emplace_back(word);
  return out;
}

json::object resource_document(const Kind& kind) {
  json::object out{{"name", kind.plural},
                   {"singularName", kind.singular()},
                   {"namespaced", kind.scope == Scope::namespaced},
                   {"kind", kind.kind},
                   {"verbs", spaced(kind.verbs)}};
  if (!kind.short_names.empty()) out["shortNames"] = spaced(kind.short_names);
  if (!kind.categories.empty()) out["categories"] = spaced(kind.categories);
  return out;
}

Answer resource_list(std::string_view group, std::string_view version) {
  json::array list;
  for (const Kind& kind : kinds()) {
    if (kind.group != group || kind.version != version) continue;
    list.push_back(resource_document(kind));
    for (const Subresource& part : kind.subresources) {
      json::object entry{{"name", std::string(kind.plural) + "/" + std::string(part.name)},
                         {"singularName", ""},
                         {"namespaced", kind.scope == Scope::namespaced},
                         {"kind", part.kind},
                         {"verbs", spaced(part.verbs)}};
      if (part.group != kind.group) {
        entry["group"] = part.group;
        entry["version"] = part.version;
      }
      list.push_back(std::move(entry));
    }
  }
  if (list.empty()) return fail(status::unknown_path());
  const std::string name =
      group.empty() ? std::string(version) : std::string(group) + "/" + std::string(version);
  return json_response(200, json::object{{"kind", "APIResourceList"},
                                         {"apiVersion", "v1"},
                                         {"groupVersion", name},
                                         {"resources", std::move(list)}});
}

Answer group_list() {
  json::array list;
  for (const auto& [group, versions] : groups()) list.push_back(group_document(group, versions));
  return json_response(
      200, json::object{{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", std::move(list)}});
}

Answer one_group(std::string_view name) {
  for (const auto& [group, versions] : groups()) {
    if (group != name) continue;
    json::object out{{"kind", "APIGroup"}, {"apiVersion", "v1"}};
    for (auto& [key, value] : group_document(group, versions)) out[key] = value;
    return json_response(200, out);
  }
  return fail(status::unknown_path());
}

json::object version_document() {
  return {{"major", "1"},    {"minor", "32"},           {"gitVersion", kVersion},
          {"gitCommit", ""}, {"gitTreeState", "clean"}, {"buildDate", "1970-01-01T00:00:00Z"},
          {"goVersion", ""}, {"compiler", ""},          {"platform", "linux/amd64"}};
}

wire::Response plain(std::string text) {
  wire::Response out = json_response(200, std::move(text));
  out.headers = {};
  out.headers.add("content-type", "text/plain; charset=utf-8");
  return out;
}

}  // namespace

Answer document(Context& context) {
  std::string_view path = context.request.path;
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  if (path == "/version") return json_response(200, version_document());
  if (path == "/healthz" || path == "/livez" || path == "/readyz") return plain("ok");
  if (path == "/api")
    return json_response(200, json::object{{"kind", "APIVersions"},
                                           {"versions", json::array{"v1"}},
                                           {"serverAddressByClientCIDRs", json::array()}});
  if (path == "/api/v1") return resource_list("", "v1");
  if (path == "/apis") return group_list();
  if (path.starts_with("/apis/")) {
    path.remove_prefix(6);
    const auto slash = path.find('/');
    return slash == std::string_view::npos ? one_group(path)
                                           : resource_list(path.substr(0, slash), path.substr(slash + 1));
  }
  if (path == "/.well-known/openid-configuration")
    return json_response(200, discovery_document(*context.cluster, context.cluster->issuer + "/keys"));
  if (path == "/openid/v1/jwks") {
    wire::Response out = json_response(200, key_set(*context.cluster));
    out.headers = {};
    out.headers.add("content-type", "application/jwk-set+json");
    return out;
  }
  if (path == "/") {
    json::array paths{"/.well-known/openid-configuration", "/api", "/api/v1", "/apis"};
    for (const auto& [group, versions] : groups())
      for (const std::string_view version : versions)
        paths.push_back(json::value("/apis/" + std::string(group) + "/" + std::string(version)));
    for (const char* rest : {"/healthz", "/livez", "/openapi/v3", "/openid/v1/jwks", "/readyz", "/version"})
      paths.emplace_back(rest);
    return json_response(200, json::object{{"paths", std::move(paths)}});
  }
  return fail(status::unknown_path());
}

}  // namespace gatehouse::kube
