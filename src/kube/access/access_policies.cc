#include "kube/access/access_policies.h"

#include <array>

#include "kube/access/rbac.h"

namespace gatehouse::kube {
namespace {

constexpr std::string_view kClusterAdmin = "AmazonEKSClusterAdminPolicy";
constexpr std::string_view kAdminView = "AmazonEKSAdminViewPolicy";
constexpr std::array<AccessPolicy, 5> kPolicies = {{{"AmazonEKSAdminPolicy", "admin"},
                                                    {kAdminView, ""},
                                                    {kClusterAdmin, ""},
                                                    {"AmazonEKSEditPolicy", "edit"},
                                                    {"AmazonEKSViewPolicy", "view"}}};

bool holds_in(const AccessGrant& grant, std::string_view ns) {
  if (grant.namespaces.empty()) return true;
  if (ns.empty()) return false;
  return std::ranges::any_of(grant.namespaces, [&](std::string_view pattern) {
    return pattern.ends_with('*') ? ns.starts_with(pattern.substr(0, pattern.size() - 1)) : ns == pattern;
  });
}

json::object everything(json::array verbs) {
  const json::array all{"*"};
  return {{"verbs", std::move(verbs)}, {"apiGroups", all}, {"resources", all}};
}

}  // namespace

std::span<const AccessPolicy> access_policies() { return kPolicies; }

std::vector<json::object> rules_of_grant(const Objects& objects, const AccessGrant& grant,
                                         std::string_view ns) {
  if (!holds_in(grant, ns)) return {};
  if (grant.policy == kAdminView) return {everything({"get", "list", "watch"})};
  if (grant.policy == kClusterAdmin) {
    std::vector<json::object> out{everything({"*"})};
    if (grant.namespaces.empty())
      out.push_back({{"verbs", json::array{"*"}}, {"nonResourceURLs", json::array{"*"}}});
    return out;
  }
  const auto it = std::ranges::find(kPolicies, grant.policy, &AccessPolicy::name);
  return it == kPolicies.end() ? std::vector<json::object>()
                               : rules_of_role(objects, "ClusterRole", "", it->role);
}

}  // namespace gatehouse::kube
