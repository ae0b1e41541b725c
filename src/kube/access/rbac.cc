#include "kube/access/rbac.h"

#include <fmt/format.h>

#include "kube/access/access_policies.h"
#include "kube/objects/json_path.h"

namespace gatehouse::kube {
namespace {

constexpr std::string_view kGroup = "rbac.authorization.k8s.io";

bool lists(const json::object& rule, std::string_view member, std::string_view wanted) {
  const json::array* list = array_at(rule, {member});
  if (list == nullptr) return false;
  return std::any_of(list->begin(), list->end(), [&](const json::value& v) {
    return v.is_string() && (v.get_string() == "*" || std::string_view(v.get_string()) == wanted);
  });
}

bool resource_matches(const json::object& rule, std::string_view resource, std::string_view subresource) {
  const std::string combined =
      subresource.empty() ? std::string(resource) : fmt::format("{}/{}", resource, subresource);
  if (lists(rule, "resources", combined)) return true;
  if (subresource.empty()) return false;
  const std::string any = fmt::format("*/{}", subresource);
  const json::array* list = array_at(rule, {"resources"});
  return list != nullptr && std::any_of(list->begin(), list->end(), [&](const json::value& v) {
           return v.is_string() && v.get_string() == any;
         });
}

bool name_matches(const json::object& rule, std::string_view name) {
  const json::array* names = array_at(rule, {"resourceNames"});
  if (names == nullptr || names->empty()) return true;
  return std::any_of(names->begin(), names->end(), [&](const json::value& v) {
    return v.is_string() && std::string_view(v.get_string()) == name;
  });
}

bool path_matches(const json::object& rule, std::string_view path) {
  const json::array* urls = array_at(rule, {"nonResourceURLs"});
  if (urls == nullptr) return false;
  return std::any_of(urls->begin(), urls->end(), [&](const json::value& v) {
    if (!v.is_string()) return false;
    const std::string_view url = v.get_string();
    return url == "*" || url == path ||
           (url.ends_with('*') && path.starts_with(url.substr(0, url.size() - 1)));
  });
}

// The subject of a binding that is this user; nullptr if none is.
const json::object* subject_for(const json::object& binding, std::string_view binding_ns, const User& user) {
  const json::array* subjects = array_at(binding, {"subjects"});
  for (size_t i = 0; subjects != nullptr && i < subjects->size(); ++i) {
    const json::object* s = (*subjects)[i].if_object();
    if (s == nullptr) continue;
    const auto kind = text_at(*s, {"kind"});
    const auto name = text_at(*s, {"name"});
    if (kind == "User" && name == user.name) return s;
    if (kind == "Group" && user.in(name)) return s;
    if (kind == "ServiceAccount") {
      const auto own = text_at(*s, {"namespace"});
      if (user.name == fmt::format("system:serviceaccount:{}:{}", own.empty() ? binding_ns : own, name))
        return s;
    }
  }
  return nullptr;
}

// Calls visit(rule, binding, subject) for each rule that applies; stops when it returns false.
template <typename Visit>
void each_rule(const Objects& objects, const User& user, std::string_view ns, const Visit& visit) {
  const auto bindings = [&](std::string_view plural, std::string_view in) {
    const Kind& kind = kind_of(kGroup, plural);
    for (const StoredPtr& binding : objects.list(kind, in).items) {
      const json::object* subject = subject_for(binding->object, binding->ns, user);
      if (subject == nullptr) continue;
      const auto role = text_at(binding->object, {"roleRef", "name"});
      for (const json::object& rule :
           rules_of_role(objects, text_at(binding->object, {"roleRef", "kind"}), binding->ns, role))
        if (!visit(rule, kind, *binding, *subject)) return false;
    }
    return true;
  };
  if (bindings("clusterrolebindings", "") && !ns.empty()) bindings("rolebindings", ns);
}

}  // namespace

bool rule_allows(const json::object& rule, const Attributes& a) {
  if (!lists(rule, "verbs", a.verb)) return false;
  if (!a.resource_request) return path_matches(rule, a.path);
  return lists(rule, "apiGroups", a.group) && resource_matches(rule, a.resource, a.subresource) &&
         name_matches(rule, a.name);
}

std::vector<json::object> rules_of_role(const Objects& objects, std::string_view kind, std::string_view ns,
                                        std::string_view name) {
  const bool cluster_wide = kind == "ClusterRole";
  const Kind& row = kind_of(kGroup, cluster_wide ? "clusterroles" : "roles");
  const StoredPtr role = objects.find(row, cluster_wide ? "" : ns, name);
  std::vector<json::object> out;
  if (role == nullptr) return out;
  const json::array* rules = array_at(role->object, {"rules"});
  for (size_t i = 0; rules != nullptr && i < rules->size(); ++i)
    if ((*rules)[i].is_object()) out.push_back((*rules)[i].get_object());
  return out;
}

Decision authorize(const Objects& objects, const User& user, const Attributes& attributes) {
  if (user.in(kMasters)) return {true, ""};
  Decision out;
  each_rule(
      objects, user, attributes.resource_request ? attributes.ns : "",
      [&](const json::object& rule, const Kind& kind, const Stored& binding, const json::object& subject) {
        if (!rule_allows(rule, attributes)) return true;
        const std::string where =
            binding.ns.empty() ? binding.name : fmt::format("{}/{}", binding.name, binding.ns);
        std::string who = fmt::format("{} \"{}\"", text_at(subject, {"kind"}), text_at(subject, {"name"}));
        if (text_at(subject, {"kind"}) == "ServiceAccount")
          who = fmt::format("ServiceAccount \"{}/{}\"", text_at(subject, {"name"}),
                            text_at(subject, {"namespace"}));
        out = {true, fmt::format("RBAC: allowed by {} \"{}\" of {} \"{}\" to {}", kind.kind, where,
                                 text_at(binding.object, {"roleRef", "kind"}),
                                 text_at(binding.object, {"roleRef", "name"}), who)};
        return false;
      });
  for (const AccessGrant& grant : user.grants) {
    if (out.allowed) break;
    const auto rules = rules_of_grant(objects, grant, attributes.resource_request ? attributes.ns : "");
    if (std::ranges::any_of(rules, [&](const json::object& rule) { return rule_allows(rule, attributes); }))
      out = {true, fmt::format("EKS: allowed by access policy \"{}\"", grant.policy)};
  }
  return out;
}

std::vector<json::object> rules_for(const Objects& objects, const User& user, std::string_view ns) {
  std::vector<json::object> out;
  if (user.in(kMasters)) {
    const json::array all{"*"};
    out.push_back({{"verbs", all}, {"apiGroups", all}, {"resources", all}});
    out.push_back({{"verbs", all}, {"nonResourceURLs", all}});
  }
  each_rule(objects, user, ns,
            [&](const json::object& rule, const Kind&, const Stored&, const json::object&) {
              out.push_back(rule);
              return true;
            });
  for (const AccessGrant& grant : user.grants)
    std::ranges::copy(rules_of_grant(objects, grant, ns), std::back_inserter(out));
  return out;
}

bool covers(const std::vector<json::object>& owned, const json::object& wanted) {
  static const json::array kNone;
  const auto list = [&](std::string_view member) -> const json::array& {
    const json::array* found = array_at(wanted, {member});
    return found == nullptr ? kNone : *found;
  };
  const auto text = [](const json::value& v) {
    return v.is_string() ? std::string(v.get_string()) : std::string();
  };
  const auto anyone = [&](const Attributes& a) {
    return std::any_of(owned.begin(), owned.end(),
                       [&](const json::object& rule) { return rule_allows(rule, a); });
  };
  json::array names = list("resourceNames");
  if (names.empty()) names.emplace_back("");
  for (const json::value& verb : list("verbs")) {
    for (const json::value& url : list("nonResourceURLs"))
      if (!anyone({.verb = text(verb), .resource_request = false, .path = text(url)})) return false;
    for (const json::value& group : list("apiGroups")) {
      for (const json::value& resource : list("resources")) {
        const std::string full = text(resource);
        const auto slash = full.find('/');
        for (const json::value& name : names) {
          const Attributes a{.verb = text(verb),
                             .group = text(group),
                             .resource = full.substr(0, slash),
                             .subresource = slash == std::string::npos ? "" : full.substr(slash + 1),
                             .name = text(name)};
          if (!anyone(a)) return false;
        }
      }
    }
  }
  return true;
}

std::string denial(const User& user, const Attributes& a) {
  if (!a.resource_request) return fmt::format("User \"{}\" cannot {} path \"{}\"", user.name, a.verb, a.path);
  const std::string resource =
      a.subresource.empty() ? a.resource : fmt::format("{}/{}", a.resource, a.subresource);
  const std::string where =
      a.ns.empty() ? " at the cluster scope" : fmt::format(" in the namespace \"{}\"", a.ns);
  return fmt::format("User \"{}\" cannot {} resource \"{}\" in API group \"{}\"{}", user.name, a.verb,
                     resource, a.group, where);
}

}  // namespace gatehouse::kube
