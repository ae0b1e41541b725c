// Clusters elsewhere that were registered here: the webhook that their kube-apiservers ask who the bearer of
// an IAM token is, and what `gatehouse cluster` asks.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "account/trail/trail.h"
#include "base/json.h"
#include "base/random.h"
#include "kube/clusters.h"
#include "kube/outside/outside_clusters.h"
#include "kube/outside/token_webhook.h"
#include "service/pipeline/pipeline.h"

namespace gatehouse::cli {

// POST /_gatehouse/clusters/NAME/authenticate, over TLS.
class OutsideRoom final : public service::Door {
 public:
  static constexpr std::string_view kPrefix = "/_gatehouse/clusters/";

  static Result<std::unique_ptr<OutsideRoom>> open(store::Records& records, const Clock& clock,
                                                   Random& random, account::Trail& trail,
                                                   identity::OutsideIssuers& issuers,
                                                   const kube::Clusters& own);
  // Before any call.
  void serve(const kube::Authenticator& authenticator) { authenticator_ = &authenticator; }

  bool opens_for(const wire::Head& head) const override { return head.path().starts_with(kPrefix); }
  std::unique_ptr<wire::Exchange> exchange(const wire::Head& head) override;
  wire::Response review(const wire::Head& head, const kube::OutsideCluster& cluster, std::string_view body);

  // {"issuer", "name"?, "region"?, "ca"?, "address"?, "jwks"?, "awsAuth"?}: files as text. The answer is
  // `facts` and "warnings".
  Result<json::value> register_cluster(const json::object& input, std::string_view https_endpoint);
  Result<json::value> deregister(std::string_view name);
  // Where the kube-apiserver of a cluster of this name asks, and whether there is one yet.
  Result<json::object> webhook(std::string_view name) const;
  json::array list(std::string_view https_endpoint) const;

 private:
  OutsideRoom(const Clock& clock, Random& random, account::Trail& trail, const kube::Clusters& own)
      : clock_(clock), random_(random), trail_(trail), own_(own) {}

  const Clock& clock_;
  Random& random_;
  account::Trail& trail_;
  const kube::Clusters& own_;
  std::unique_ptr<kube::OutsideClusters> clusters_;
  std::atomic<const kube::Authenticator*> authenticator_ = nullptr;
};

}  // namespace gatehouse::cli
