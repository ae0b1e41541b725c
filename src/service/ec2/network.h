// An account's network in one region: the default VPC that AWS gives every account, and what was put into it.
// https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc-components.html
//
// Made the first time anybody looks, kept as one record, read without a lock afterwards.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "account/directory/table.h"
#include "base/error.h"
#include "base/random.h"
#include "store/store.h"

namespace gatehouse::service::ec2 {

struct Subnet {
  std::string id, zone, zone_id, cidr;
};

struct SecurityGroup {
  std::string id, name, description;
  bool opens_to_itself = true;  // inbound from members of the group; outbound to everywhere
};

struct Interface {
  std::string id, subnet, address, mac, description, requester;
  std::vector<std::string> groups;
};

struct Network {
  std::string account, region;
  std::string vpc, cidr, dhcp_options, internet_gateway, route_table, route_table_association;
  std::vector<Subnet> subnets;
  std::vector<SecurityGroup> groups;  // the default one first
  std::vector<Interface> interfaces;
  std::uint64_t next_address = 10;  // in each subnet, for interfaces
  store::Revision revision = 0;

  std::string record_key() const;
  const Subnet* subnet(std::string_view id) const;
  const SecurityGroup* group(std::string_view id) const;
};

using NetworkPtr = std::shared_ptr<const Network>;

std::string to_record(const Network& network);
Result<Network> network_from_record(std::string_view record, store::Revision revision);

class Networks {
 public:
  Networks(store::Records& records, Random& random) : records_(records), random_(random) {}

  // Makes it where there is none yet: InvalidParameterValue for a region that AWS does not have.
  Result<NetworkPtr> of(std::string_view account, std::string_view region);
  Result<NetworkPtr> update(std::string_view account, std::string_view region,
                            const std::function<void(Network&)>& change);

  std::string new_id(std::string_view kind);  // "subnet" -> "subnet-0123456789abcdef0"

 private:
  Result<NetworkPtr> load(const std::string& key);
  Result<Network> make_default(std::string_view account, std::string_view region);
  Result<NetworkPtr> store(Network network);

  store::Records& records_;
  Random& random_;
  account::Table<Network> table_;
};

}  // namespace gatehouse::service::ec2
