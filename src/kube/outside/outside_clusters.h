// Clusters that run elsewhere (kind, k3s, EKS) and were registered here: how their issuers' keys are had, so
// that STS can check their service accounts' tokens, and the aws-auth by which the token webhook says who an
// IAM principal is in them.
//
// Registering gives nobody a permission: STS still wants an IAM provider and a role that trusts it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "identity/token/outside_issuers.h"
#include "kube/access/aws_auth.h"
#include "store/store.h"

namespace gatehouse::kube {

struct OutsideCluster {
  std::string name;    // what `aws eks get-token --cluster-name` says, and the webhook's address
  std::string issuer;  // https://HOST/PATH, the `iss` of its tokens
  std::string region;  // where its instances are, for their names
  std::string ca_pem, address;
  std::string jwks;      // a key set in JSON; or empty, then it is fetched
  std::string aws_auth;  // the manifest, YAML or JSON; or empty
  Time registered{};
  AwsAuth auth{};  // what the manifest says
};
using OutsideClusterPtr = std::shared_ptr<const OutsideCluster>;

class OutsideClusters {
 public:
  // Reads what the store has, and tells `issuers` whom to trust how. All references outlive this.
  static Result<std::unique_ptr<OutsideClusters>> open(store::Records& records, const Clock& clock,
                                                       identity::OutsideIssuers& issuers);

  // Checks everything, fetches the issuer's documents once where its keys are not given, and keeps it; one of
  // that name and issuer is replaced. InvalidParameterException with what is wrong; ResourceInUseException
  // where the name or the issuer is another's. Blocking.
  struct Registered {
    OutsideClusterPtr cluster;
    std::vector<std::string> warnings;  // about its aws-auth
  };
  Result<Registered> add(OutsideCluster cluster);
  Result<void> remove(std::string_view name);

  // Null where there is none.
  OutsideClusterPtr find(std::string_view name) const;
  std::vector<OutsideClusterPtr> all() const;

 private:
  OutsideClusters(store::Records& records, const Clock& clock, identity::OutsideIssuers& issuers)
      : records_(records), clock_(clock), issuers_(issuers) {}
  Result<void> check_free(const OutsideCluster& cluster) const;
  void publish(OutsideClusterPtr cluster, identity::IssuerTrust trust);

  store::Records& records_;
  const Clock& clock_;
  identity::OutsideIssuers& issuers_;
  std::mutex changing_;  // one registration at a time
  mutable std::shared_mutex mutex_;
  std::map<std::string, OutsideClusterPtr, std::less<>> by_name_;
};

// InvalidParameterException for a name that no cluster may have.
Result<void> check_cluster_name(std::string_view name);

// A name for a cluster of this issuer, whose characters a cluster's name may have.
std::string cluster_name_for(std::string_view issuer);

}  // namespace gatehouse::kube
