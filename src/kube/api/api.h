// The Kubernetes API of the clusters: answers like a kube-apiserver of version kVersion.
//
// answer() authenticates, authorises by RBAC, and does what is asked. It may block on the store, so it
// belongs on the pool. Thread safe.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "kube/access/authenticator.h"
#include "kube/access/rbac.h"
#include "kube/clusters.h"
#include "wire/http.h"

namespace gatehouse::kube {

inline constexpr std::string_view kVersion = "v1.32.0-gatehouse";

class WatchHub;

class Api {
 public:
  // Every decision, allowed or not, with its reason: for the trail. `status` is what was answered.
  struct Record {
    const Cluster& cluster;
    const wire::Head& head;
    const User& user;
    const Attributes& attributes;
    const Decision& decision;
    int status;
  };
  struct Options {
    std::string ca_pem;                          // for kube-root-ca.crt
    std::function<void(const Record&)> on_call;  // may be empty; must not block
  };

  Api(const Clock& clock, Random& random, const Authenticator& authenticator, Options options);
  ~Api();

  // `target` is the path and query below the cluster's address: "/api/v1/namespaces?limit=500".
  wire::Response answer(const ClusterPtr& cluster, const wire::Head& head, std::string_view target,
                        std::string_view body);

  // The same as an Exchange, for whoever serves it: reads the body on the pool, with kube-apiserver's limit.
  std::unique_ptr<wire::Exchange> exchange(ClusterPtr cluster, std::string prefix);

 private:
  const Clock& clock_;
  Random& random_;
  const Authenticator& authenticator_;
  const Options options_;
  std::unique_ptr<WatchHub> hub_;
};

}  // namespace gatehouse::kube
