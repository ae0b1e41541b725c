// What the pod identity webhook does to a pod, and what the kubelet then gives it: IAM roles for service
// accounts. https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html,
// github.com/aws/amazon-eks-pod-identity-webhook for the order of things and their quirks.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/random.h"
#include "kube/access/tokens.h"
#include "kube/clusters.h"

namespace gatehouse::kube::pod_identity {

// The webhook's flags, as EKS sets them.
struct Config {
  std::string annotation_prefix = "eks.amazonaws.com";
  std::string audience = "sts.amazonaws.com";
  std::string mount_path = "/var/run/secrets/eks.amazonaws.com/serviceaccount";
  std::int64_t expiration = 86400;
  std::string region;             // --aws-default-region; "" sets no region
  bool regional_endpoint = true;  // --sts-regional-endpoint
};

// What a service account's annotations ask for.
struct Identity {
  std::string role_arn, audience;
  bool regional_endpoint = false;
  std::int64_t expiration = 0;
};

// Nullopt: no role-arn annotation, so pods of this account are left alone. A value that cannot be read counts
// as absent; a lifetime under 600 seconds as 600.
std::optional<Identity> identity_of(const json::object& service_account, const Config& config);

// Whether the role's ARN has the form that the webhook warns about if missing. It is injected all the same.
bool plausible_role_arn(std::string_view arn);

// The JSON Patch (RFC 6902) that the webhook answers with for a pod; empty where nothing changes.
json::array mutation(const json::object& pod, const Identity& identity, const Config& config);

// What one container of a pod of this account would find, for a process that stands in for it.
struct Projection {
  std::vector<std::pair<std::string, std::string>> environment;  // in the webhook's order
  std::string token, audience, role_arn;
  Time expires{};
  std::vector<std::string> warnings;
};

struct ProjectOptions {
  Config config;
  std::string token_file;    // where the process will find the token; "" for the pod's own path
  std::optional<Bound> pod;  // the pod the token names
};

// Errors for people: NamespaceNotFound, ServiceAccountNotFound, NoRoleAnnotation.
Result<Projection> project(const Cluster& cluster, std::string_view ns, std::string_view service_account,
                           const ProjectOptions& options, Time now, Random& random);

}  // namespace gatehouse::kube::pod_identity
