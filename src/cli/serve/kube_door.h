// The clusters' side of the house: their Kubernetes APIs, their issuers' documents, the keys STS verifies
// their tokens with, and what `gatehouse run` gives a command.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "account/trail/trail.h"
#include "base/json.h"
#include "identity/token/outside_issuers.h"
#include "kube/api/api.h"
#include "kube/clusters.h"
#include "service/pipeline/pipeline.h"
#include "service/sts/sts.h"

namespace gatehouse::cli {

// /_gatehouse/k8s/HEX/…
class ClusterDoor final : public service::Door {
 public:
  static constexpr std::string_view kPrefix = "/_gatehouse/k8s/";

  explicit ClusterDoor(const kube::Clusters& clusters) : clusters_(clusters) {}
  void open(kube::Api& api) { api_ = &api; }
  bool opens_for(const wire::Head& head) const override { return head.path().starts_with(kPrefix); }
  std::unique_ptr<wire::Exchange> exchange(const wire::Head& head) override;

 private:
  const kube::Clusters& clusters_;
  std::atomic<kube::Api*> api_ = nullptr;
};

// https://oidc.eks.REGION.amazonaws.com/id/HEX/…, and the same below /_gatehouse/oidc of the server's own
// address.
class IssuerDoor final : public service::PlainDoor {
 public:
  static constexpr std::string_view kPrefix = "/_gatehouse/oidc";

  explicit IssuerDoor(const kube::Clusters& clusters) : clusters_(clusters) {}
  bool opens_for(const wire::Head& head) const override;
  wire::Response answer(const wire::Head& head) override;

 private:
  const kube::Clusters& clusters_;
};

// The keys of our clusters' issuers, and of those elsewhere.
class ClusterKeys final : public service::sts::IssuerKeys {
 public:
  ClusterKeys(const kube::Clusters& clusters, identity::OutsideIssuers& outside)
      : clusters_(clusters), outside_(outside) {}
  Result<std::shared_ptr<const identity::Jwks>> keys_of(const account::OidcProvider& provider,
                                                        const std::optional<std::string>& kid,
                                                        store::Reach reach) const override;

 private:
  const kube::Clusters& clusters_;
  identity::OutsideIssuers& outside_;
};

// The presigned GetCallerIdentity inside an `aws eks get-token`, checked against the account's own keys.
class LocalIamVerifier final : public kube::IamVerifier {
 public:
  LocalIamVerifier(const service::Authenticator& authenticator, const account::Gate& gate, const Clock& clock)
      : authenticator_(authenticator), gate_(gate), clock_(clock) {}
  Result<kube::IamIdentity> verify(const wire::Head& presigned) const override;

 private:
  const service::Authenticator& authenticator_;
  const account::Gate& gate_;
  const Clock& clock_;
};

class KubeRoom {
 public:
  static Result<std::unique_ptr<KubeRoom>> open(store::Records& records, const Clock& clock, Random& random,
                                                account::Trail& trail, identity::OutsideIssuers& outside,
                                                std::string ca_pem);

  kube::Clusters& clusters() { return *clusters_; }
  ClusterKeys& keys() { return *keys_; }
  ClusterDoor& door() { return *door_; }
  IssuerDoor& issuer_door() { return *issuer_door_; }
  const kube::Authenticator& authenticator() const { return *authenticator_; }  // once it serves

  // Once the server's own address is known: presigned tokens may name it.
  void serve(const service::Authenticator& authenticator, const account::Gate& gate,
             const kube::AccessEntries& entries, std::vector<std::string> own_endpoints);

  // For a kubeconfig: name, region, arn, endpoint, certificateAuthority of every cluster.
  json::array describe(std::string_view https_endpoint, std::string_view ca_pem) const;

  // What a pod of this service account would find: env, token, expirationSeconds.
  Result<json::object> project(std::string_view account, std::string_view region, std::string_view cluster,
                               std::string_view ns, std::string_view service_account) const;

 private:
  KubeRoom(const Clock& clock, Random& random, account::Trail& trail, std::string ca_pem)
      : clock_(clock), random_(random), trail_(trail), ca_pem_(std::move(ca_pem)) {}
  void record(const kube::Api::Record& record) const;

  const Clock& clock_;
  Random& random_;
  account::Trail& trail_;
  const std::string ca_pem_;
  std::unique_ptr<kube::Clusters> clusters_;
  std::unique_ptr<ClusterKeys> keys_;
  std::unique_ptr<ClusterDoor> door_;
  std::unique_ptr<IssuerDoor> issuer_door_;
  std::unique_ptr<LocalIamVerifier> verifier_;
  std::unique_ptr<kube::Authenticator> authenticator_;
  std::unique_ptr<kube::Api> api_;
};

}  // namespace gatehouse::cli
