// What `kubectl get` prints of each kind, as kube-apiserver's own printers have it.
#pragma once

#include <span>

#include "kube/schema/schema.h"

namespace gatehouse::kube::columns {

extern const std::span<const Column> kNamespace, kServiceAccount, kConfigMap, kSecret, kEvent, kNode, kLease;
extern const std::span<const Column> kRole, kBinding, kWebhooks, kDefinition;
extern const std::span<const Column> kPolicy, kPolicyBinding;
extern const Column kNameColumn, kAgeColumn;

// "5d", "3h25m": how long, in the two units that matter.
std::string human_duration(std::chrono::milliseconds duration);

}  // namespace gatehouse::kube::columns
