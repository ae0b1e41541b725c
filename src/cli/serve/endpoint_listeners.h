// A listener of its own for each gateway endpoint. Whoever reaches it stands in the endpoint's VPC.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/json.h"
#include "service/ec2/endpoints.h"
#include "service/pipeline/pipeline.h"
#include "wire/server.h"

namespace gatehouse::cli {

class EndpointListeners {
 public:
  EndpointListeners(service::ec2::Endpoints& endpoints, service::Pipeline& pipeline, wire::Pool& pool,
                    std::string address)
      : endpoints_(endpoints), pipeline_(pipeline), pool_(pool), address_(std::move(address)) {}

  // For the endpoints as they are now, and from then on after each change of them.
  Result<void> start();
  void stop();

  // [{"id", "account", "region", "vpc", "service", "type", "endpoint"}]; interface endpoints have names, no
  // address.
  json::array list() const;

 private:
  struct Listener;
  Result<void> follow();

  service::ec2::Endpoints& endpoints_;
  service::Pipeline& pipeline_;
  wire::Pool& pool_;
  std::string address_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Listener>, std::less<>> listeners_;  // by the endpoint's id
};

}  // namespace gatehouse::cli
