// The ways a PATCH says what to change.
#pragma once

#include "base/error.h"
#include "kube/schema/schema.h"

namespace gatehouse::kube {

// RFC 7386.
void merge_patch(json::value& target, const json::value& patch);

// RFC 6902. Invalid (422) where an operation does not apply, as kube-apiserver answers; the target is then
// half done and must be thrown away.
Result<void> json_patch(json::value& target, const json::value& operations);

// Kubernetes' own: a merge patch that joins some lists by key. `schema` says which.
// https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
Result<void> strategic_merge_patch(const Message& schema, json::object& target, const json::object& patch);

}  // namespace gatehouse::kube
