// The messages of the kinds in kinds.cc.
#pragma once

#include "kube/schema/schema.h"

namespace gatehouse::kube::messages {

extern const Message kObjectMeta, kLabelSelector, kNamespace, kServiceAccount, kConfigMap, kSecret, kEvent,
    kNode, kLease;
extern const Message kRole, kClusterRole, kRoleBinding, kClusterRoleBinding;
extern const Message kTokenRequest, kTokenReview, kSelfSubjectReview;
extern const Message kSelfSubjectAccessReview, kSubjectAccessReview, kLocalSubjectAccessReview,
    kSelfSubjectRulesReview;
extern const Message kMutatingWebhookConfiguration, kValidatingWebhookConfiguration,
    kCustomResourceDefinition;
extern const Message kValidatingAdmissionPolicy, kValidatingAdmissionPolicyBinding;
extern const Message kSchemaProps;  // JSONSchemaProps, which holds itself
extern const Message kReportedEvent;
extern const Message kDeleteOptions, kScale;

}  // namespace gatehouse::kube::messages
