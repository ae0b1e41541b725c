// What there is: versions, groups, resources, health, and the issuer's documents.
#include <algorithm>

#include "kube/api/context.h"
#include "kube/issuer.h"
#include "kube/schema/custom.h"

namespace gatehouse::kube {
namespace {

struct Group {
  std::string_view name;
  std::vector<std::string_view> versions;  // the newest first
};

// Groups in the order of their kinds; core, which has no name, is not among them.
std::vector<Group> groups(const KindSet& kinds) {
  std::vector<Group> out;
  for (const Kind* kind : kinds.all()) {
    if (kind->group.empty()) continue;
    auto it = std::find_if(out.begin(), out.end(), [&](const Group& g) { return g.name == kind->group; });
    if (it == out.end()) it = out.insert(out.end(), {kind->group, {}});
    if (std::find(it->versions.begin(), it->versions.end(), kind->version) == it->versions.end())
      it->versions.push_back(kind->version);
  }
  for (Group& group : out) std::stable_sort(group.versions.begin(), group.versions.end(), newer_version);
  return out;
}

json::object group_document(const Group& group) {
  json::array list;
  for (const std::string_view version : group.versions)
    list.push_back(json::object{{"groupVersion", std::string(group.name) + "/" + std::string(version)},
                                {"version", version}});
  const json::value preferred = list.front();
  return {{"name", group.name}, {"versions", std::move(list)}, {"preferredVersion", preferred}};
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

json::object part_document(const Kind& kind, const Subresource& part) {
  json::object out{{"name", std::string(kind.plural) + "/" + std::string(part.name)},
                   {"singularName", ""},
                   {"namespaced", kind.scope == Scope::namespaced},
                   {"kind", part.kind},
                   {"verbs", spaced(part.verbs)}};
  if (part.group != kind.group) {
    out["group"] = part.group;
    out["version"] = part.version;
  }
  return out;
}

Answer resource_list(const KindSet& kinds, std::string_view group, std::string_view version) {
  json::array list;
  for (const Kind* kind : kinds.all()) {
    if (kind->group != group || kind->version != version) continue;
    list.push_back(resource_document(*kind));
    for (const Subresource& part : kind->subresources) list.push_back(part_document(*kind, part));
  }
  if (list.empty()) return fail(status::unknown_path());
  const std::string name =
      group.empty() ? std::string(version) : std::string(group) + "/" + std::string(version);
  return json_response(200, json::object{{"kind", "APIResourceList"},
                                         {"apiVersion", "v1"},
                                         {"groupVersion", name},
                                         {"resources", std::move(list)}});
}

Answer group_list(const KindSet& kinds) {
  json::array list;
  for (const Group& group : groups(kinds)) list.push_back(group_document(group));
  return json_response(
      200, json::object{{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", std::move(list)}});
}

Answer one_group(const KindSet& kinds, std::string_view name) {
  for (const Group& group : groups(kinds)) {
    if (group.name != name) continue;
    json::object out{{"kind", "APIGroup"}, {"apiVersion", "v1"}};
    for (auto& [key, value] : group_document(group)) out[key] = value;
    return json_response(200, out);
  }
  return fail(status::unknown_path());
}

json::object response_kind(std::string_view group, std::string_view version, std::string_view kind) {
  return {{"group", group}, {"version", version}, {"kind", kind}};
}

json::object described(const Kind& kind) {
  json::object out{{"resource", kind.plural},
                   {"responseKind", response_kind(kind.group, kind.version, kind.kind)},
                   {"scope", kind.scope == Scope::namespaced ? "Namespaced" : "Cluster"},
                   {"singularResource", kind.singular()},
                   {"verbs", spaced(kind.verbs)}};
  if (!kind.short_names.empty()) out["shortNames"] = spaced(kind.short_names);
  if (!kind.categories.empty()) out["categories"] = spaced(kind.categories);
  json::array parts;
  for (const Subresource& part : kind.subresources)
    parts.push_back(json::object{{"subresource", part.name},
                                 {"responseKind", response_kind(part.group, part.version, part.kind)},
                                 {"verbs", spaced(part.verbs)}});
  if (!parts.empty()) out["subresources"] = std::move(parts);
  return out;
}

// Everything in one document:
// https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery Older clients know
// v2beta1 only. Nothing where the client asks for the plain form first.
std::optional<wire::Response> aggregated_discovery(Context& context, bool core) {
  std::string_view version;
  for (std::string_view accept = context.request.accept; !accept.empty() && version.empty();) {
    const auto range = accept.substr(0, accept.find(','));
    accept.remove_prefix(std::min(range.size() + 1, accept.size()));
    const bool whole = range.find("as=APIGroupDiscoveryList") != std::string_view::npos;
    if (!whole && range.find("application/json") != std::string_view::npos) return std::nullopt;
    if (whole) version = range.find("v=v2beta1") != std::string_view::npos ? "v2beta1" : "v2";
  }
  if (version.empty()) return std::nullopt;
  const KindSet& kinds = *context.request.kinds;
  json::array items;
  for (const Group& group : core ? std::vector<Group>{{"", {"v1"}}} : groups(kinds)) {
    json::array versions;
    for (const std::string_view v : group.versions) {
      json::array resources;
      for (const Kind* kind : kinds.all())
        if (kind->group == group.name && kind->version == v) resources.push_back(described(*kind));
      versions.push_back(
          json::object{{"version", v}, {"resources", std::move(resources)}, {"freshness", "Current"}});
    }
    json::object metadata;
    if (!core) metadata["name"] = group.name;
    items.push_back(json::object{{"metadata", std::move(metadata)}, {"versions", std::move(versions)}});
  }
  wire::Response out =
      json_response(200, json::object{{"kind", "APIGroupDiscoveryList"},
                                      {"apiVersion", "apidiscovery.k8s.io/" + std::string(version)},
                                      {"metadata", json::object()},
                                      {"items", std::move(items)}});
  out.headers = {};
  out.headers.add("content-type", "application/json;g=apidiscovery.k8s.io;v=" + std::string(version) +
                                      ";as=APIGroupDiscoveryList");
  out.headers.add("vary", "Accept");
  return out;
}

json::object version_document() {
  return {{"major", "1"},    {"minor", "32"},           {"gitVersion", kVersion},
          {"gitCommit", ""}, {"gitTreeState", "clean"}, {"buildDate", "1970-01-01T00:00:00Z"},
          {"goVersion", ""}, {"compiler", ""},          {"platform", "linux/amd64"}};
}

// Also of one check alone, which has no more to say: /livez/ping.
bool is_health(std::string_view path) {
  for (const std::string_view root : {"/healthz", "/livez", "/readyz"})
    if (path == root || path == std::string(root) + "/ping") return true;
  return false;
}

wire::Response plain(std::string text) {
  wire::Response out = json_response(200, std::move(text));
  out.headers = {};
  out.headers.add("content-type", "text/plain; charset=utf-8");
  return out;
}

}  // namespace

Answer document(Context& context) {
  const KindSet& kinds = *context.request.kinds;
  std::string_view path = context.request.path;
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  if (path == "/version") return json_response(200, version_document());
  if (is_health(path)) return plain("ok");
  if (path == "/api" || path == "/apis")
    if (auto whole = aggregated_discovery(context, path == "/api")) return *std::move(whole);
  if (path == "/api")
    return json_response(200, json::object{{"kind", "APIVersions"},
                                           {"versions", json::array{"v1"}},
                                           {"serverAddressByClientCIDRs", json::array()}});
  if (path == "/api/v1") return resource_list(kinds, "", "v1");
  if (path == "/apis") return group_list(kinds);
  if (path.starts_with("/apis/")) {
    path.remove_prefix(6);
    const auto slash = path.find('/');
    return slash == std::string_view::npos
               ? one_group(kinds, path)
               : resource_list(kinds, path.substr(0, slash), path.substr(slash + 1));
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
    for (const Group& group : groups(kinds)) {
      paths.push_back(json::value("/apis/" + std::string(group.name)));
      for (const std::string_view version : group.versions)
        paths.push_back(json::value("/apis/" + std::string(group.name) + "/" + std::string(version)));
    }
    for (const char* rest :
         {"/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/openid/v1/jwks", "/readyz", "/version"})
      paths.emplace_back(rest);
    return json_response(200, json::object{{"paths", std::move(paths)}});
  }
  return fail(status::unknown_path());
}

}  // namespace gatehouse::kube
