// UpdateClusterConfig. https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateClusterConfig.html
#include <algorithm>
#include <array>

#include "service/eks/access/access.h"
#include "service/eks/clusters/clusters.h"
#include "service/eks/nodegroups/nodegroups.h"
#include "service/eks/operations.h"
#include "service/eks/support.h"

namespace gatehouse::service::eks {
namespace {

using wire::Value;

struct Changed {
  std::string_view type;
  std::vector<UpdateParam> params;
};

std::string truth(bool value) { return value ? "true" : "false"; }

std::string listed(const std::vector<std::string>& list) {
  return fmt::format("[\"{}\"]", fmt::join(list, "\",\""));
}

// Where the API is reached, or in which subnets it stands: not both in one call.
Result<Changed> change_network(const Eks& eks, const Value& network, Cluster& c) {
  if (network[m::subnetIds] || network[m::securityGroupIds]) {
    if (network[m::subnetIds]) c.subnets = texts(network[m::subnetIds]);
    if (network[m::securityGroupIds]) c.security_groups = texts(network[m::securityGroupIds]);
    TRY(const auto known, eks.rooms().ec2.networks().of(c.account, c.region));
    CHECK_OK(check_network(c, *known));
    return Changed{"VpcConfigUpdate",
                   {{"Subnets", listed(c.subnets)}, {"SecurityGroups", listed(c.security_groups)}}};
  }
  const Cluster before = c;
  c.public_access = network[m::endpointPublicAccess].boolean(c.public_access);
  c.private_access = network[m::endpointPrivateAccess].boolean(c.private_access);
  if (network[m::publicAccessCidrs]) c.public_cidrs = texts(network[m::publicAccessCidrs]);
  if (!c.public_access && !c.private_access)
    return error::invalid_parameter("Private and public endpoint access cannot be false");
  if (c.public_access == before.public_access && c.private_access == before.private_access &&
      c.public_cidrs == before.public_cidrs)
    return error::invalid_parameter(
        "Cluster is already at the desired configuration with endpointPrivateAccess: " +
        truth(c.private_access) + " , endpointPublicAccess: " + truth(c.public_access) +
        ", and Public Endpoint Restrictions: " + fmt::format("[{}]", fmt::join(c.public_cidrs, ", ")));
  return Changed{"EndpointAccessUpdate",
                 {{"EndpointPublicAccess", truth(c.public_access)},
                  {"EndpointPrivateAccess", truth(c.private_access)},
                  {"PublicAccessCidrs", listed(c.public_cidrs)}}};
}

Result<Changed> change_logging(const Value& logging, Cluster& c) {
  const auto before = c.log_types;
  CHECK_OK(change_log_types(logging, c.log_types));
  if (c.log_types == before)
    return error::invalid_parameter("No changes needed for the logging config provided");
  return Changed{"LoggingUpdate", {{"ClusterLogging", listed(c.log_types)}}};
}

// Only forwards: CONFIG_MAP, then both, then API.
Result<Changed> change_access(const Eks& eks, const Value& access, Cluster& c) {
  const std::string_view to = access[m::authenticationMode].text();
  const bool forwards = (c.authentication_mode == "CONFIG_MAP" && to == "API_AND_CONFIG_MAP") ||
                        (c.authentication_mode == "API_AND_CONFIG_MAP" && to == "API");
  if (!forwards) {
    return error::invalid_parameter(
        fmt::format("Unsupported authentication mode update from {} to {}", c.authentication_mode, to));
  }
  // The creator, an administrator until now without a record of it, gets one; so do the roles of the nodes.
  // https://docs.aws.amazon.com/eks/latest/userguide/setting-up-access-entries.html
  if (!c.uses_entries()) {
    const auto kube = eks.rooms().clusters.by_hex(c.hex);
    if (c.bootstrap_admin && kube != nullptr && entry_of(c, kube->creator) == nullptr)
      c.entries.push_back(creator_entry(eks, kube->creator));
    TRY(const auto groups, eks.parts<NodeGroup>(c));
    for (const NodeGroup& group : groups) add_node_entry(eks, c, group);
  }
  c.authentication_mode = to;
  return Changed{"AccessConfigUpdate", {{"AuthenticationMode", c.authentication_mode}}};
}

Result<Changed> change_support(const Value& policy, Cluster& c) {
  const std::string_view to = policy[m::supportType].text();
  CHECK_OK(check_support_type(to));
  c.support_type = to;
  return Changed{"UpgradePolicyUpdate", {{"UpgradePolicy", fmt::format(R"({{"supportType":"{}"}})", to)}}};
}

// One kind of change a call, as EKS wants it.
Result<Changed> apply(const Eks& eks, const Value& in, Cluster& c) {
  const std::array<wire::Member, 6> kinds = {m::resourcesVpcConfig, m::logging,
                                             m::accessConfig,       m::upgradePolicy,
                                             m::zonalShiftConfig,   m::deletionProtection};
  if (std::ranges::count_if(kinds, [&](wire::Member kind) { return static_cast<bool>(in[kind]); }) > 1)
    return error::invalid_parameter("Only one type of update can be allowed.");
  if (const auto& network = in[m::resourcesVpcConfig]) return change_network(eks, network, c);
  if (const auto& logging = in[m::logging]) return change_logging(logging, c);
  if (const auto& access = in[m::accessConfig]) return change_access(eks, access, c);
  if (const auto& policy = in[m::upgradePolicy]) return change_support(policy, c);
  if (const auto& shift = in[m::zonalShiftConfig]) {
    read_zonal_shift(shift, c);
    return Changed{"ZonalShiftConfigUpdate",
                   {{"ZonalShiftConfig", fmt::format(R"({{"enabled":{}}})", c.zonal_shift)}}};
  }
  if (const auto& protection = in[m::deletionProtection]) {
    c.deletion_protection = protection.boolean();
    return Changed{"DeletionProtectionUpdate", {{"DeletionProtection", truth(c.deletion_protection)}}};
  }
  return error::invalid_parameter("No changes needed for the given cluster");
}

}  // namespace

Result<void> check_support_type(std::string_view type) {
  if (type == "STANDARD" || type == "EXTENDED") return {};
  return error::invalid_parameter(fmt::format("Invalid supportType: {}", type));
}

Result<void> change_log_types(const Value& logging, std::vector<std::string>& on) {
  for (const auto& setup : logging[m::clusterLogging].list()) {
    for (const auto& type : texts(setup[m::types])) {
      if (std::ranges::find(kLogTypes, type) == kLogTypes.end())
        return error::invalid_parameter(fmt::format("Invalid cluster log type: {}", type));
      std::erase(on, type);
      if (setup[m::enabled].boolean()) on.push_back(type);
    }
  }
  std::ranges::sort(on);
  return {};
}

void read_zonal_shift(const Value& shift, Cluster& c) {
  c.zonal_shift = shift[m::enabled].boolean();
  c.zonal_shift_asked = static_cast<bool>(shift);
}

// What there is no model of here is refused and not forgotten.
Result<void> check_unbuilt(const Value& in) {
  const auto refused = [](std::string_view what) {
    return fail("NotImplemented", fmt::format("EKS's {} is not built", what), 501);
  };
  if (in[m::computeConfig][m::enabled].boolean() ||
      in[m::storageConfig][m::blockStorage][m::enabled].boolean() ||
      in[m::kubernetesNetworkConfig][m::elasticLoadBalancing][m::enabled].boolean())
    return refused("Auto Mode");
  if (in[m::outpostConfig]) return refused("Outposts");
  if (!in[m::remoteNetworkConfig][m::remoteNodeNetworks].list().empty()) return refused("hybrid nodes");
  if (in[m::controlPlaneScalingConfig][m::tier].text_or("standard") != "standard")
    return refused("control plane scaling");
  return {};
}

Result<Value> update_cluster_config(Eks& eks, Call& call) {
  TRY(auto cluster, existing(eks, call));
  CHECK_OK(check_unbuilt(call.in));
  TRY(auto changed, apply(eks, call.in, cluster));
  const Update update = begin_update(eks, cluster.updates, changed.type, std::move(changed.params));
  TRY(const auto stored, eks.store(std::move(cluster)));
  if (update.type == "VpcConfigUpdate") {
    CHECK_OK(eks.rooms().ec2.networks().update(call.account, call.region,
                                               [&](ec2::Network& n) { place_interfaces(eks, stored, n); }));
  }
  return render(update, "InProgress");
}

}  // namespace gatehouse::service::eks
