#include "service/ec2/render.h"

#include <fmt/format.h>

#include <algorithm>

namespace gatehouse::service::ec2 {
namespace {

using wire::structure;
using wire::Value;

constexpr int kSubnetAddresses = 4091;  // a /20 without the five that AWS keeps
constexpr std::string_view kEverywhere = "0.0.0.0/0";

std::string arn(const Network& n, std::string_view kind, std::string_view id) {
  return fmt::format("arn:aws:ec2:{}:{}:{}/{}", n.region, n.account, kind, id);
}

int used_addresses(const Network& n, const Subnet& s) {
  return static_cast<int>(std::ranges::count(n.interfaces, s.id, &Interface::subnet));
}

Value list_of(Value v) { return Value::List{std::move(v)}; }

Value state(std::string_view code) { return structure({{m::State, code}}); }

}  // namespace

Described render_vpc(const Network& n) {
  Value association = structure({{m::AssociationId, "vpc-cidr-assoc-" + n.vpc.substr(4)},
                                 {m::CidrBlock, n.cidr},
                                 {m::CidrBlockState, state("associated")}});
  return {n.vpc,
          {{"vpc-id", {n.vpc}},
           {"cidr", {n.cidr}},
           {"cidr-block-association.cidr-block", {n.cidr}},
           {"dhcp-options-id", {n.dhcp_options}},
           {"is-default", {"true"}},
           {"isDefault", {"true"}},
           {"owner-id", {n.account}},
           {"state", {"available"}}},
          structure({{m::VpcId, n.vpc},
                     {m::OwnerId, n.account},
                     {m::State, "available"},
                     {m::CidrBlock, n.cidr},
                     {m::CidrBlockAssociationSet, list_of(std::move(association))},
                     {m::DhcpOptionsId, n.dhcp_options},
                     {m::InstanceTenancy, "default"},
                     {m::IsDefault, true}})};
}

Described render_subnet(const Network& n, const Subnet& s) {
  const int available = kSubnetAddresses - used_addresses(n, s);
  return {s.id,
          {{"subnet-id", {s.id}},
           {"subnet-arn", {arn(n, "subnet", s.id)}},
           {"vpc-id", {n.vpc}},
           {"availability-zone", {s.zone}},
           {"availabilityZone", {s.zone}},
           {"availability-zone-id", {s.zone_id}},
           {"cidr-block", {s.cidr}},
           {"cidr", {s.cidr}},
           {"default-for-az", {"true"}},
           {"defaultForAz", {"true"}},
           {"map-public-ip-on-launch", {"true"}},
           {"available-ip-address-count", {std::to_string(available)}},
           {"owner-id", {n.account}},
           {"state", {"available"}}},
          structure({{m::SubnetId, s.id},
                     {m::SubnetArn, arn(n, "subnet", s.id)},
                     {m::VpcId, n.vpc},
                     {m::OwnerId, n.account},
                     {m::State, "available"},
                     {m::AvailabilityZone, s.zone},
                     {m::AvailabilityZoneId, s.zone_id},
                     {m::CidrBlock, s.cidr},
                     {m::AvailableIpAddressCount, available},
                     {m::DefaultForAz, true},
                     {m::MapPublicIpOnLaunch, true},
                     {m::MapCustomerOwnedIpOnLaunch, false},
                     {m::AssignIpv6AddressOnCreation, false},
                     {m::Ipv6Native, false}})};
}

Described render_group(const Network& n, const SecurityGroup& g) {
  Value outbound =
      structure({{m::IpProtocol, "-1"}, {m::IpRanges, list_of(structure({{m::CidrIp, kEverywhere}}))}});
  Value inbound = Value::List();
  if (g.opens_to_itself) {
    Value self = structure({{m::GroupId, g.id}, {m::UserId, n.account}});
    inbound.append(structure({{m::IpProtocol, "-1"}, {m::UserIdGroupPairs, list_of(std::move(self))}}));
  }
  return {g.id,
          {{"group-id", {g.id}},
           {"group-name", {g.name}},
           {"description", {g.description}},
           {"owner-id", {n.account}},
           {"vpc-id", {n.vpc}},
           {"ip-permission.group-id", g.opens_to_itself ? std::vector{g.id} : std::vector<std::string>{}},
           {"egress.ip-permission.cidr", {std::string(kEverywhere)}}},
          structure({{m::GroupId, g.id},
                     {m::GroupName, g.name},
                     {m::Description, g.description},
                     {m::OwnerId, n.account},
                     {m::VpcId, n.vpc},
                     {m::SecurityGroupArn, arn(n, "security-group", g.id)},
                     {m::IpPermissions, std::move(inbound)},
                     {m::IpPermissionsEgress, list_of(std::move(outbound))}})};
}

Described render_route_table(const Network& n, const std::vector<EndpointPtr>& endpoints) {
  Value local = structure({{m::DestinationCidrBlock, n.cidr},
                           {m::GatewayId, "local"},
                           {m::Origin, "CreateRouteTable"},
                           {m::State, "active"}});
  Value out = structure({{m::DestinationCidrBlock, kEverywhere},
                         {m::GatewayId, n.internet_gateway},
                         {m::Origin, "CreateRoute"},
                         {m::State, "active"}});
  Value main = structure({{m::Main, true},
                          {m::RouteTableAssociationId, n.route_table_association},
                          {m::RouteTableId, n.route_table},
                          {m::AssociationState, state("associated")}});
  Value::List routes{std::move(local), std::move(out)};
  std::vector<std::string> gateways{"local", n.internet_gateway}, lists;
  for (const auto& e : endpoints) {
    if (std::ranges::find(e->route_tables, n.route_table) == e->route_tables.end()) continue;
    routes.push_back(structure({{m::DestinationPrefixListId, prefix_list_id(e->region)},
                                {m::GatewayId, e->id},
                                {m::Origin, "CreateRoute"},
                                {m::State, "active"}}));
    gateways.push_back(e->id);
    lists.push_back(prefix_list_id(e->region));
  }
  return {n.route_table,
          {{"route-table-id", {n.route_table}},
           {"vpc-id", {n.vpc}},
           {"owner-id", {n.account}},
           {"association.main", {"true"}},
           {"association.route-table-id", {n.route_table}},
           {"association.route-table-association-id", {n.route_table_association}},
           {"route.gateway-id", std::move(gateways)},
           {"route.destination-prefix-list-id", std::move(lists)},
           {"route.destination-cidr-block", {n.cidr, std::string(kEverywhere)}},
           {"route.state", {"active"}}},
          structure({{m::RouteTableId, n.route_table},
                     {m::VpcId, n.vpc},
                     {m::OwnerId, n.account},
                     {m::Associations, list_of(std::move(main))},
                     {m::Routes, std::move(routes)}})};
}

Described render_internet_gateway(const Network& n) {
  return {n.internet_gateway,
          {{"internet-gateway-id", {n.internet_gateway}},
           {"attachment.vpc-id", {n.vpc}},
           {"attachment.state", {"available"}},
           {"owner-id", {n.account}}},
          structure({{m::InternetGatewayId, n.internet_gateway},
                     {m::OwnerId, n.account},
                     {m::Attachments, list_of(structure({{m::VpcId, n.vpc}, {m::State, "available"}}))}})};
}

Described render_interface(const Network& n, const Interface& i) {
  const Subnet* subnet = n.subnet(i.subnet);
  const std::string zone = subnet != nullptr ? subnet->zone : "";
  Value groups = Value::List();
  for (const auto& id : i.groups) {
    const SecurityGroup* group = n.group(id);
    groups.append(structure({{m::GroupId, id}, {m::GroupName, group != nullptr ? group->name : ""}}));
  }
  return {i.id,
          {{"network-interface-id", {i.id}},
           {"subnet-id", {i.subnet}},
           {"vpc-id", {n.vpc}},
           {"availability-zone", {zone}},
           {"description", {i.description}},
           {"group-id", i.groups},
           {"mac-address", {i.mac}},
           {"owner-id", {n.account}},
           {"private-ip-address", {i.address}},
           {"addresses.private-ip-address", {i.address}},
           {"requester-id", {i.requester}},
           {"requester-managed", {"true"}},
           {"interface-type", {"interface"}},
           {"status", {"in-use"}}},
          structure({{m::NetworkInterfaceId, i.id},
                     {m::SubnetId, i.subnet},
                     {m::VpcId, n.vpc},
                     {m::AvailabilityZone, zone},
                     {m::Description, i.description},
                     {m::Groups, std::move(groups)},
                     {m::InterfaceType, "interface"},
                     {m::MacAddress, i.mac},
                     {m::OwnerId, n.account},
                     {m::PrivateIpAddress, i.address},
                     {m::PrivateIpAddresses,
                      list_of(structure({{m::Primary, true}, {m::PrivateIpAddress, i.address}}))},
                     {m::RequesterId, i.requester},
                     {m::RequesterManaged, true},
                     {m::SourceDestCheck, true},
                     {m::Status, "in-use"}})};
}

}  // namespace gatehouse::service::ec2
