// Administration: what `gatehouse env`, `account`, `run` and `coverage` ask of a running server, through a
// socket in the data directory (0600). Who can open the socket owns the installation; there is no
// administrative HTTP door.
//
//   GET  /env                     the first account's endpoint and root key, the proxy, the CA
//   GET  /accounts                all accounts
//   POST /accounts {"name"}       a new one, with a root key
//   GET  /accounts/ID             one, with its root key
//   POST /accounts/ID/rotate      a new root key for it
//   POST /pods {"cluster", "namespace", "serviceAccount"}   what a pod would be given
//   GET  /clusters                for a kubeconfig
//   GET  /outside-clusters        the registered ones elsewhere
//   POST /outside-clusters {"issuer", …}   another one (outside_door.h); DELETE /outside-clusters/NAME
//   GET  /outside-clusters/NAME/webhook    where its kube-apiserver asks
//   GET  /coverage                operations built and not
//   POST /trail/flush             everything recorded is in the files
#pragma once

#include <string>

#include "account/directory/directory.h"
#include "account/trail/trail.h"
#include "base/json.h"
#include "cli/serve/endpoint_listeners.h"
#include "cli/serve/kube_door.h"
#include "cli/serve/outside_door.h"
#include "service/pipeline/pipeline.h"
#include "wire/http.h"

namespace gatehouse::cli {

struct Endpoints {
  std::string http;   // "http://127.0.0.1:4566"
  std::string https;  // the same over TLS
  std::string ca_file;
  std::string ca_pem;
  std::string region = "us-east-1";
};

class Admin final : public wire::Handler {
 public:
  struct Rooms {
    account::Directory& directory;
    account::Trail& trail;
    service::Pipeline& pipeline;
    KubeRoom& kube;
    OutsideRoom& outside;
    const EndpointListeners& endpoints;
  };
  explicit Admin(Rooms rooms) : rooms_(rooms) {}
  void set_endpoints(Endpoints endpoints) { endpoints_ = std::move(endpoints); }

  std::unique_ptr<wire::Exchange> exchange() override;
  Result<json::value> handle(const wire::Head& head, std::string_view body);

 private:
  Result<json::value> env() const;
  Result<json::value> accounts() const;
  Result<json::value> policies(std::string_view query) const;
  Result<json::value> create_account(const json::object& input);
  Result<json::value> account(std::string_view id) const;
  Result<json::value> rotate(std::string_view account);
  Result<json::value> pod(const json::object& input);
  Result<json::value> outside_webhook(std::string_view path) const;
  Result<json::value> coverage() const;
  json::object account_facts(const account::Account& account) const;

  Rooms rooms_;
  Endpoints endpoints_;
};

}  // namespace gatehouse::cli
