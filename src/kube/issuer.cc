#include "kube/issuer.h"

#include "base/json.h"

namespace gatehouse::kube {

std::string discovery_document(const Cluster& cluster, std::string_view jwks_uri) {
  return json::dump(json::object{{"issuer", cluster.issuer},
                                 {"jwks_uri", jwks_uri},
                                 {"authorization_endpoint", "urn:kubernetes:programmatic_authorization"},
                                 {"response_types_supported", json::array{"id_token"}},
                                 {"subject_types_supported", json::array{"public"}},
                                 {"id_token_signing_alg_values_supported", json::array{"RS256"}},
                                 {"claims_supported", json::array{"sub", "iss"}}});
}

std::string key_set(const Cluster& cluster) { return cluster.public_keys.render(); }

std::optional<IssuerDocument> issuer_document(const Clusters& clusters, std::string_view path) {
  constexpr std::string_view kStart = "/id/";
  if (!path.starts_with(kStart)) return std::nullopt;
  path.remove_prefix(kStart.size());
  const auto slash = path.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const ClusterPtr cluster = clusters.by_hex(path.substr(0, slash));
  if (cluster == nullptr) return std::nullopt;
  const auto rest = path.substr(slash);
  if (rest == "/.well-known/openid-configuration")
    return IssuerDocument{"application/json", discovery_document(*cluster, cluster->issuer + "/keys")};
  if (rest == "/keys") return IssuerDocument{"application/json", key_set(*cluster)};
  return std::nullopt;
}

}  // namespace gatehouse::kube
