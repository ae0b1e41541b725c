// The simple JSONPaths of CustomResourceDefinitions: `.spec.replicas`, `.metadata.annotations['a.b/c']`,
// `.spec.list[0]`, `.spec.list[*].name`, `.status.conditions[?(@.type=="Ready")].status`.
#pragma once

#include <string_view>
#include <vector>

#include "base/json.h"

namespace gatehouse::kube {

// What the path leads to; nothing where it leads nowhere or cannot be read.
std::vector<const json::value*> query(const json::object& object, std::string_view path);

}  // namespace gatehouse::kube
