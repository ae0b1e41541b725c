// CreateNodegroup. https://docs.aws.amazon.com/eks/latest/userguide/create-managed-node-group.html
#include <algorithm>
#include <array>

#include "base/arn.h"
#include "service/eks/nodegroups/nodegroups.h"
#include "service/eks/operations.h"
#include "service/eks/roles.h"
#include "service/eks/support.h"
#include "service/iam/principals/service_linked.h"

namespace gatehouse::service::eks {
namespace {

using wire::structure;
using wire::Value;

constexpr size_t kLongestName = 63;
constexpr auto kAmiTypes = std::to_array<std::string_view>({"AL2023_ARM_64_NVIDIA",
                                                            "AL2023_ARM_64_STANDARD",
                                                            "AL2023_x86_64_NEURON",
                                                            "AL2023_x86_64_NVIDIA",
                                                            "AL2023_x86_64_STANDARD",
                                                            "AL2_ARM_64",
                                                            "AL2_x86_64",
                                                            "AL2_x86_64_GPU",
                                                            "BOTTLEROCKET_ARM_64",
                                                            "BOTTLEROCKET_ARM_64_FIPS",
                                                            "BOTTLEROCKET_ARM_64_NVIDIA",
                                                            "BOTTLEROCKET_ARM_64_NVIDIA_FIPS",
                                                            "BOTTLEROCKET_x86_64",
                                                            "BOTTLEROCKET_x86_64_FIPS",
                                                            "BOTTLEROCKET_x86_64_NVIDIA",
                                                            "BOTTLEROCKET_x86_64_NVIDIA_FIPS",
                                                            "CUSTOM",
                                                            "WINDOWS_CORE_2019_x86_64",
                                                            "WINDOWS_CORE_2022_x86_64",
                                                            "WINDOWS_CORE_2025_x86_64",
                                                            "WINDOWS_FULL_2019_x86_64",
                                                            "WINDOWS_FULL_2022_x86_64",
                                                            "WINDOWS_FULL_2025_x86_64"});

// The role is there, in this account, and EC2 may assume it.
Result<void> check_node_role(const Eks& eks, Call& call, std::string_view arn) {
  CHECK_OK(check_role_arn(arn));
  const auto role = find_role(eks, arn);
  if (role == nullptr) {
    return error::invalid_parameter(
        fmt::format("The role with name {} cannot be found. (Service: AmazonIdentityManagement; Status Code: "
                    "404; Error Code: NoSuchEntity; Request ID: null)",
                    arn.substr(arn.rfind('/') + 1)));
  }
  if (trusts(eks, call, *role, kNodeService, {"sts:AssumeRole"})) return {};
  return error::invalid_parameter(
      fmt::format("Following required service principals [{}] were not found in the trust relationships of "
                  "nodeRole {}",
                  kNodeService, arn));
}

Result<void> check_subnets(const Eks& eks, const Call& call, const NodeGroup& g) {
  if (g.subnets.empty()) return error::invalid_parameter("Subnets are required");
  TRY(const auto network, eks.rooms().ec2.networks().of(call.account, call.region));
  for (const auto& id : g.subnets) {
    if (network->subnet(id) == nullptr) return missing_in_ec2("subnet ID", id, "InvalidSubnetID.NotFound");
  }
  return {};
}

// EC2 here has neither launch templates nor key pairs, so that none that is named can be found.
Result<void> check_named_in_ec2(const Value& in) {
  if (const auto& launch = in[m::launchTemplate]) {
    const std::string_view name = launch[m::id] ? launch[m::id].text() : launch[m::name].text();
    return missing_in_ec2("launch template", name, "InvalidLaunchTemplateId.NotFound");
  }
  if (const auto& key = in[m::remoteAccess][m::ec2SshKey])
    return missing_in_ec2("key pair", key.text(), "InvalidKeyPair.NotFound");
  return {};
}

Result<void> read_version(const Value& in, const Cluster& c, NodeGroup& g) {
  g.version = in[m::version].text_or(c.version);
  const auto* version = find_version(g.version);
  if (version == nullptr || g.version != c.version) {
    return error::invalid_parameter(fmt::format(
        "Nodegroup Kubernetes version should be equal to Cluster kubernetes version {} or NodeGroup "
        "kubernetes version",
        c.version));
  }
  g.release = in[m::releaseVersion].text_or(release_of(*version));
  if (g.release != release_of(*version)) {
    return error::invalid_parameter(fmt::format(
        "Requested release version {} is not valid for kubernetes version {}.", g.release, g.version));
  }
  return {};
}

Result<void> read_machines(const Value& in, NodeGroup& g) {
  g.ami_type = in[m::amiType].text_or("AL2023_x86_64_STANDARD");
  if (std::ranges::find(kAmiTypes, g.ami_type) == kAmiTypes.end())
    return error::invalid_parameter(fmt::format("Invalid amiType: {}", g.ami_type));
  if (g.ami_type == "CUSTOM")
    return error::invalid_parameter("An amiType of CUSTOM needs a launch template with an image");
  g.capacity_type = in[m::capacityType].text_or("ON_DEMAND");
  if (g.capacity_type != "ON_DEMAND" && g.capacity_type != "SPOT" && g.capacity_type != "CAPACITY_BLOCK")
    return error::invalid_parameter(fmt::format("Invalid capacityType: {}", g.capacity_type));
  g.instance_types = texts(in[m::instanceTypes]);
  if (g.instance_types.empty()) g.instance_types = {"t3.medium"};
  const std::int64_t disk = in[m::diskSize].number(g.ami_type.starts_with("WINDOWS") ? 50 : 20);
  if (disk < 1 || disk > 16384) return error::invalid_parameter(fmt::format("Invalid diskSize: {}", disk));
  g.disk_size = static_cast<int>(disk);
  return {};
}

Result<NodeGroup> read_request(const Eks& eks, const Call& call, const Cluster& cluster) {
  const Value& in = call.in;
  NodeGroup g;
  g.name = in[m::nodegroupName].text();
  if (!is_name(g.name, kLongestName)) {
    return error::invalid_parameter(
        "The node group name can contain only alphanumeric characters, hyphens and underscores, must start "
        "with an alphanumeric character and can't be longer than 63 characters.");
  }
  g.id = eks.rooms().random.uuid();
  g.created = g.modified = eks.rooms().clock.now();
  g.role = in[m::nodeRole].text();
  g.subnets = texts(in[m::subnets]);
  g.min_size = 1;
  g.max_size = g.desired_size = 2;
  g.max_unavailable = 1;
  g.node_repair = in[m::nodeRepairConfig][m::enabled].boolean();
  CHECK_OK(check_named_in_ec2(in));
  CHECK_OK(read_version(in, cluster, g));
  CHECK_OK(read_machines(in, g));
  CHECK_OK(read_scaling(in[m::scalingConfig], g));
  CHECK_OK(read_update_config(in[m::updateConfig], g));
  CHECK_OK(read_labels(in[m::labels], g));
  CHECK_OK(read_taints(in[m::taints], g));
  TRY(g.tags, read_tags(in[m::tags]));
  return g;
}

}  // namespace

Result<Value> create_nodegroup(Eks& eks, Call& call) {
  TRY(auto cluster, existing(eks, call));
  TRY(const auto group, read_request(eks, call, cluster));
  TRY(const auto there, eks.part<NodeGroup>(cluster, group.name));
  if (there) {
    return error::in_use(
        fmt::format("NodeGroup already exists with name {} and cluster name {}", group.name, cluster.name));
  }
  CHECK_OK(check_subnets(eks, call, group));
  CHECK_OK(check_node_role(eks, call, group.role));
  const auto& rooms = eks.rooms();
  CHECK_OK(
      iam::ensure_linked_role(rooms.directory, rooms.random, call.account, kNodegroupService, call.now()));
  if (cluster.uses_entries()) add_node_entry(eks, cluster, group);
  store::Batch batch;
  Eks::put(batch, cluster, group);
  TRY(const auto stored, eks.store(std::move(cluster), std::move(batch)));
  CHECK_OK(map_nodes(eks, stored, group));
  return structure({{m::nodegroup, render(eks, stored, group, "CREATING")}});
}

}  // namespace gatehouse::service::eks
