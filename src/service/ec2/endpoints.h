// VPC endpoints: private ways from a VPC to one AWS service, each with a policy that bounds what passes.
// https://docs.aws.amazon.com/vpc/latest/privatelink/
//
// A gateway endpoint has no name; who may use it stands in its VPC. Here that is whoever reaches its listener
// (cli/serve/endpoint_listeners.h). An interface endpoint is reached by its DNS names.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "account/directory/entities.h"
#include "account/directory/table.h"
#include "account/gate.h"
#include "base/error.h"
#include "base/time.h"
#include "service/call.h"
#include "service/ec2/describe.h"
#include "service/ec2/network.h"
#include "store/store.h"

namespace gatehouse::service::ec2 {

inline constexpr std::string_view kGateway = "Gateway";
inline constexpr std::string_view kInterface = "Interface";

struct Endpoint {
  std::string id, account, region, vpc, type;
  std::string service;  // com.amazonaws.us-east-1.s3
  std::string suffix;   // of its DNS names
  std::string token;    // of the request that made it
  Time created{};
  account::PolicyText policy;
  std::vector<std::string> route_tables, subnets, groups;
  bool private_dns = false;
  std::vector<account::Tag> tags;
  std::shared_ptr<const account::VpcEndpoint> passage;  // made of the above

  bool is_gateway() const { return type == kGateway; }
  std::string_view short_service() const;  // "s3"
  std::string_view service_id() const;     // the model's id
};

using EndpointPtr = std::shared_ptr<const Endpoint>;

class Endpoints {
 public:
  explicit Endpoints(store::Records& records) : records_(records) {}

  Result<void> load();
  EndpointPtr find(std::string_view id) const { return table_.find(id); }
  std::vector<EndpointPtr> all() const { return table_.list(""); }
  std::vector<EndpointPtr> of(std::string_view account, std::string_view region) const;

  // Changes are made one after the other; each has been felt by `changed` before it is answered.
  Result<EndpointPtr> put(Endpoint endpoint);
  Result<void> remove(const Endpoint& endpoint);
  void on_change(std::function<Result<void>()> changed) {
    const std::lock_guard lock(changing_);
    changed_ = std::move(changed);
  }
  std::mutex& changing() { return changing_; }

 private:
  Result<void> tell() const { return changed_ ? changed_() : Result<void>(); }

  store::Records& records_;
  account::Table<Endpoint> table_;
  std::mutex changing_;
  std::function<Result<void>()> changed_;
};

class Ec2;

Result<wire::Value> create_vpc_endpoint(Ec2& ec2, Call& call);
Result<wire::Value> describe_vpc_endpoints(Ec2& ec2, Call& call);
Result<wire::Value> modify_vpc_endpoint(Ec2& ec2, Call& call);
Result<wire::Value> delete_vpc_endpoints(Ec2& ec2, Call& call);
Result<wire::Value> describe_vpc_endpoint_services(Ec2& ec2, Call& call);
Result<wire::Value> describe_prefix_lists(Ec2& ec2, Call& call);

Result<Requirements> needs_create_endpoint(Ec2& ec2, Call& call);
Result<Requirements> needs_modify_endpoint(Ec2& ec2, Call& call);
Result<Requirements> needs_delete_endpoints(Ec2& ec2, Call& call);

// S3's addresses in a region, which a gateway endpoint's routes lead to.
std::string prefix_list_id(std::string_view region);

}  // namespace gatehouse::service::ec2
