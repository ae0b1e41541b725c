#include "kube/node_mapping.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "kube/access/aws_auth.h"
#include "kube/objects/json_path.h"
#include "kube/schema/decode.h"

namespace gatehouse::kube {
namespace {

constexpr std::string_view kNamespace = "kube-system", kName = "aws-auth", kRoles = "mapRoles";
constexpr std::string_view kUsername = "system:node:{{EC2PrivateDNSName}}";

std::string mapping_text(std::string_view role_arn) {
  return fmt::format("- groups:\n  - system:bootstrappers\n  - system:nodes\n  rolearn: {}\n  username: {}\n",
                     canonical_arn(role_arn), kUsername);
}

std::string_view roles_of(const StoredPtr& map) {
  return map == nullptr ? std::string_view() : text_at(map->object, {"data", kRoles});
}

// The list under mapRoles: empty where there is none, null where the text is something else.
json::value list_of(std::string_view text) {
  auto parsed = parse_yaml(text);
  if (text.empty() || (parsed && parsed->is_null())) return json::array();
  return parsed && parsed->is_array() ? std::move(*parsed) : json::value();
}

bool names_role(const json::value& entry, std::string_view role_arn) {
  const json::object* o = entry.if_object();
  return o != nullptr && text_at(*o, {"rolearn"}) == canonical_arn(role_arn);
}

// Each entry as JSON, which YAML reads.
std::string rewritten(const json::array& entries) {
  std::string out;
  for (const json::value& entry : entries) out += fmt::format("- {}\n", json::dump(entry));
  return out;
}

// After the text as it is, in its own form, if it then still reads as one entry more.
std::string with_mapping(std::string_view text, const json::array& entries, std::string_view role_arn) {
  if (entries.empty()) return mapping_text(role_arn);
  std::string out(text);
  if (!out.ends_with('\n')) out += '\n';
  out += mapping_text(role_arn);
  const json::value appended = list_of(out);
  if (appended.is_array() && appended.get_array().size() == entries.size() + 1) return out;
  return rewritten(entries) + mapping_text(role_arn);
}

// Writes aws-auth as `change` makes it out of its mapRoles; nullopt leaves it. Again where somebody else
// wrote it meanwhile.
Result<void> rewrite(const Cluster& cluster, const Makers* makers,
                     const std::function<std::optional<std::string>(std::string_view)>& change) {
  const Kind& kind = kind_of("", "configmaps");
  while (true) {
    const StoredPtr before = cluster.objects->find(kind, kNamespace, kName);
    if (before == nullptr && makers == nullptr) return {};
    const auto roles = change(roles_of(before));
    if (!roles) return {};
    json::object object;
    if (before != nullptr) {
      object = before->object;
    } else {
      object["metadata"] = json::object{{"name", kName}, {"namespace", kNamespace}};
      stamp(object, *makers);
    }
    make_object(object, "data")[kRoles] = *roles;
    const auto put = cluster.objects->put(kind, std::move(object), before);
    if (put) return {};
    const auto& code = put.error().code;
    if (code != "AlreadyExists" && code != "Conflict" && code != "NotFound") return fail(put.error());
  }
}

}  // namespace

Result<void> map_node_role(const Cluster& cluster, const Makers& makers, std::string_view role_arn) {
  return rewrite(cluster, &makers, [&](std::string_view text) -> std::optional<std::string> {
    const json::value entries = list_of(text);
    if (!entries.is_array()) return std::nullopt;
    const auto& list = entries.get_array();
    if (std::ranges::any_of(list, [&](const json::value& e) { return names_role(e, role_arn); }))
      return std::nullopt;
    return with_mapping(text, list, role_arn);
  });
}

Result<void> unmap_node_role(const Cluster& cluster, std::string_view role_arn) {
  return rewrite(cluster, nullptr, [&](std::string_view text) -> std::optional<std::string> {
    // The text that was appended goes as it came; where it was written otherwise, its entry goes.
    const std::string ours = mapping_text(role_arn);
    if (const auto at = text.find(ours); at != std::string_view::npos && (at == 0 || text[at - 1] == '\n'))
      return std::string(text.substr(0, at)) + std::string(text.substr(at + ours.size()));
    json::value entries = list_of(text);
    if (!entries.is_array()) return std::nullopt;
    auto& list = entries.get_array();
    const auto it = std::ranges::find_if(list, [&](const json::value& e) {
      return names_role(e, role_arn) && text_at(e.get_object(), {"username"}) == kUsername;
    });
    if (it == list.end()) return std::nullopt;
    list.erase(it);
    return rewritten(list);
  });
}

bool maps_node_role(const Cluster& cluster, std::string_view role_arn) {
  const StoredPtr map = cluster.objects->find(kind_of("", "configmaps"), kNamespace, kName);
  const json::object* data = map == nullptr ? nullptr : object_at(map->object, {"data"});
  return data != nullptr && AwsAuth::parse(*data).find(canonical_arn(role_arn), "").has_value();
}

}  // namespace gatehouse::kube
