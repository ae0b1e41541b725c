// What a cluster needs of the network, and what it puts there.
// https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
#include <algorithm>
#include <array>
#include <set>
#include <span>

#include "service/eks/clusters/clusters.h"

namespace gatehouse::service::eks {
namespace {

constexpr size_t kInterfaces = 2;
constexpr std::uint64_t kSubnetSize = 4096;
// Where no control plane can stand.
constexpr std::array<std::string_view, 3> kUnsupportedZones = {"use1-az3", "usw1-az2", "cac1-az3"};

bool is_supported(const ec2::Subnet& s) {
  return std::ranges::find(kUnsupportedZones, s.zone_id) == kUnsupportedZones.end();
}

std::unexpected<Error> unsupported_zone(std::string_view cluster, const ec2::Subnet& s,
                                        const ec2::Network& n) {
  std::vector<std::string> valid;
  for (const auto& other : n.subnets) {
    if (is_supported(other)) valid.push_back(other.zone);
  }
  return fail(
      "UnsupportedAvailabilityZoneException",
      fmt::format("Cannot create cluster '{}' because {}, the targeted availability zone, does not currently "
                  "have sufficient capacity to support the cluster. Retry and choose from these availability "
                  "zones: {}",
                  cluster, s.zone, fmt::join(valid, ", ")),
      400);
}

// The n-th address of a "172.31.16.0/20".
std::string host_address(std::string_view cidr, std::uint64_t n) {
  std::uint64_t address = 0;
  std::uint64_t octet = 0;
  for (const char c : cidr.substr(0, cidr.find('/'))) {
    if (c != '.') {
      octet = octet * 10 + static_cast<std::uint64_t>(c - '0');
      continue;
    }
    address = address << 8 | octet;
    octet = 0;
  }
  address = (address << 8 | octet) + n % kSubnetSize;
  return fmt::format("{}.{}.{}.{}", address >> 24 & 0xff, address >> 16 & 0xff, address >> 8 & 0xff,
                     address & 0xff);
}

bool is_of(const ec2::Interface& i, const Cluster& c) {
  return std::ranges::find(i.groups, c.security_group) != i.groups.end();
}

}  // namespace

std::unexpected<Error> missing_in_ec2(std::string_view kind, std::string_view id, std::string_view code) {
  return error::invalid_parameter(fmt::format(
      "The {} '{}' does not exist (Service: AmazonEC2; Status Code: 400; Error Code: {}; Request ID: null)",
      kind, id, code));
}

Result<void> check_network(const Cluster& c, const ec2::Network& n) {
  std::set<std::string_view> zones;
  for (const auto& id : c.subnets) {
    const auto* subnet = n.subnet(id);
    if (subnet == nullptr) return missing_in_ec2("subnet ID", id, "InvalidSubnetID.NotFound");
    if (!is_supported(*subnet)) return unsupported_zone(c.name, *subnet, n);
    zones.insert(subnet->zone);
  }
  if (zones.size() < 2)
    return error::invalid_parameter("Subnets specified must be in at least two different AZs");
  for (const auto& id : c.security_groups) {
    if (n.group(id) == nullptr) return missing_in_ec2("security group", id, "InvalidGroup.NotFound");
  }
  return {};
}

void furnish(const Eks& eks, Cluster& c, ec2::Network& n) {
  auto& networks = eks.rooms().ec2.networks();
  c.vpc = n.vpc;
  c.security_group = networks.new_id("sg");
  n.groups.push_back({c.security_group, fmt::format("eks-cluster-sg-{}-{}", c.name, c.hex.substr(0, 9)),
                      "EKS created security group applied to ENI that is attached to EKS Control Plane "
                      "master nodes, as well "
                      "as any managed workloads.",
                      true});
  place_interfaces(eks, c, n);
}

void place_interfaces(const Eks& eks, const Cluster& c, ec2::Network& n) {
  const std::span wanted(c.subnets.data(), std::min(kInterfaces, c.subnets.size()));
  std::erase_if(n.interfaces, [&](const ec2::Interface& i) {
    return is_of(i, c) && std::ranges::find(wanted, i.subnet) == wanted.end();
  });
  std::vector<std::string> groups{c.security_group};
  std::ranges::copy(c.security_groups, std::back_inserter(groups));
  for (const auto& id : wanted) {
    const auto there = std::ranges::find_if(
        n.interfaces, [&](const ec2::Interface& i) { return is_of(i, c) && i.subnet == id; });
    if (there != n.interfaces.end()) {
      there->groups = groups;
      continue;
    }
    const auto* subnet = n.subnet(id);
    if (subnet == nullptr) continue;
    const auto host = n.next_address++;
    n.interfaces.push_back(
        {eks.rooms().ec2.networks().new_id("eni"), id, host_address(subnet->cidr, host),
         fmt::format("06:00:{:02x}:00:{:02x}:{:02x}", host >> 16 & 0xff, host >> 8 & 0xff, host & 0xff),
         fmt::format("Amazon EKS {}", c.name), c.account, groups});
  }
}

void clear_away(const Cluster& c, ec2::Network& n) {
  std::erase_if(n.interfaces, [&](const ec2::Interface& i) { return is_of(i, c); });
  std::erase_if(n.groups, [&](const ec2::SecurityGroup& g) { return g.id == c.security_group; });
}

}  // namespace gatehouse::service::eks
