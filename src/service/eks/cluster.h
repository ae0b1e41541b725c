// What EKS keeps of a cluster, and of what belongs to one: node groups, add-ons, Pod Identity associations
// and identity provider configurations, each a record of its own beside the cluster's.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "kube/access/user.h"
#include "store/store.h"

namespace gatehouse::service::eks {

struct UpdateParam {
  std::string type, value;
};

// A change that was asked for, for those who poll it.
struct Update {
  std::string id{}, type{};
  Time created{};
  std::vector<UpdateParam> params{};
};

struct PolicyAssociation {
  kube::AccessGrant grant;
  Time associated{}, modified{};
};

// Who an IAM principal is in the cluster.
// https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
struct AccessEntry {
  std::string principal, id, type, username;
  std::vector<std::string> groups;
  std::map<std::string, std::string> tags;
  std::vector<PolicyAssociation> policies{};
  Time created{}, modified{};
};

struct Cluster {
  std::string account, region, name;
  std::string hex;  // kube::Cluster's
  Time created{};
  std::string version, role_arn;
  std::string vpc, security_group;
  std::vector<std::string> subnets, security_groups;
  bool public_access = true, private_access = false;
  std::vector<std::string> public_cidrs;
  std::string service_cidr = "10.100.0.0/16", ip_family = "ipv4";
  std::string authentication_mode = "CONFIG_MAP";
  bool bootstrap_admin = true;
  std::string support_type = "EXTENDED";
  std::vector<std::string> log_types;  // those that are on
  bool deletion_protection = false;
  bool zonal_shift = false, zonal_shift_asked = false;  // shown to those alone who asked for it
  std::string encryption_key;                           // of the secrets; "" where AWS's own is used
  std::map<std::string, std::string> tags;
  std::vector<Update> updates;  // oldest first
  std::vector<AccessEntry> entries{};
  store::Revision revision = 0;

  std::string arn() const;
  std::string record_key() const;
  std::string arn_of(const AccessEntry& entry) const;
  bool uses_entries() const { return authentication_mode != "CONFIG_MAP"; }
  bool uses_config_map() const { return authentication_mode != "API"; }
};

// What every part of a cluster has. Its name is unique among the cluster's parts of one kind.
struct Part {
  std::string name, id;
  Time created{}, modified{};
  std::map<std::string, std::string> tags;
  std::vector<Update> updates;  // oldest first
  store::Revision revision = 0;
};

struct Taint {
  std::string key, value, effect;
};

struct NodeGroup : Part {
  static constexpr std::string_view kKind = "nodegroup";
  std::string version, release, role, capacity_type, ami_type;
  std::vector<std::string> instance_types, subnets;
  int disk_size = 0, min_size = 0, max_size = 0, desired_size = 0;
  int max_unavailable = 0, max_unavailable_percentage = 0;  // one of the two
  std::string update_strategy;                              // "" where none was asked for
  bool node_repair = false;
  std::map<std::string, std::string> labels;
  std::vector<Taint> taints;
};

struct Addon : Part {
  static constexpr std::string_view kKind = "addon";
  std::string version, role, configuration, ns;
  std::vector<std::string> associations;  // ids of Pod Identity associations it owns
};

// Its name is its id, "a-…".
struct PodIdentity : Part {
  static constexpr std::string_view kKind = "podidentityassociation";
  std::string ns, service_account, role, target_role, external_id, policy;
  std::string owner;  // the ARN of the add-on it came with
  bool no_session_tags = false;
};

// https://docs.aws.amazon.com/eks/latest/userguide/authenticate-oidc-identity-provider.html
struct IdentityProvider : Part {
  static constexpr std::string_view kKind = "identityproviderconfig";
  std::string issuer, client_id, username_claim, username_prefix, groups_claim, groups_prefix;
  std::map<std::string, std::string> required_claims;
};

std::string cluster_arn(std::string_view account, std::string_view region, std::string_view name);
// arn:aws:eks:REGION:ACCOUNT:nodegroup/CLUSTER/NAME/ID, and so on; `id` may be "*".
std::string part_arn(const NodeGroup*, const Cluster& cluster, std::string_view name, std::string_view id);
std::string part_arn(const Addon*, const Cluster& cluster, std::string_view name, std::string_view id);
std::string part_arn(const PodIdentity*, const Cluster& cluster, std::string_view name, std::string_view id);
std::string part_arn(const IdentityProvider*, const Cluster& cluster, std::string_view name,
                     std::string_view id);
template <typename T>
std::string arn_of(const Cluster& cluster, const T& part) {
  return part_arn(&part, cluster, part.name, part.id);
}

// Cluster and each kind of Part.
template <typename T>
std::string to_record(const T& entity);
template <typename T>
Result<T> from_record(std::string_view record, store::Revision revision);

}  // namespace gatehouse::service::eks
