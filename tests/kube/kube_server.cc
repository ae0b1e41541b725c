// A cluster's API over the real server and the real store, with a stand-in for the account directory: whoever
// presigns with access key id AKIAADMIN is the cluster's creator, and AKIA<NAME> is the IAM user <name>. For
// tests only: it checks no signature.
//
//   kube_server DIRECTORY    prints a line of JSON {"server", "ca", "hex", "issuer"} and serves until its
//   input ends
#include <fmt/format.h>

#include <cstdio>
#include <iostream>

#include "base/encoding.h"
#include "base/log.h"
#include "kube/api/api.h"
#include "kube/issuer.h"
#include "store/store.h"
#include "wire/server.h"

namespace gatehouse::kube {
namespace {

class StandInDirectory final : public IamVerifier {
 public:
  Result<IamIdentity> verify(const wire::Head& presigned) const override {
    const auto query = parse_query(presigned.query());
    for (const auto& [name, value] : *query) {
      if (name != "X-Amz-Credential") continue;
      std::string key = value.substr(0, value.find('/'));
      std::string user = key.substr(std::min<size_t>(4, key.size()));
      for (char& c : user) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
      return IamIdentity{"123456789012", "arn:aws:iam::123456789012:user/" + user, "AIDA" + user, key};
    }
    return fail("InvalidClientTokenId", "The security token included in the request is invalid.", 403);
  }
};

class OneCluster final : public wire::Handler {
 public:
  OneCluster(Api& api, ClusterPtr cluster) : api_(api), cluster_(std::move(cluster)) {}
  std::unique_ptr<wire::Exchange> exchange() override {
    return api_.exchange(cluster_, "/_gatehouse/k8s/" + cluster_->hex);
  }

 private:
  Api& api_;
  ClusterPtr cluster_;
};

template <typename T>
T must(Result<T> result) {
  if (result) return *std::move(result);
  fmt::print(stderr, "{}: {}\n", result.error().code, result.error().message);
  std::exit(1);
}

int serve(const std::string& directory) {
  log::set_up(log::Level::warning, log::Format::text);
  const SystemClock clock;
  SystemRandom random;
  const auto store = must(store::open_embedded(directory + "/store"));
  const auto tls = must(wire::Tls::open(directory, "", "", clock));
  const auto clusters = must(Clusters::open(*store.records, clock, random, tls->ca_pem()));
  ClusterPtr cluster = clusters->find("123456789012", "us-east-1", "test");
  if (cluster == nullptr)
    cluster =
        must(clusters->create({"123456789012", "us-east-1", "test", "arn:aws:iam::123456789012:user/admin"}));
  const StandInDirectory directory_of_users;
  const Authenticator authenticator(clock, directory_of_users, {});
  Api api(clock, random, authenticator, {tls->ca_pem(), nullptr});
  OneCluster handler(api, cluster);
  wire::Pool pool(4);
  wire::Server server({}, handler, pool, tls.get());
  if (const auto started = server.start(); !started) {
    fmt::print(stderr, "{}\n", started.error().message);
    return 1;
  }
  fmt::print(
      "{{\"server\":\"https://127.0.0.1:{}/_gatehouse/k8s/"
      "{}\",\"ca\":\"{}\",\"hex\":\"{}\",\"issuer\":\"{}\"}}\n",
      server.port(), cluster->hex, tls->ca_file(), cluster->hex, cluster->issuer);
  std::fflush(stdout);
  while (std::cin.get() != EOF) {
  }
  server.stop(std::chrono::milliseconds(500));
  return 0;
}

}  // namespace
}  // namespace gatehouse::kube

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  return gatehouse::kube::serve(argv[1]);
}
