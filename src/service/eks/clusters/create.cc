// CreateCluster: what it checks, and what it makes.
#include <algorithm>
#include <array>
#include <utility>

#include "service/eks/access/access.h"
#include "service/eks/clusters/clusters.h"
#include "service/eks/operations.h"
#include "service/eks/roles.h"
#include "service/eks/support.h"
#include "service/iam/principals/service_linked.h"

namespace gatehouse::service::eks {
namespace {

using wire::Value;

constexpr size_t kLongestName = 100;

Result<void> check_name(std::string_view name) {
  if (is_name(name, kLongestName)) return {};
  return error::invalid_parameter(
      "The name can contain only alphanumeric characters (case-sensitive), hyphens, and underscores. It must "
      "start with an alphanumeric character and can't be longer than 100 characters.");
}

// The role is there, in this account, and lets EKS assume it.
Result<void> check_role(const Eks& eks, Call& call, std::string_view role_arn) {
  CHECK_OK(check_role_arn(role_arn));
  const auto role = find_role(eks, role_arn);
  if (role != nullptr && trusts(eks, call, *role, kEksService, {"sts:AssumeRole"})) return {};
  return error::invalid_parameter(
      fmt::format("Role with arn: {}, could not be assumed because it does not exist or the trusted entity "
                  "is not correct",
                  role_arn));
}

Result<void> read_access(const Value& in, Cluster& c) {
  const auto& access = in[m::accessConfig];
  c.authentication_mode = access[m::authenticationMode].text_or("CONFIG_MAP");
  c.bootstrap_admin = access[m::bootstrapClusterCreatorAdminPermissions].boolean(true);
  if (c.authentication_mode != "CONFIG_MAP" && c.authentication_mode != "API" &&
      c.authentication_mode != "API_AND_CONFIG_MAP")
    return error::invalid_parameter(
        fmt::format("Unsupported authentication mode: {}", c.authentication_mode));
  return {};
}

Result<void> read_network(const Value& in, Cluster& c) {
  const auto& network = in[m::resourcesVpcConfig];
  c.subnets = texts(network[m::subnetIds]);
  c.security_groups = texts(network[m::securityGroupIds]);
  c.public_access = network[m::endpointPublicAccess].boolean(true);
  c.private_access = network[m::endpointPrivateAccess].boolean(false);
  if (!c.public_access && !c.private_access)
    return error::invalid_parameter("Private and public endpoint access cannot be false");
  c.public_cidrs = texts(network[m::publicAccessCidrs]);
  if (c.public_cidrs.empty() && c.public_access) c.public_cidrs = {"0.0.0.0/0"};
  const auto& kubernetes = in[m::kubernetesNetworkConfig];
  c.service_cidr = kubernetes[m::serviceIpv4Cidr].text_or("10.100.0.0/16");
  c.ip_family = kubernetes[m::ipFamily].text_or("ipv4");
  if (c.ip_family != "ipv4") return error::invalid_parameter("Only the ipv4 family is supported.");
  return {};
}

Result<Cluster> read_request(const Call& call, Time now) {
  const Value& in = call.in;
  Cluster c;
  c.account = call.account;
  c.region = call.region;
  c.name = in[m::name].text();
  c.created = now;
  CHECK_OK(check_name(c.name));
  c.version = in[m::version].text_or(kDefaultVersion);
  if (find_version(c.version) == nullptr) return error::invalid_parameter("unsupported Kubernetes version");
  c.role_arn = in[m::roleArn].text();
  CHECK_OK(check_unbuilt(in));
  CHECK_OK(read_network(in, c));
  CHECK_OK(read_access(in, c));
  c.support_type = in[m::upgradePolicy][m::supportType].text_or("EXTENDED");
  CHECK_OK(check_support_type(c.support_type));
  CHECK_OK(change_log_types(in[m::logging], c.log_types));
  c.deletion_protection = in[m::deletionProtection].boolean();
  read_zonal_shift(in[m::zonalShiftConfig], c);
  TRY(c.tags, read_tags(in[m::tags]));
  return c;
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

Result<Value> create_cluster(Eks& eks, Call& call) {
  const auto& rooms = eks.rooms();
  TRY(auto cluster, read_request(call, rooms.clock.now()));
  const auto making = eks.start_making(cluster.record_key());
  TRY(const auto there, eks.find(call.account, call.region, cluster.name));
  if (there || making == nullptr)
    return error::in_use(fmt::format("Cluster already exists with name: {}", cluster.name));
  TRY(const auto network, rooms.ec2.networks().of(call.account, call.region));
  CHECK_OK(check_network(cluster, *network));
  CHECK_OK(check_role(eks, call, cluster.role_arn));
  TRY(cluster.encryption_key, read_encryption(eks, call, call.in[m::encryptionConfig]));
  CHECK_OK(iam::ensure_linked_role(rooms.directory, rooms.random, call.account, kEksService, call.now()));
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
