#include "kube/access/builtin_roles.h"

#include "kube/access/user.h"

namespace gatehouse::kube {
namespace {

constexpr std::string_view kRbac = "rbac.authorization.k8s.io";
constexpr std::string_view kRead = "get list watch";
constexpr std::string_view kWrite = "create delete deletecollection patch update";

json::array list(std::string_view spaced) {
  json::array out;
  for (const std::string_view word : words(spaced)) out.emplace_back(word == "core" ? "" : word);
  return out;
}

// "core" is the group without a name.
json::object rule(std::string_view verbs, std::string_view groups, std::string_view resources) {
  return {{"verbs", list(verbs)}, {"apiGroups", list(groups)}, {"resources", list(resources)}};
}
json::object path_rule(std::string_view verbs, std::string_view urls) {
  return {{"verbs", list(verbs)}, {"nonResourceURLs", list(urls)}};
}

json::object labelled(std::string_view name) {
  json::object annotations{{"rbac.authorization.kubernetes.io/autoupdate", "true"}};
  json::object labels{{"kubernetes.io/bootstrapping", "rbac-defaults"}};
  return {{"name", name}, {"annotations", std::move(annotations)}, {"labels", std::move(labels)}};
}

BuiltIn role(std::string_view name, json::array rules) {
  return {&kind_of(kRbac, "clusterroles"), {{"metadata", labelled(name)}, {"rules", std::move(rules)}}};
}

// `view`, `edit` and `admin` have no rules of their own: installers add to them by a label.
// https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles
BuiltIn aggregated(std::string_view name) {
  const std::string label = "rbac.authorization.k8s.io/aggregate-to-" + std::string(name);
  const json::value selector = json::object{{"matchLabels", json::object{{label, "true"}}}};
  BuiltIn out = role(name, {});
  out.object["aggregationRule"] = json::object{{"clusterRoleSelectors", json::array{selector}}};
  return out;
}
BuiltIn part_of(std::string_view name, json::array rules) {
  BuiltIn out = role("system:aggregate-to-" + std::string(name), std::move(rules));
  out.object["metadata"]
      .get_object()["labels"]
      .get_object()["rbac.authorization.k8s.io/aggregate-to-" + std::string(name)] = "true";
  return out;
}
// Whatever this role has, `to` has too.
BuiltIn also_to(BuiltIn role, std::string_view to) {
  role.object["metadata"]
      .get_object()["labels"]
      .get_object()["rbac.authorization.k8s.io/aggregate-to-" + std::string(to)] = "true";
  return role;
}

BuiltIn binding(std::string_view name, std::initializer_list<std::string_view> groups) {
  json::array subjects;
  for (const std::string_view group : groups)
    subjects.push_back(json::object{{"kind", "Group"}, {"apiGroup", kRbac}, {"name", group}});
  return {&kind_of(kRbac, "clusterrolebindings"),
          {{"metadata", labelled(name)},
           {"subjects", std::move(subjects)},
           {"roleRef", json::object{{"apiGroup", kRbac}, {"kind", "ClusterRole"}, {"name", name}}}}};
}

// What `view` reads: everything that tells no secret and gives no way to one.
json::array view_rules() {
  return {
      rule(kRead, "core",
           "configmaps endpoints events limitranges namespaces namespaces/status persistentvolumeclaims "
           "persistentvolumeclaims/status pods pods/log pods/status replicationcontrollers "
           "replicationcontrollers/scale replicationcontrollers/status resourcequotas resourcequotas/status "
           "serviceaccounts services services/status bindings"),
      rule(kRead, "discovery.k8s.io", "endpointslices"),
      rule(
          kRead, "apps",
          "controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status "
          "replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale "
          "statefulsets/status"),
      rule(kRead, "autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status"),
      rule(kRead, "batch", "cronjobs cronjobs/status jobs jobs/status"),
      rule(kRead, "policy", "poddisruptionbudgets poddisruptionbudgets/status"),
      rule(kRead, "networking.k8s.io", "ingresses ingresses/status networkpolicies")};
}

json::array edit_rules() {
  json::array out;
  out.push_back(
      rule(kRead, "core", "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy"));
  out.push_back(rule("impersonate", "core", "serviceaccounts"));
  out.push_back(rule(kWrite, "core", "pods pods/attach pods/exec pods/portforward pods/proxy"));
  out.push_back(rule("create", "core", "pods/eviction"));
  out.push_back(
      rule(kWrite, "core",
           "configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale "
           "secrets serviceaccounts services services/proxy"));
  out.push_back(rule("create", "core", "serviceaccounts/token"));
  out.push_back(
      rule(kWrite, "apps",
           "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale "
           "statefulsets statefulsets/scale"));
  out.push_back(rule(kWrite, "autoscaling", "horizontalpodautoscalers"));
  out.push_back(rule(kWrite, "batch", "cronjobs jobs"));
  out.push_back(rule(kWrite, "policy", "poddisruptionbudgets"));
  out.push_back(rule(kWrite, "networking.k8s.io", "ingresses networkpolicies"));
  out.push_back(
      rule("create delete deletecollection get list patch update watch", "coordination.k8s.io", "leases"));
  return out;
}

json::array admin_rules() {
  json::array out;
  out.push_back(rule("create", "authorization.k8s.io", "localsubjectaccessreviews"));
  out.push_back(
      rule("create delete deletecollection get list patch update watch", kRbac, "roles rolebindings"));
  return out;
}

}  // namespace

std::vector<BuiltIn> built_in_roles() {
  std::vector<BuiltIn> out;
  out.push_back(role("cluster-admin", {rule("*", "*", "*"), path_rule("*", "*")}));
  out.push_back(also_to(aggregated("edit"), "admin"));
  out.push_back(also_to(aggregated("view"), "edit"));
  out.push_back(aggregated("admin"));
  out.push_back(part_of("admin", admin_rules()));
  out.push_back(part_of("edit", edit_rules()));
  out.push_back(part_of("view", view_rules()));
  out.push_back(
      role("system:discovery",
           {path_rule("get",
                      "/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version "
                      "/version/")}));
  out.push_back(
      role("system:public-info-viewer", {path_rule("get", "/healthz /livez /readyz /version /version/")}));
  out.push_back(role("system:basic-user", {rule("create", "authorization.k8s.io",
                                                "selfsubjectaccessreviews selfsubjectrulesreviews"),
                                           rule("create", "authentication.k8s.io", "selfsubjectreviews")}));
  out.push_back(role("system:service-account-issuer-discovery",
                     {path_rule("get",
                                "/.well-known/openid-configuration /.well-known/openid-configuration/ "
                                "/openid/v1/jwks /openid/v1/jwks/")}));
  out.push_back(
      role("system:auth-delegator", {rule("create", "authentication.k8s.io", "tokenreviews"),
                                     rule("create", "authorization.k8s.io", "subjectaccessreviews")}));
  out.push_back(binding("cluster-admin", {kMasters}));
  out.push_back(binding("system:discovery", {kAuthenticated}));
  out.push_back(binding("system:public-info-viewer", {kAuthenticated, kUnauthenticated}));
  out.push_back(binding("system:basic-user", {kAuthenticated}));
  out.push_back(binding("system:service-account-issuer-discovery", {"system:serviceaccounts"}));
  return out;
}

}  // namespace gatehouse::kube
