// From a request's bearer token to a user.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "kube/access/aws_auth.h"
#include "kube/access/iam_token.h"
#include "kube/access/oidc.h"
#include "kube/access/user.h"
#include "kube/clusters.h"

namespace gatehouse::kube {

struct AccessEntry {
  Mapping mapping;
  std::vector<AccessGrant> grants;
};

// The ways into a cluster that are open to a principal: its access entry, which comes before aws-auth, and
// what else the authentication mode leaves open.
struct Admission {
  std::optional<AccessEntry> entry{};
  bool as_creator = true;
  bool by_config_map = true;
};

// Implemented by service/eks.
class AccessEntries {
 public:
  virtual ~AccessEntries() = default;
  virtual Admission admission(const Cluster& cluster, std::string_view canonical_arn) const = 0;
  // The OIDC provider that is associated with the cluster.
  virtual std::optional<OidcProvider> oidc_provider(const Cluster&) const { return std::nullopt; }
};

class Authenticator {
 public:
  struct Options {
    std::vector<std::string> own_endpoints;  // this server's own URLs, as presigned by `aws --endpoint-url`
    InstanceNames instance_names = &resource_based_name;
    const AccessEntries* entries = nullptr;
    OidcKeys oidc_keys = nullptr;
  };
  // References outlive this. Thread safe.
  Authenticator(const Clock& clock, const IamVerifier& verifier, Options options)
      : clock_(clock), verifier_(verifier), options_(std::move(options)) {}

  // No token: system:anonymous. A token that does not hold: Unauthorized (401), whose message says why; it is
  // for the log, since Kubernetes tells the client no more than "Unauthorized".
  Result<User> authenticate(const Cluster& cluster, const wire::Head& head) const;

  // A token alone. Service-account tokens must be for one of `audiences`.
  Result<User> verify(const Cluster& cluster, std::string_view token,
                      const std::vector<std::string>& audiences) const;

  // Who signed a token of `aws eks get-token` for a cluster of this name, whosever cluster that is.
  Result<IamIdentity> signer_of(std::string_view iam_token, std::string_view cluster_name) const;

  // The user that an aws-auth alone makes of an IAM principal.
  Result<User> map(const AwsAuth& auth, const IamIdentity& identity, std::string_view region) const;

  // The ways into the cluster that are open to a principal.
  Admission admission(const Cluster& cluster, std::string_view canonical_arn) const;

  // The user an IAM principal is in a cluster: the creator, an access entry, or aws-auth.
  Result<User> map(const Cluster& cluster, const IamIdentity& identity) const;

 private:
  std::shared_ptr<const AwsAuth> aws_auth(const Cluster& cluster) const;
  // The user of a token of the cluster's own OIDC provider; nullopt where the token is none of those.
  std::optional<Result<User>> of_provider(const Cluster& cluster, std::string_view token) const;

  const Clock& clock_;
  const IamVerifier& verifier_;
  const Options options_;
  // The parsed ConfigMap of each cluster, with the object it was parsed from.
  struct Parsed {
    StoredPtr from;
    std::shared_ptr<const AwsAuth> auth;
  };
  mutable std::mutex mutex_;
  mutable std::map<std::string, Parsed> parsed_;
};

}  // namespace gatehouse::kube
