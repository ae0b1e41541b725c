// The clusters as Kubernetes and STS need them: who issues, with which key, and who made it. What EKS shows
// of a cluster is service/eks' own record.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "identity/token/jwks.h"
#include "identity/token/rsa_key.h"
#include "kube/objects/objects.h"
#include "store/store.h"

namespace gatehouse::kube {

// Immutable but for its objects, which guard themselves; shared, so that it outlives its removal for whoever
// holds it.
struct Cluster {
  std::string account, region, name;
  std::string hex;     // 32 upper-case hexadecimal digits
  std::string issuer;  // https://oidc.eks.REGION.amazonaws.com/id/HEX
  std::string
      creator;  // the creator's ARN, canonical: arn:P:iam::A:role/R or user/U, without path for a role
  Time created{};
  identity::RsaKey key;
  identity::Jwks public_keys;
  std::unique_ptr<Objects> objects;
};
using ClusterPtr = std::shared_ptr<const Cluster>;

class Clusters {
 public:
  struct Request {
    std::string account, region, name, creator;
  };

  using KeyMaker = std::function<identity::RsaKey()>;

  // Reads what the store has. `ca_pem` goes into each namespace's kube-root-ca.crt. All references outlive
  // this.
  static Result<std::unique_ptr<Clusters>> open(store::Records& records, const Clock& clock, Random& random,
                                                std::string ca_pem,
                                                KeyMaker make_key = &identity::RsaKey::generate);

  // Makes the identity, its key, the first namespaces and the built-in roles; synced to the store when it
  // returns. ResourceInUseException if the account has one of that name in the region.
  Result<ClusterPtr> create(Request request);
  Result<void> remove(std::string_view hex);

  // Look-ups take a shared lock for a map's find. Null where there is none.
  ClusterPtr find(std::string_view account, std::string_view region, std::string_view name) const;
  ClusterPtr by_hex(std::string_view hex) const;
  ClusterPtr by_issuer(std::string_view issuer) const;
  std::vector<ClusterPtr> list(std::string_view account, std::string_view region) const;
  std::vector<ClusterPtr> all() const;

 private:
  Clusters(store::Records& records, const Clock& clock, Random& random, std::string ca_pem, KeyMaker make_key)
      : records_(records),
        clock_(clock),
        random_(random),
        ca_pem_(std::move(ca_pem)),
        make_key_(std::move(make_key)) {}
  Result<void> load();
  void add(ClusterPtr cluster);

  store::Records& records_;
  const Clock& clock_;
  Random& random_;
  const std::string ca_pem_;
  const KeyMaker make_key_;
  std::mutex changing_;  // one create or remove at a time
  mutable std::shared_mutex mutex_;
  std::map<std::string, ClusterPtr, std::less<>> by_hex_, by_issuer_, by_name_;
};

// arn:P:sts::A:assumed-role/R/S -> arn:P:iam::A:role/R, and a role's path taken off, because the session's
// ARN does not have it; others as they are. "" for what is no ARN.
std::string canonical_arn(std::string_view arn);

}  // namespace gatehouse::kube
