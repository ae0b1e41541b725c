#include "kube/api/write/grants.h"

#include <fmt/format.h>

#include "kube/access/rbac.h"
#include "kube/objects/json_path.h"
#include "kube/objects/status.h"

namespace gatehouse::kube {
namespace {

std::vector<json::object> rules_in(const json::object& object) {
  std::vector<json::object> out;
  if (const json::array* rules = array_at(object, {"rules"}))
    for (const json::value& rule : *rules)
      if (rule.is_object()) out.push_back(rule.get_object());
  return out;
}

std::string join(const json::object& rule, std::string_view member) {
  const json::array* list = array_at(rule, {member});
  return list == nullptr ? "[]" : json::dump(*list);
}

std::string describe(const json::object& rule) {
  if (rule.contains("nonResourceURLs"))
    return fmt::format("{{NonResourceURLs:{}, Verbs:{}}}", join(rule, "nonResourceURLs"),
                       join(rule, "verbs"));
  return fmt::format("{{APIGroups:{}, Resources:{}, Verbs:{}}}", join(rule, "apiGroups"),
                     join(rule, "resources"), join(rule, "verbs"));
}

bool may(const Objects& objects, const User& user, std::string_view verb, const Kind& kind,
         std::string_view ns, std::string_view name) {
  return authorize(objects, user,
                   {.verb = std::string(verb),
                    .group = std::string(kind.group),
                    .version = std::string(kind.version),
                    .resource = std::string(kind.plural),
                    .ns = std::string(ns),
                    .name = std::string(name)})
      .allowed;
}

}  // namespace

Result<void> check_grants(const Objects& objects, const User& user, const Kind& kind,
                          const json::object& object, const json::object* old) {
  if (kind.group != "rbac.authorization.k8s.io" || user.in(kMasters)) return {};
  const auto ns = text_at(object, {"metadata", "namespace"});
  const auto name = text_at(object, {"metadata", "name"});
  std::vector<json::object> given;
  if (kind.kind == "Role" || kind.kind == "ClusterRole") {
    const json::value* now = object.if_contains("rules");
    const json::value* before = old == nullptr ? nullptr : old->if_contains("rules");
    const bool same_sources =
        old != nullptr && object.contains("aggregationRule") == old->contains("aggregationRule") &&
        (!object.contains("aggregationRule") || object.at("aggregationRule") == old->at("aggregationRule"));
    if (now != nullptr && before != nullptr && *now == *before && same_sources) return {};
    if (may(objects, user, "escalate", kind, ns, name)) return {};
    given = rules_in(object);
    // Whoever aggregates takes whatever roles there will be.
    const json::value* aggregates = object.if_contains("aggregationRule");
    const json::value* did = old == nullptr ? nullptr : old->if_contains("aggregationRule");
    if (aggregates != nullptr && (did == nullptr || *did != *aggregates)) {
      const json::array all{"*"};
      const json::object everything{{"verbs", all}, {"apiGroups", all}, {"resources", all}};
      const json::object everywhere{{"verbs", all}, {"nonResourceURLs", all}};
      const auto owned = rules_for(objects, user, "");
      if (!covers(owned, everything) || !covers(owned, everywhere))
        return fail(
            status::forbidden(kind, name, "must have cluster-admin privileges to use an aggregationRule"));
    }
  } else {
    const auto role_kind = text_at(object, {"roleRef", "kind"});
    const auto role = text_at(object, {"roleRef", "name"});
    const Kind& role_row = kind_of(kind.group, role_kind == "ClusterRole" ? "clusterroles" : "roles");
    if (may(objects, user, "bind", role_row, ns, role)) return {};
    given = rules_of_role(objects, role_kind, ns, role);
    if (objects.find(role_row, role_kind == "ClusterRole" ? "" : ns, role) == nullptr)
      return fail(status::not_found(role_row, role));
  }
  const auto owned = rules_for(objects, user, ns);
  std::string missing;
  for (const json::object& rule : given)
    if (!covers(owned, rule)) missing.append(missing.empty() ? "" : "\n").append(describe(rule));
  if (missing.empty()) return {};
  std::string groups;
  for (const std::string& group : user.groups)
    groups += fmt::format("{}\"{}\"", groups.empty() ? "" : " ", group);
  return fail(status::forbidden(
      kind, name,
      fmt::format("user \"{}\" (groups=[{}]) is attempting to grant RBAC permissions not currently held:\n{}",
                  user.name, groups, missing)));
}

}  // namespace gatehouse::kube
