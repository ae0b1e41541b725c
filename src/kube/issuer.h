// What an OIDC issuer publishes about itself, for a cluster: by this STS, and anybody else, verifies its
// tokens.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kube/clusters.h"

namespace gatehouse::kube {

// The discovery document (OpenID Connect Discovery 1.0 section 4.2), with the keys at `jwks_uri`.
std::string discovery_document(const Cluster& cluster, std::string_view jwks_uri);
std::string key_set(const Cluster& cluster);

struct IssuerDocument {
  std::string content_type, body;
};
// `path` as served at oidc.eks.REGION.amazonaws.com: /id/HEX/.well-known/openid-configuration and
// /id/HEX/keys.
std::optional<IssuerDocument> issuer_document(const Clusters& clusters, std::string_view path);

}  // namespace gatehouse::kube
