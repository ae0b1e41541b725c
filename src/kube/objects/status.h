// Errors as Kubernetes gives them: metav1.Status. An Error's code is the Status' reason, and its details the
// Status' details: name, group, kind, uid, and a "cause" each as JSON.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "kube/schema/schema.h"

namespace gatehouse::kube::status {

Error not_found(const Kind& kind, std::string_view name);
Error already_exists(const Kind& kind, std::string_view name);
Error conflict(const Kind& kind, std::string_view name, std::string_view why = "");
Error invalid(const Kind& kind, std::string_view name, const std::vector<Cause>& causes);
Error forbidden(const Kind& kind, std::string_view name, std::string_view why);
Error bad_request(std::string message);
Error unauthorized();
Error unknown_path();  // "the server could not find the requested resource"
Error method_not_allowed(const Kind& kind, std::string_view verb);
Error expired(std::string message);  // 410, for watches from too long ago
Error too_large_version(std::uint64_t asked, std::uint64_t current);

void add_cause(Error& error, const Cause& cause);

json::object render(const Error& error);
// Of a delete that left nothing to show.
json::object success(const Kind& kind, std::string_view name, std::string_view uid);

}  // namespace gatehouse::kube::status
