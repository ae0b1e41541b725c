// What the operations on clusters share.
#pragma once

#include <array>
#include <functional>
#include <span>
#include <string_view>

#include "service/ec2/network.h"
#include "service/eks/eks.h"

namespace gatehouse::service::eks {

// As DescribeCluster shows it.
wire::Value render(const Eks& eks, const Cluster& cluster, std::string_view status = "ACTIVE");

// A Kubernetes minor version that EKS has.
// https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html
struct KubernetesVersion {
  std::string_view minor, patch;
  std::string_view released, end_of_standard, end_of_extended;  // dates on EKS
};
std::span<const KubernetesVersion> kubernetes_versions();  // oldest first
const KubernetesVersion* find_version(std::string_view minor);
inline constexpr std::string_view kDefaultVersion = "1.33";

// Subnets and security groups that are there, the subnets in at least two zones where a control plane can
// stand.
Result<void> check_network(const Cluster& cluster, const ec2::Network& network);
// The words of EKS around EC2's for something that is not there.
std::unexpected<Error> missing_in_ec2(std::string_view kind, std::string_view id, std::string_view code);
// What a control plane puts into the network, and takes away with it: a security group, and an interface in
// each of two subnets.
void furnish(const Eks& eks, Cluster& cluster, ec2::Network& network);
void place_interfaces(const Eks& eks, const Cluster& cluster, ec2::Network& network);  // where it stands now
void clear_away(const Cluster& cluster, ec2::Network& network);

// What clusterLogging switches on and off; the list stays sorted.
inline constexpr std::array<std::string_view, 5> kLogTypes = {"api", "audit", "authenticator",
                                                              "controllerManager", "scheduler"};
Result<void> change_log_types(const wire::Value& logging, std::vector<std::string>& on);
void read_zonal_shift(const wire::Value& shift, Cluster& cluster);
Result<void> check_support_type(std::string_view type);
// NotImplemented for what there is no model of here: Auto Mode, Outposts, hybrid nodes.
Result<void> check_unbuilt(const wire::Value& in);

// The tags of whatever the call's resourceArn names, changed and kept if there is a change.
using Tags = std::map<std::string, std::string>;
using TagChange = std::function<Result<void>(Tags&)>;
Result<Tags> tags_at(Eks& eks, const Call& call, const TagChange& change = nullptr);

// The key that shall encrypt the secrets, out of encryptionConfig; "" where none is asked for.
Result<std::string> read_encryption(const Eks& eks, Call& call, const wire::Value& configs);

}  // namespace gatehouse::service::eks
