// An aws-auth as a file, before it is applied: what `kubectl get configmap aws-auth -n kube-system -o yaml`
// prints and people edit.
#pragma once

#include <expected>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "kube/access/aws_auth_finding.h"

namespace gatehouse::kube {

struct AwsAuthManifest {
  json::object object, data;
};

// A ConfigMap in YAML or JSON, or why it is none.
std::expected<AwsAuthManifest, AwsAuthFinding> read_manifest(std::string_view text);

// Everything that is wrong with it, with lines and columns of the file, in their order. With `before`, the
// manifest that is there now, also whom it would lock out; an unreadable one counts as empty.
std::vector<AwsAuthFinding> review_manifest(std::string_view text, std::string_view before);

// Members of a manifest's metadata that the server sets: "uid", "resourceVersion", …
std::vector<std::string_view> server_fields(const json::object& manifest);

}  // namespace gatehouse::kube
