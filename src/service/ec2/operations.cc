// The table that EC2 is built from, and its Describe operations.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "service/ec2/describe.h"
#include "service/ec2/ec2.h"
#include "service/ec2/render.h"
#include "service/regions.h"

namespace gatehouse::service::ec2 {
namespace {

using wire::structure;
using wire::Value;

constexpr auto kVpcFilters = std::to_array<std::string_view>(
    {"vpc-id", "cidr", "cidr-block-association.cidr-block", "cidr-block-association.association-id",
     "cidr-block-association.state", "dhcp-options-id", "ipv6-cidr-block-association.association-id",
     "ipv6-cidr-block-association.ipv6-cidr-block", "ipv6-cidr-block-association.ipv6-pool",
     "ipv6-cidr-block-association.state", "is-default", "isDefault", "owner-id", "state"});
constexpr auto kSubnetFilters =
    std::to_array<std::string_view>({"subnet-id",
                                     "subnet-arn",
                                     "vpc-id",
                                     "availability-zone",
                                     "availabilityZone",
                                     "availability-zone-id",
                                     "cidr-block",
                                     "cidr",
                                     "cidrBlock",
                                     "customer-owned-ipv4-pool",
                                     "default-for-az",
                                     "defaultForAz",
                                     "enable-dns64",
                                     "enable-lni-at-device-index",
                                     "ipv6-cidr-block-association.association-id",
                                     "ipv6-cidr-block-association.ipv6-cidr-block",
                                     "ipv6-cidr-block-association.state",
                                     "ipv6-native",
                                     "map-customer-owned-ip-on-launch",
                                     "map-public-ip-on-launch",
                                     "available-ip-address-count",
                                     "outpost-arn",
                                     "owner-id",
                                     "state"});
constexpr auto kGroupFilters = std::to_array<std::string_view>({"group-id",
                                                                "group-name",
                                                                "description",
                                                                "owner-id",
                                                                "vpc-id",
                                                                "ip-permission.cidr",
                                                                "ip-permission.from-port",
                                                                "ip-permission.group-id",
                                                                "ip-permission.group-name",
                                                                "ip-permission.ipv6-cidr",
                                                                "ip-permission.prefix-list-id",
                                                                "ip-permission.protocol",
                                                                "ip-permission.to-port",
                                                                "ip-permission.user-id",
                                                                "egress.ip-permission.cidr",
                                                                "egress.ip-permission.from-port",
                                                                "egress.ip-permission.group-id",
                                                                "egress.ip-permission.group-name",
                                                                "egress.ip-permission.ipv6-cidr",
                                                                "egress.ip-permission.prefix-list-id",
                                                                "egress.ip-permission.protocol",
                                                                "egress.ip-permission.to-port",
                                                                "egress.ip-permission.user-id"});
constexpr auto kRouteTableFilters = std::to_array<std::string_view>(
    {"route-table-id", "vpc-id", "owner-id", "association.gateway-id", "association.main",
     "association.route-table-association-id", "association.route-table-id", "association.subnet-id",
     "route.destination-cidr-block", "route.destination-ipv6-cidr-block", "route.destination-prefix-list-id",
     "route.egress-only-internet-gateway-id", "route.gateway-id", "route.instance-id", "route.nat-gateway-id",
     "route.origin", "route.state", "route.transit-gateway-id", "route.vpc-peering-connection-id"});
constexpr auto kGatewayFilters = std::to_array<std::string_view>(
    {"internet-gateway-id", "attachment.state", "attachment.vpc-id", "owner-id"});
constexpr auto kInterfaceFilters = std::to_array<std::string_view>({"network-interface-id",
                                                                    "subnet-id",
                                                                    "vpc-id",
                                                                    "availability-zone",
                                                                    "description",
                                                                    "group-id",
                                                                    "mac-address",
                                                                    "owner-id",
                                                                    "private-ip-address",
                                                                    "addresses.private-ip-address",
                                                                    "requester-id",
                                                                    "requester-managed",
                                                                    "interface-type",
                                                                    "status",
                                                                    "attachment.instance-id",
                                                                    "attachment.attachment-id",
                                                                    "attachment.status",
                                                                    "private-dns-name",
                                                                    "association.public-ip",
                                                                    "source-dest-check"});
constexpr auto kZoneFilters = std::to_array<std::string_view>(
    {"zone-name", "zone-id", "zone-type", "region-name", "group-name", "state", "opt-in-status", "message",
     "group-long-name", "parent-zone-id", "parent-zone-name"});
constexpr auto kRegionFilters = std::to_array<std::string_view>({"region-name", "endpoint", "opt-in-status"});

template <typename Items, typename Render>
std::vector<Described> each(const Network& n, const Items& items, Render render) {
  std::vector<Described> out;
  for (const auto& item : items) out.push_back(render(n, item));
  return out;
}

Result<Value> describe_vpcs(Ec2& ec2, Call& call) {
  TRY(const auto n, ec2.networks().of(call.account, call.region));
  return describe(call, {m::Vpcs, m::VpcIds, "vpcIds", "InvalidVpcID.NotFound", "vpc ID", kVpcFilters},
                  {render_vpc(*n)});
}

Result<Value> describe_subnets(Ec2& ec2, Call& call) {
  TRY(const auto n, ec2.networks().of(call.account, call.region));
  return describe(
      call, {m::Subnets, m::SubnetIds, "subnetIds", "InvalidSubnetID.NotFound", "subnet ID", kSubnetFilters},
      each(*n, n->subnets, render_subnet));
}

Result<Value> describe_security_groups(Ec2& ec2, Call& call) {
  TRY(const auto n, ec2.networks().of(call.account, call.region));
  auto groups = each(*n, n->groups, render_group);
  if (const auto& names = call.in[m::GroupNames].list(); !names.empty()) {
    for (const Value& name : names) {
      if (std::ranges::find(n->groups, name.text(), &SecurityGroup::name) == n->groups.end()) {
        return fail(
            "InvalidGroup.NotFound",
            fmt::format("The security group '{}' does not exist in default VPC '{}'", name.text(), n->vpc));
      }
    }
    std::erase_if(groups, [&](const Described& d) {
      return std::ranges::none_of(names,
                                  [&](const Value& v) { return v.text() == d.value[m::GroupName].text(); });
    });
  }
  return describe(
      call,
      {m::SecurityGroups, m::GroupIds, "groupIds", "InvalidGroup.NotFound", "security group", kGroupFilters},
      std::move(groups));
}

Result<Value> describe_route_tables(Ec2& ec2, Call& call) {
  TRY(const auto n, ec2.networks().of(call.account, call.region));
  return describe(call,
                  {m::RouteTables, m::RouteTableIds, "routeTableIds", "InvalidRouteTableID.NotFound",
                   "routeTable ID", kRouteTableFilters},
                  {render_route_table(*n, ec2.endpoints().of(call.account, call.region))});
}

Result<Value> describe_internet_gateways(Ec2& ec2, Call& call) {
  TRY(const auto n, ec2.networks().of(call.account, call.region));
  return describe(call,
                  {m::InternetGateways, m::InternetGatewayIds, "internetGatewayIds",
                   "InvalidInternetGatewayID.NotFound", "internetGateway ID", kGatewayFilters},
                  {render_internet_gateway(*n)});
}

Result<Value> describe_network_interfaces(Ec2& ec2, Call& call) {
  TRY(const auto n, ec2.networks().of(call.account, call.region));
  return describe(call,
                  {m::NetworkInterfaces, m::NetworkInterfaceIds, "networkInterfaceIds",
                   "InvalidNetworkInterfaceID.NotFound", "networkInterface ID", kInterfaceFilters},
                  each(*n, n->interfaces, render_interface));
}

Described render_zone(const Region& region, size_t index) {
  const std::string name = zone_name(region, index);
  const std::string id = zone_id(region, index);
  const std::string group = fmt::format("{}-zg-1", region.name);
  return {name,
          {{"zone-name", {name}},
           {"zone-id", {id}},
           {"zone-type", {"availability-zone"}},
           {"region-name", {std::string(region.name)}},
           {"group-name", {group}},
           {"state", {"available"}},
           {"opt-in-status", {"opt-in-not-required"}}},
          structure({{m::ZoneName, name},
                     {m::ZoneId, id},
                     {m::ZoneType, "availability-zone"},
                     {m::RegionName, region.name},
                     {m::GroupName, group},
                     {m::NetworkBorderGroup, region.name},
                     {m::State, "available"},
                     {m::OptInStatus, "opt-in-not-required"},
                     {m::Messages, Value::List()}})};
}

Result<Value> describe_availability_zones(Ec2&, Call& call) {
  const Region* region = find_region(call.region);
  if (region == nullptr)
    return fail("InvalidParameterValue", fmt::format("The region '{}' does not exist.", call.region));
  std::vector<Described> zones;
  for (size_t i = 0; i < region->zones.size(); ++i) zones.push_back(render_zone(*region, i));
  for (const Value& id : call.in[m::ZoneIds].list()) {
    if (std::ranges::none_of(zones,
                             [&](const Described& d) { return d.value[m::ZoneId].text() == id.text(); }))
      return fail("InvalidParameterValue", fmt::format("Invalid availability zone-id: [{}]", id.text()));
  }
  if (const auto& ids = call.in[m::ZoneIds].list(); !ids.empty()) {
    std::erase_if(zones, [&](const Described& d) {
      return std::ranges::none_of(ids, [&](const Value& v) { return v.text() == d.value[m::ZoneId].text(); });
    });
  }
  return describe(call,
                  {m::AvailabilityZones, m::ZoneNames, "zoneNames", "InvalidParameterValue",
                   "availability zone", kZoneFilters},
                  std::move(zones));
}

Result<Value> describe_regions(Ec2&, Call& call) {
  const bool all = call.in[m::AllRegions].boolean() || !call.in[m::RegionNames].list().empty();
  std::vector<Described> out;
  for (const Region& r : regions()) {
    if (r.opt_in && !all) continue;
    const std::string endpoint = fmt::format("ec2.{}.amazonaws.com", r.name);
    const std::string status = r.opt_in ? "not-opted-in" : "opt-in-not-required";
    out.push_back(
        {std::string(r.name),
         {{"region-name", {std::string(r.name)}}, {"endpoint", {endpoint}}, {"opt-in-status", {status}}},
         structure({{m::RegionName, r.name}, {m::Endpoint, endpoint}, {m::OptInStatus, status}})});
  }
  return describe(
      call, {m::Regions, m::RegionNames, "regionNames", "InvalidParameterValue", "region", kRegionFilters},
      std::move(out));
}

Result<Value> describe_account_attributes(Ec2& ec2, Call& call) {
  CHECK_OK(check_dry_run(call));
  TRY(const auto n, ec2.networks().of(call.account, call.region));
  const std::array<std::pair<std::string_view, std::string>, 6> attributes = {
      {{"supported-platforms", "VPC"},
       {"default-vpc", n->vpc},
       {"max-instances", "20"},
       {"vpc-max-security-groups-per-interface", "5"},
       {"max-elastic-ips", "5"},
       {"vpc-max-elastic-ips", "5"}}};
  const auto& names = call.in[m::AttributeNames].list();
  Value::List list;
  for (const auto& [name, value] : attributes) {
    const bool asked =
        names.empty() || std::ranges::any_of(names, [&](const Value& v) { return v.text() == name; });
    if (!asked) continue;
    list.push_back(structure({{m::AttributeName, name},
                              {m::AttributeValues, Value::List{structure({{m::AttributeValue, value}})}}}));
  }
  return structure({{m::AccountAttributes, std::move(list)}});
}

const Row<Ec2> kRows[] = {
    {"DescribeVpcs", describe_vpcs, needs<Ec2>("ec2:DescribeVpcs")},
    {"DescribeSubnets", describe_subnets, needs<Ec2>("ec2:DescribeSubnets")},
    {"DescribeSecurityGroups", describe_security_groups, needs<Ec2>("ec2:DescribeSecurityGroups")},
    {"DescribeRouteTables", describe_route_tables, needs<Ec2>("ec2:DescribeRouteTables")},
    {"DescribeInternetGateways", describe_internet_gateways, needs<Ec2>("ec2:DescribeInternetGateways")},
    {"DescribeNetworkInterfaces", describe_network_interfaces, needs<Ec2>("ec2:DescribeNetworkInterfaces")},
    {"DescribeAvailabilityZones", describe_availability_zones, needs<Ec2>("ec2:DescribeAvailabilityZones"),
     Blocking::no},
    {"DescribeRegions", describe_regions, needs<Ec2>("ec2:DescribeRegions"), Blocking::no},
    {"DescribeAccountAttributes", describe_account_attributes, needs<Ec2>("ec2:DescribeAccountAttributes")},

    {"CreateVpcEndpoint", create_vpc_endpoint, resolved<Ec2>(needs_create_endpoint)},
    {"DescribeVpcEndpoints", describe_vpc_endpoints, on<Ec2>()},
    {"ModifyVpcEndpoint", modify_vpc_endpoint, resolved<Ec2>(needs_modify_endpoint)},
    {"DeleteVpcEndpoints", delete_vpc_endpoints, resolved<Ec2>(needs_delete_endpoints)},
    {"DescribeVpcEndpointServices", describe_vpc_endpoint_services, on<Ec2>()},
    {"DescribePrefixLists", describe_prefix_lists, on<Ec2>()},
};

}  // namespace

Service make_service(Ec2& ec2) { return Service("ec2", ec2, std::span<const Row<Ec2>>(kRows)); }

}  // namespace gatehouse::service::ec2
