#include "kube/schema/messages.h"

#include "kube/schema/fields.h"

namespace gatehouse::kube::messages {
namespace {

using namespace fields;

#define META "io.k8s.apimachinery.pkg.apis.meta.v1."
#define CORE "io.k8s.api.core.v1."

// metadata

constexpr Field kOwnerReferenceFields[] = {text("apiVersion", 5),
                                           text("kind", 1),
                                           text("name", 3),
                                           text("uid", 4),
                                           always(flag("controller", 6)),
                                           always(flag("blockOwnerDeletion", 7))};
constexpr Message kOwnerReference{META "OwnerReference", kOwnerReferenceFields};

constexpr Field kManagedFieldsEntryFields[] = {
    text("manager", 1),    text("operation", 2), text("apiVersion", 3), time("time", 4),
    text("fieldsType", 6), any("fieldsV1", 7),   text("subresource", 8)};
constexpr Message kManagedFieldsEntry{META "ManagedFieldsEntry", kManagedFieldsEntryFields};

constexpr Field kObjectMetaFields[] = {text("name", 1),
                                       text("generateName", 2),
                                       text("namespace", 3),
                                       text("selfLink", 4),
                                       text("uid", 5),
                                       text("resourceVersion", 6),
                                       number64("generation", 7),
                                       time("creationTimestamp", 8),
                                       time("deletionTimestamp", 9),
                                       always(number64("deletionGracePeriodSeconds", 10)),
                                       map(Type::string, "labels", 11),
                                       map(Type::string, "annotations", 12),
                                       parts("ownerReferences", 13, kOwnerReference, "uid"),
                                       text_set("finalizers", 14),
                                       parts("managedFields", 17, kManagedFieldsEntry)};

constexpr Field kLabelSelectorRequirementFields[] = {text("key", 1), text("operator", 2), texts("values", 3)};
constexpr Message kLabelSelectorRequirement{META "LabelSelectorRequirement", kLabelSelectorRequirementFields};
constexpr Field kLabelSelectorFields[] = {map(Type::string, "matchLabels", 1),
                                          parts("matchExpressions", 2, kLabelSelectorRequirement)};
constexpr Field kPreconditionsFields[] = {text("uid", 1), text("resourceVersion", 2)};
constexpr Message kPreconditions{META "Preconditions", kPreconditionsFields};
constexpr Field kDeleteOptionsFields[] = {
    always(number64("gracePeriodSeconds", 1)),
    part("preconditions", 2, kPreconditions),
    always(flag("orphanDependents", 3)),
    text("propagationPolicy", 4),
    texts("dryRun", 5),
    always(flag("ignoreStoreReadErrorWithClusterBreakingPotential", 6))};

}  // namespace

constexpr Message kObjectMeta{META "ObjectMeta", kObjectMetaFields};
constexpr Message kLabelSelector{META "LabelSelector", kLabelSelectorFields};
constexpr Message kDeleteOptions{META "DeleteOptions", kDeleteOptionsFields};

namespace {

constexpr Field metadata() { return part("metadata", 1, kObjectMeta); }

// core/v1

constexpr Field kObjectReferenceFields[] = {
    text("kind", 1),       text("namespace", 2),       text("name", 3),     text("uid", 4),
    text("apiVersion", 5), text("resourceVersion", 6), text("fieldPath", 7)};
constexpr Message kObjectReference{CORE "ObjectReference", kObjectReferenceFields};
constexpr Field kLocalObjectReferenceFields[] = {text("name", 1)};
constexpr Message kLocalObjectReference{CORE "LocalObjectReference", kLocalObjectReferenceFields};

constexpr Field kNamespaceSpecFields[] = {texts("finalizers", 1)};
constexpr Message kNamespaceSpec{CORE "NamespaceSpec", kNamespaceSpecFields};
constexpr Field kNamespaceConditionFields[] = {
    text("type", 1), text("status", 2), time("lastTransitionTime", 4), text("reason", 5), text("message", 6)};
constexpr Message kNamespaceCondition{CORE "NamespaceCondition", kNamespaceConditionFields};
constexpr Field kNamespaceStatusFields[] = {text("phase", 1),
                                            parts("conditions", 2, kNamespaceCondition, "type")};
constexpr Message kNamespaceStatus{CORE "NamespaceStatus", kNamespaceStatusFields};
constexpr Field kNamespaceFields[] = {metadata(), part("spec", 2, kNamespaceSpec),
                                      part("status", 3, kNamespaceStatus)};

constexpr Field kServiceAccountFields[] = {metadata(), parts("secrets", 2, kObjectReference, "name"),
                                           parts("imagePullSecrets", 3, kLocalObjectReference, "name"),
                                           always(flag("automountServiceAccountToken", 4))};

constexpr Field kConfigMapFields[] = {metadata(), map(Type::string, "data", 2),
                                      map(Type::bytes, "binaryData", 3), always(flag("immutable", 4))};

constexpr Field kSecretFields[] = {metadata(), map(Type::bytes, "data", 2), text("type", 3),
                                   map(Type::string, "stringData", 4), always(flag("immutable", 5))};

constexpr Field kEventSourceFields[] = {text("component", 1), text("host", 2)};
constexpr Message kEventSource{CORE "EventSource", kEventSourceFields};
constexpr Field kEventSeriesFields[] = {number32("count", 1), micro_time("lastObservedTime", 2)};
constexpr Message kEventSeries{CORE "EventSeries", kEventSeriesFields};
constexpr Field kEventFields[] = {metadata(),
                                  part("involvedObject", 2, kObjectReference),
                                  text("reason", 3),
                                  text("message", 4),
                                  part("source", 5, kEventSource),
                                  time("firstTimestamp", 6),
                                  time("lastTimestamp", 7),
                                  number32("count", 8),
                                  text("type", 9),
                                  micro_time("eventTime", 10),
                                  part("series", 11, kEventSeries),
                                  text("action", 12),
                                  part("related", 13, kObjectReference),
                                  text("reportingComponent", 14),
                                  text("reportingInstance", 15)};

constexpr Field kTaintFields[] = {text("key", 1), text("value", 2), text("effect", 3), time("timeAdded", 4)};
constexpr Message kTaint{CORE "Taint", kTaintFields};
constexpr Field kNodeSpecFields[] = {text("podCIDR", 1), text("providerID", 3), flag("unschedulable", 4),
                                     parts("taints", 5, kTaint), text_set("podCIDRs", 7)};
constexpr Message kNodeSpec{CORE "NodeSpec", kNodeSpecFields};
constexpr Field kNodeConditionFields[] = {
    text("type", 1),   text("status", 2), time("lastHeartbeatTime", 3), time("lastTransitionTime", 4),
    text("reason", 5), text("message", 6)};
constexpr Message kNodeCondition{CORE "NodeCondition", kNodeConditionFields};
constexpr Field kNodeAddressFields[] = {text("type", 1), text("address", 2)};
constexpr Message kNodeAddress{CORE "NodeAddress", kNodeAddressFields};
constexpr Field kNodeInfoFields[] = {text("machineID", 1),       text("systemUUID", 2),
                                     text("bootID", 3),          text("kernelVersion", 4),
                                     text("osImage", 5),         text("containerRuntimeVersion", 6),
                                     text("kubeletVersion", 7),  text("kubeProxyVersion", 8),
                                     text("operatingSystem", 9), text("architecture", 10)};
constexpr Message kNodeInfo{CORE "NodeSystemInfo", kNodeInfoFields};
constexpr Field kNodeStatusFields[] = {map(Type::quantity, "capacity", 1),
                                       map(Type::quantity, "allocatable", 2),
                                       text("phase", 3),
                                       parts("conditions", 4, kNodeCondition, "type"),
                                       parts("addresses", 5, kNodeAddress, "type"),
                                       part("nodeInfo", 7, kNodeInfo)};
constexpr Message kNodeStatus{CORE "NodeStatus", kNodeStatusFields, /*open=*/true};
constexpr Field kNodeFields[] = {metadata(), part("spec", 2, kNodeSpec), part("status", 3, kNodeStatus)};

// coordination.k8s.io/v1

constexpr Field kLeaseSpecFields[] = {always(text("holderIdentity", 1)),
                                      always(number32("leaseDurationSeconds", 2)),
                                      micro_time("acquireTime", 3),
                                      micro_time("renewTime", 4),
                                      always(number32("leaseTransitions", 5)),
                                      text("strategy", 6),
                                      text("preferredHolder", 7)};
constexpr Message kLeaseSpec{"io.k8s.api.coordination.v1.LeaseSpec", kLeaseSpecFields};
constexpr Field kLeaseFields[] = {metadata(), part("spec", 2, kLeaseSpec)};

// events.k8s.io/v1: the same objects, most members under other names.

constexpr Field kReportedEventFields[] = {metadata(),
                                          micro_time("eventTime", 2),
                                          part("series", 3, kEventSeries),
                                          text("reportingController", 4),
                                          text("reportingInstance", 5),
                                          text("action", 6),
                                          text("reason", 7),
                                          part("regarding", 8, kObjectReference),
                                          part("related", 9, kObjectReference),
                                          text("note", 10),
                                          text("type", 11),
                                          part("deprecatedSource", 12, kEventSource),
                                          time("deprecatedFirstTimestamp", 13),
                                          time("deprecatedLastTimestamp", 14),
                                          number32("deprecatedCount", 15)};

// autoscaling/v1: how many of something, for `kubectl scale`.

constexpr Field kScaleSpecFields[] = {always(number32("replicas", 1))};
constexpr Message kScaleSpec{"io.k8s.api.autoscaling.v1.ScaleSpec", kScaleSpecFields};
constexpr Field kScaleStatusFields[] = {always(number32("replicas", 1)), text("selector", 2)};
constexpr Message kScaleStatus{"io.k8s.api.autoscaling.v1.ScaleStatus", kScaleStatusFields};
constexpr Field kScaleFields[] = {metadata(), part("spec", 2, kScaleSpec), part("status", 3, kScaleStatus)};

}  // namespace

constexpr Message kNamespace{CORE "Namespace", kNamespaceFields};
constexpr Message kServiceAccount{CORE "ServiceAccount", kServiceAccountFields};
constexpr Message kConfigMap{CORE "ConfigMap", kConfigMapFields};
constexpr Message kSecret{CORE "Secret", kSecretFields};
constexpr Message kEvent{CORE "Event", kEventFields};
constexpr Message kNode{CORE "Node", kNodeFields};
constexpr Message kLease{"io.k8s.api.coordination.v1.Lease", kLeaseFields};
constexpr Message kReportedEvent{"io.k8s.api.events.v1.Event", kReportedEventFields};
constexpr Message kScale{"io.k8s.api.autoscaling.v1.Scale", kScaleFields};

namespace {

// rbac.authorization.k8s.io/v1

#define RBAC "io.k8s.api.rbac.v1."

constexpr Field kPolicyRuleFields[] = {always(texts("verbs", 1)), texts("apiGroups", 2),
                                       texts("resources", 3), texts("resourceNames", 4),
                                       texts("nonResourceURLs", 5)};
constexpr Message kPolicyRule{RBAC "PolicyRule", kPolicyRuleFields};
constexpr Field kAggregationRuleFields[] = {parts("clusterRoleSelectors", 1, kLabelSelector)};
constexpr Message kAggregationRule{RBAC "AggregationRule", kAggregationRuleFields};
constexpr Field kRoleFields[] = {metadata(), parts("rules", 2, kPolicyRule)};
constexpr Field kClusterRoleFields[] = {metadata(), parts("rules", 2, kPolicyRule),
                                        part("aggregationRule", 3, kAggregationRule)};
constexpr Field kSubjectFields[] = {text("kind", 1), text("apiGroup", 2), text("name", 3),
                                    text("namespace", 4)};
constexpr Message kSubject{RBAC "Subject", kSubjectFields};
constexpr Field kRoleRefFields[] = {text("apiGroup", 1), text("kind", 2), text("name", 3)};
constexpr Message kRoleRef{RBAC "RoleRef", kRoleRefFields};
constexpr Field kBindingFields[] = {metadata(), parts("subjects", 2, kSubject), part("roleRef", 3, kRoleRef)};

// authentication.k8s.io/v1

#define AUTHENTICATION "io.k8s.api.authentication.v1."

constexpr Field kUserInfoFields[] = {text("username", 1), text("uid", 2), texts("groups", 3),
                                     map(Type::string_list, "extra", 4)};
constexpr Message kUserInfo{AUTHENTICATION "UserInfo", kUserInfoFields};
constexpr Field kBoundObjectReferenceFields[] = {text("kind", 1), text("apiVersion", 2), text("name", 3),
                                                 text("uid", 4)};
constexpr Message kBoundObjectReference{AUTHENTICATION "BoundObjectReference", kBoundObjectReferenceFields};
constexpr Field kTokenRequestSpecFields[] = {texts("audiences", 1),
                                             part("boundObjectRef", 3, kBoundObjectReference),
                                             always(number64("expirationSeconds", 4))};
constexpr Message kTokenRequestSpec{AUTHENTICATION "TokenRequestSpec", kTokenRequestSpecFields};
constexpr Field kTokenRequestStatusFields[] = {text("token", 1), time("expirationTimestamp", 2)};
constexpr Message kTokenRequestStatus{AUTHENTICATION "TokenRequestStatus", kTokenRequestStatusFields};
constexpr Field kTokenRequestFields[] = {metadata(), part("spec", 2, kTokenRequestSpec),
                                         part("status", 3, kTokenRequestStatus)};
constexpr Field kTokenReviewSpecFields[] = {text("token", 1), texts("audiences", 2)};
constexpr Message kTokenReviewSpec{AUTHENTICATION "TokenReviewSpec", kTokenReviewSpecFields};
constexpr Field kTokenReviewStatusFields[] = {flag("authenticated", 1), part("user", 2, kUserInfo),
                                              text("error", 3), texts("audiences", 4)};
constexpr Message kTokenReviewStatus{AUTHENTICATION "TokenReviewStatus", kTokenReviewStatusFields};
constexpr Field kTokenReviewFields[] = {metadata(), part("spec", 2, kTokenReviewSpec),
                                        part("status", 3, kTokenReviewStatus)};
constexpr Field kSelfSubjectReviewStatusFields[] = {part("userInfo", 1, kUserInfo)};
constexpr Message kSelfSubjectReviewStatus{AUTHENTICATION "SelfSubjectReviewStatus",
                                           kSelfSubjectReviewStatusFields};
constexpr Field kSelfSubjectReviewFields[] = {metadata(), part("status", 2, kSelfSubjectReviewStatus)};

// authorization.k8s.io/v1

#define AUTHORIZATION "io.k8s.api.authorization.v1."

constexpr Field kResourceAttributesFields[] = {
    text("namespace", 1), text("verb", 2),         text("group", 3),
    text("version", 4),   text("resource", 5),     text("subresource", 6),
    text("name", 7),      any("fieldSelector", 8), any("labelSelector", 9)};
constexpr Message kResourceAttributes{AUTHORIZATION "ResourceAttributes", kResourceAttributesFields};
constexpr Field kNonResourceAttributesFields[] = {text("path", 1), text("verb", 2)};
constexpr Message kNonResourceAttributes{AUTHORIZATION "NonResourceAttributes", kNonResourceAttributesFields};
constexpr Field kAccessReviewStatusFields[] = {always(flag("allowed", 1)), text("reason", 2),
                                               text("evaluationError", 3), flag("denied", 4)};
constexpr Message kAccessReviewStatus{AUTHORIZATION "SubjectAccessReviewStatus", kAccessReviewStatusFields};
constexpr Field kSelfAccessSpecFields[] = {part("resourceAttributes", 1, kResourceAttributes),
                                           part("nonResourceAttributes", 2, kNonResourceAttributes)};
constexpr Message kSelfAccessSpec{AUTHORIZATION "SelfSubjectAccessReviewSpec", kSelfAccessSpecFields};
constexpr Field kSelfAccessFields[] = {metadata(), part("spec", 2, kSelfAccessSpec),
                                       part("status", 3, kAccessReviewStatus)};
constexpr Field kAccessSpecFields[] = {part("resourceAttributes", 1, kResourceAttributes),
                                       part("nonResourceAttributes", 2, kNonResourceAttributes),
                                       text("user", 3),
                                       texts("groups", 4),
                                       map(Type::string_list, "extra", 5),
                                       text("uid", 6)};
constexpr Message kAccessSpec{AUTHORIZATION "SubjectAccessReviewSpec", kAccessSpecFields};
constexpr Field kAccessFields[] = {metadata(), part("spec", 2, kAccessSpec),
                                   part("status", 3, kAccessReviewStatus)};
constexpr Field kRulesSpecFields[] = {text("namespace", 1)};
constexpr Message kRulesSpec{AUTHORIZATION "SelfSubjectRulesReviewSpec", kRulesSpecFields};
constexpr Field kResourceRuleFields[] = {texts("verbs", 1), texts("apiGroups", 2), texts("resources", 3),
                                         texts("resourceNames", 4)};
constexpr Message kResourceRule{AUTHORIZATION "ResourceRule", kResourceRuleFields};
constexpr Field kNonResourceRuleFields[] = {texts("verbs", 1), texts("nonResourceURLs", 2)};
constexpr Message kNonResourceRule{AUTHORIZATION "NonResourceRule", kNonResourceRuleFields};
constexpr Field kRulesStatusFields[] = {parts("resourceRules", 1, kResourceRule),
                                        parts("nonResourceRules", 2, kNonResourceRule), flag("incomplete", 3),
                                        text("evaluationError", 4)};
constexpr Message kRulesStatus{AUTHORIZATION "SubjectRulesReviewStatus", kRulesStatusFields};
constexpr Field kRulesFields[] = {metadata(), part("spec", 2, kRulesSpec), part("status", 3, kRulesStatus)};

}  // namespace

constexpr Message kRole{RBAC "Role", kRoleFields};
constexpr Message kClusterRole{RBAC "ClusterRole", kClusterRoleFields};
constexpr Message kRoleBinding{RBAC "RoleBinding", kBindingFields};
constexpr Message kClusterRoleBinding{RBAC "ClusterRoleBinding", kBindingFields};
constexpr Message kTokenRequest{AUTHENTICATION "TokenRequest", kTokenRequestFields};
constexpr Message kTokenReview{AUTHENTICATION "TokenReview", kTokenReviewFields};
constexpr Message kSelfSubjectReview{AUTHENTICATION "SelfSubjectReview", kSelfSubjectReviewFields};
constexpr Message kSelfSubjectAccessReview{AUTHORIZATION "SelfSubjectAccessReview", kSelfAccessFields};
constexpr Message kSubjectAccessReview{AUTHORIZATION "SubjectAccessReview", kAccessFields};
constexpr Message kLocalSubjectAccessReview{AUTHORIZATION "LocalSubjectAccessReview", kAccessFields};
constexpr Message kSelfSubjectRulesReview{AUTHORIZATION "SelfSubjectRulesReview", kRulesFields};

}  // namespace gatehouse::kube::messages
