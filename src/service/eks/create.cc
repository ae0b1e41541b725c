// CreateCluster: what it checks, and what it makes.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/arn.h"
#include "service/eks/eks.h"
#include "service/regions.h"

namespace gatehouse::service::eks {
namespace {

constexpr size_t kLongestName = 100;
constexpr size_t kMostTags = 50;
constexpr size_t kInterfaces = 2;
constexpr std::uint64_t kSubnetSize = 4096;
constexpr std::array<std::string_view, 8> kVersions = {"1.27", "1.28", "1.29", "1.30",
                                                       "1.31", "1.32", "1.33", "1.34"};
constexpr std::string_view kDefaultVersion = "1.33";
// https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html: where no control plane can stand.
constexpr std::array<std::string_view, 3> kUnsupportedZones = {"use1-az3", "usw1-az2", "cac1-az3"};

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

Result<void> check_name(std::string_view name) {
  const bool sound =
      !name.empty() && name.size() <= kLongestName && is_letter_or_digit(name.front()) &&
      std::ranges::all_of(name, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
  if (sound) return {};
  return error::invalid_parameter(
      "The name can contain only alphanumeric characters (case-sensitive), hyphens, and underscores. It must "
      "start "
      "with an alphanumeric character and can't be longer than 100 characters.");
}

// The role is there, in this account, and lets EKS assume it.
Result<void> check_role(const Eks& eks, Call& call, std::string_view role_arn) {
  const auto& rooms = eks.rooms();
  const auto arn = Arn::parse(role_arn);
  if (!arn || arn->service != "iam" || !arn->resource.starts_with("role/"))
    return error::invalid_parameter(fmt::format("Role ARN is invalid: {}", role_arn));
  if (arn->account != call.account)
    return error::invalid_parameter("Cross-account pass role is not allowed.");
  const auto refuse = [&] {
    return error::invalid_parameter(
        fmt::format("Role with arn: {}, could not be assumed because it does not exist or the trusted entity "
                    "is not correct",
                    role_arn));
  };
  const auto role = rooms.directory.role(call.account, arn->resource.substr(arn->resource.rfind('/') + 1));
  if (role == nullptr || role->arn != role_arn) return refuse();
  account::Caller service;
  service.type = policy::PrincipalType::service;
  service.arn = "eks.amazonaws.com";
  account::Requirement assume;
  assume.action = "sts:AssumeRole";
  assume.resource = role->arn;
  assume.resource_account = role->account;
  assume.resource_policy = role->trust.compiled;
  const auto verdict = rooms.gate.check(service, call.circumstances, assume, {});
  call.decisions.push_back(verdict.record);
  if (!verdict.decision.allowed()) return refuse();
  return {};
}

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

std::vector<std::string> texts(const wire::Value& list) {
  std::vector<std::string> out;
  for (const auto& v : list.list()) out.emplace_back(v.text());
  return out;
}

Result<void> read_access(const wire::Value& in, Cluster& c) {
  const auto& access = in[m::accessConfig];
  c.authentication_mode = access[m::authenticationMode].text_or("CONFIG_MAP");
  c.bootstrap_admin = access[m::bootstrapClusterCreatorAdminPermissions].boolean(true);
  if (c.authentication_mode != "CONFIG_MAP" && c.authentication_mode != "API" &&
      c.authentication_mode != "API_AND_CONFIG_MAP")
    return error::invalid_parameter(
        fmt::format("Unsupported authentication mode: {}", c.authentication_mode));
  const auto& network = in[m::kubernetesNetworkConfig];
  c.service_cidr = network[m::serviceIpv4Cidr].text_or("10.100.0.0/16");
  c.ip_family = network[m::ipFamily].text_or("ipv4");
  if (c.ip_family != "ipv4") return error::invalid_parameter("Only the ipv4 family is supported.");
  c.support_type = in[m::upgradePolicy][m::supportType].text_or("EXTENDED");
  for (const auto& setup : in[m::logging][m::clusterLogging].list()) {
    if (setup[m::enabled].boolean())
      std::ranges::copy(texts(setup[m::types]), std::back_inserter(c.log_types));
  }
  return {};
}

Result<Cluster> read_request(const Call& call, Time now) {
  const wire::Value& in = call.in;
  Cluster c;
  c.account = call.account;
  c.region = call.region;
  c.name = in[m::name].text();
  c.created = now;
  CHECK_OK(check_name(c.name));
  c.version = in[m::version].text_or(kDefaultVersion);
  if (std::ranges::find(kVersions, c.version) == kVersions.end())
    return error::invalid_parameter("unsupported Kubernetes version");
  c.role_arn = in[m::roleArn].text();
  const auto& network = in[m::resourcesVpcConfig];
  c.subnets = texts(network[m::subnetIds]);
  c.security_groups = texts(network[m::securityGroupIds]);
  c.public_access = network[m::endpointPublicAccess].boolean(true);
  c.private_access = network[m::endpointPrivateAccess].boolean(false);
  if (!c.public_access && !c.private_access)
    return error::invalid_parameter("Private and public endpoint access cannot be false");
  c.public_cidrs = texts(network[m::publicAccessCidrs]);
  if (c.public_cidrs.empty() && c.public_access) c.public_cidrs = {"0.0.0.0/0"};
  CHECK_OK(read_access(in, c));
  c.deletion_protection = in[m::deletionProtection].boolean();
  for (const auto& [key, value] : in[m::tags].map()) c.tags.insert_or_assign(key, std::string(value.text()));
  if (c.tags.size() > kMostTags) return error::invalid_parameter("Too many tags: the limit is 50.");
  return c;
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

// What a control plane puts into the network: a security group, and an interface in each of two subnets.
// https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
void furnish(const Eks& eks, Cluster& c, ec2::Network& n) {
  auto& networks = eks.rooms().ec2.networks();
  c.vpc = n.vpc;
  c.security_group = networks.new_id("sg");
  n.groups.push_back({c.security_group, fmt::format("eks-cluster-sg-{}-{}", c.name, c.hex.substr(0, 9)),
                      "EKS created security group applied to ENI that is attached to EKS Control Plane "
                      "master nodes, as well "
                      "as any managed workloads.",
                      true});
  std::vector<std::string> groups{c.security_group};
  std::ranges::copy(c.security_groups, std::back_inserter(groups));
  for (size_t i = 0; i < std::min(kInterfaces, c.subnets.size()); ++i) {
    const auto* subnet = n.subnet(c.subnets[i]);
    if (subnet == nullptr) continue;
    const auto host = n.next_address++;
    n.interfaces.push_back({networks.new_id("eni"), subnet->id, host_address(subnet->cidr, host),
                            fmt::format("06:{:02x}:{:02x}:00:{:02x}:{:02x}", i, host >> 16 & 0xff,
                                        host >> 8 & 0xff, host & 0xff),
                            fmt::format("Amazon EKS {}", c.name), c.account, groups});
  }
}

// An identity without a record is what a crash between the two left: it is nobody's.
Result<kube::ClusterPtr> make_identity(const Eks& eks, const Call& call, std::string_view name) {
  const auto& caller = call.caller;
  const std::string creator = kube::canonical_arn(caller.role_arn.empty() ? caller.arn : caller.role_arn);
  if (const auto left = eks.rooms().clusters.find(call.account, call.region, name))
    CHECK_OK(eks.rooms().clusters.remove(left->hex));
  return eks.rooms().clusters.create({call.account, call.region, std::string(name), creator});
}

}  // namespace

Result<wire::Value> create_cluster(Eks& eks, Call& call) {
  const auto& rooms = eks.rooms();
  TRY(auto cluster, read_request(call, rooms.clock.now()));
  TRY(const auto there, eks.find(call.account, call.region, cluster.name));
  if (there) return error::in_use(fmt::format("Cluster already exists with name: {}", cluster.name));
  TRY(const auto network, rooms.ec2.networks().of(call.account, call.region));
  CHECK_OK(check_network(cluster, *network));
  CHECK_OK(check_role(eks, call, cluster.role_arn));
  TRY(const auto identity, make_identity(eks, call, cluster.name));
  cluster.hex = identity->hex;
  if (cluster.uses_entries() && cluster.bootstrap_admin)
    cluster.entries.push_back(creator_entry(eks, identity->creator));
  const Cluster wanted = cluster;
  CHECK_OK(rooms.ec2.networks().update(call.account, call.region, [&](ec2::Network& n) {
    cluster = wanted;
    furnish(eks, cluster, n);
  }));
  TRY(const auto stored, eks.store(std::move(cluster)));
  return wire::structure({{m::cluster, render(eks, stored, "CREATING")}});
}

}  // namespace gatehouse::service::eks
