#include "kube/schema/columns.h"
#include "kube/schema/messages.h"
#include "kube/schema/rules.h"
#include "kube/schema/schema.h"

namespace gatehouse::kube {
namespace {

constexpr std::string_view kCreateOnly = "create";
constexpr std::string_view kRbac = "rbac.authorization.k8s.io";
constexpr std::string_view kAuthn = "authentication.k8s.io";
constexpr std::string_view kAuthz = "authorization.k8s.io";
constexpr std::string_view kAdmission = "admissionregistration.k8s.io";

constexpr Subresource kNamespaceParts[] = {{"finalize", "", "v1", "Namespace", "update"},
                                           {"status", "", "v1", "Namespace", "get patch update"}};
constexpr Subresource kServiceAccountParts[] = {{"token", kAuthn, "v1", "TokenRequest", "create"}};
constexpr Subresource kNodeParts[] = {{"status", "", "v1", "Node", "get patch update"}};
constexpr Subresource kDefinitionParts[] = {
    {"status", "apiextensions.k8s.io", "v1", "CustomResourceDefinition", "get patch update"}};

// One row a kind. Groups stand together, in the order in which discovery lists them.
const std::vector<Kind>& table() {
  static const std::vector<Kind> rows = {
      {.group = "",
       .version = "v1",
       .kind = "ConfigMap",
       .plural = "configmaps",
       .short_names = "cm",
       .message = &messages::kConfigMap,
       .columns = columns::kConfigMap,
       .check = rules::check_config_map},
      {.group = "",
       .version = "v1",
       .kind = "Event",
       .plural = "events",
       .short_names = "ev",
       .message = &messages::kEvent,
       .columns = columns::kEvent,
       .check = rules::check_event},
      {.group = "",
       .version = "v1",
       .kind = "Namespace",
       .plural = "namespaces",
       .short_names = "ns",
       .scope = Scope::cluster,
       .verbs = "create delete get list patch update watch",
       .message = &messages::kNamespace,
       .columns = columns::kNamespace,
       .subresources = kNamespaceParts,
       .complete = rules::complete_namespace,
       .check = rules::check_namespace},
      {.group = "",
       .version = "v1",
       .kind = "Node",
       .plural = "nodes",
       .short_names = "no",
       .scope = Scope::cluster,
       .message = &messages::kNode,
       .columns = columns::kNode,
       .subresources = kNodeParts},
      {.group = "",
       .version = "v1",
       .kind = "Secret",
       .plural = "secrets",
       .message = &messages::kSecret,
       .columns = columns::kSecret,
       .complete = rules::complete_secret,
       .check = rules::check_secret},
      {.group = "",
       .version = "v1",
       .kind = "ServiceAccount",
       .plural = "serviceaccounts",
       .short_names = "sa",
       .message = &messages::kServiceAccount,
       .columns = columns::kServiceAccount,
       .subresources = kServiceAccountParts},
      {.group = kAdmission,
       .version = "v1",
       .kind = "MutatingWebhookConfiguration",
       .plural = "mutatingwebhookconfigurations",
       .categories = "api-extensions",
       .scope = Scope::cluster,
       .message = &messages::kMutatingWebhookConfiguration,
       .columns = columns::kWebhooks},
      {.group = kAdmission,
       .version = "v1",
       .kind = "ValidatingWebhookConfiguration",
       .plural = "validatingwebhookconfigurations",
       .categories = "api-extensions",
       .scope = Scope::cluster,
       .message = &messages::kValidatingWebhookConfiguration,
       .columns = columns::kWebhooks},
      {.group = "apiextensions.k8s.io",
       .version = "v1",
       .kind = "CustomResourceDefinition",
       .plural = "customresourcedefinitions",
       .short_names = "crd crds",
       .categories = "api-extensions",
       .scope = Scope::cluster,
       .message = &messages::kCustomResourceDefinition,
       .columns = columns::kDefinition,
       .subresources = kDefinitionParts,
       .check = rules::check_definition},
      {.group = kAuthn,
       .version = "v1",
       .kind = "SelfSubjectReview",
       .plural = "selfsubjectreviews",
       .scope = Scope::cluster,
       .verbs = kCreateOnly,
       .message = &messages::kSelfSubjectReview},
      {.group = kAuthn,
       .version = "v1",
       .kind = "TokenReview",
       .plural = "tokenreviews",
       .scope = Scope::cluster,
       .verbs = kCreateOnly,
       .message = &messages::kTokenReview},
      // kubectl 1.27 asks whoami of this version.
      {.group = kAuthn,
       .version = "v1beta1",
       .kind = "SelfSubjectReview",
       .plural = "selfsubjectreviews",
       .scope = Scope::cluster,
       .verbs = kCreateOnly,
       .message = &messages::kSelfSubjectReview},
      {.group = kAuthz,
       .version = "v1",
       .kind = "LocalSubjectAccessReview",
       .plural = "localsubjectaccessreviews",
       .verbs = kCreateOnly,
       .message = &messages::kLocalSubjectAccessReview},
      {.group = kAuthz,
       .version = "v1",
       .kind = "SelfSubjectAccessReview",
       .plural = "selfsubjectaccessreviews",
       .scope = Scope::cluster,
       .verbs = kCreateOnly,
       .message = &messages::kSelfSubjectAccessReview},
      {.group = kAuthz,
       .version = "v1",
       .kind = "SelfSubjectRulesReview",
       .plural = "selfsubjectrulesreviews",
       .scope = Scope::cluster,
       .verbs = kCreateOnly,
       .message = &messages::kSelfSubjectRulesReview},
      {.group = kAuthz,
       .version = "v1",
       .kind = "SubjectAccessReview",
       .plural = "subjectaccessreviews",
       .scope = Scope::cluster,
       .verbs = kCreateOnly,
       .message = &messages::kSubjectAccessReview},
      {.group = "coordination.k8s.io",
       .version = "v1",
       .kind = "Lease",
       .plural = "leases",
       .message = &messages::kLease,
       .columns = columns::kLease},
      {.group = kRbac,
       .version = "v1",
       .kind = "ClusterRole",
       .plural = "clusterroles",
       .scope = Scope::cluster,
       .message = &messages::kClusterRole,
       .columns = columns::kRole,
       .check = rules::check_cluster_role,
       .loose_names = true},
      {.group = kRbac,
       .version = "v1",
       .kind = "ClusterRoleBinding",
       .plural = "clusterrolebindings",
       .scope = Scope::cluster,
       .message = &messages::kClusterRoleBinding,
       .columns = columns::kBinding,
       .complete = rules::complete_binding,
       .check = rules::check_cluster_role_binding,
       .loose_names = true},
      {.group = kRbac,
       .version = "v1",
       .kind = "Role",
       .plural = "roles",
       .message = &messages::kRole,
       .columns = columns::kRole,
       .check = rules::check_role,
       .loose_names = true},
      {.group = kRbac,
       .version = "v1",
       .kind = "RoleBinding",
       .plural = "rolebindings",
       .message = &messages::kRoleBinding,
       .columns = columns::kBinding,
       .complete = rules::complete_binding,
       .check = rules::check_role_binding,
       .loose_names = true},
  };
  return rows;
}

}  // namespace

std::span<const Kind> kinds() { return table(); }

const Kind* find_kind(std::string_view group, std::string_view version, std::string_view plural) {
  for (const Kind& row : table())
    if (row.plural == plural && row.group == group && row.version == version) return &row;
  return nullptr;
}

const Kind* find_kind_named(std::string_view group, std::string_view version, std::string_view kind) {
  for (const Kind& row : table())
    if (row.kind == kind && row.group == group && row.version == version) return &row;
  return nullptr;
}

}  // namespace gatehouse::kube
