// The messages of the kinds in kinds.cc.
#pragma once

#include "kube/schema/schema.h"

namespace gatehouse::kube::messages {

extern const Message kObjectMeta, kNamespace, kServiceAccount, kConfigMap, kSecret, kEvent, kNode, kLease;
extern const Message kRole, kClusterRole, kRoleBinding, kClusterRoleBinding;
extern const Message kTokenRequest, kTokenReview, kSelfSubjectReview;
extern const Message kSelfSubjectAccessReview, kSubjectAccessReview, kLocalSubjectAccessReview,
    kSelfSubjectRulesReview;
extern const Message kMutatingWebhookConfiguration, kValidatingWebhookConfiguration,
    kCustomResourceDefinition;
extern const Message kDeleteOptions;

}  // namespace gatehouse::kube::messages
