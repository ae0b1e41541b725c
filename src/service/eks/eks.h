// EKS: the record of a cluster as its API shows it. What a cluster is (its keys, its objects, its issuer)
// belongs to kube::Clusters. https://docs.aws.amazon.com/eks/latest/APIReference/
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "account/directory/directory.h"
#include "account/gate.h"
#include "kube/access/authenticator.h"
#include "kube/clusters.h"
#include "model/eks.h"
#include "service/call.h"
#include "service/ec2/ec2.h"

namespace gatehouse::service::eks {

namespace m = model::eks;

// A change that was asked for, for those who poll it.
struct Update {
  std::string id{}, type{};
  Time created{};
  std::vector<std::pair<std::string, std::string>> params;
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
  std::map<std::string, std::string> tags;
  std::vector<Update> updates;  // oldest first
  std::vector<AccessEntry> entries{};
  store::Revision revision = 0;

  std::string arn() const;
  std::string record_key() const;
  std::string arn_of(const AccessEntry& entry) const;
  bool uses_entries() const { return authentication_mode != "CONFIG_MAP"; }
};

std::string to_record(const Cluster& cluster);
Result<Cluster> cluster_from_record(std::string_view record, store::Revision revision);

class Eks : public kube::AccessEntries {
 public:
  struct Rooms {
    store::Records& records;
    kube::Clusters& clusters;
    const account::Directory& directory;
    const account::Gate& gate;
    ec2::Ec2& ec2;
    const Clock& clock;
    Random& random;
    std::string base_url;  // "https://127.0.0.1:4566": where the clusters' APIs are served
    std::string ca_pem;    // of the authority whose certificate is shown there
  };
  explicit Eks(Rooms rooms) : rooms_(std::move(rooms)) {}

  const Rooms& rooms() const { return rooms_; }
  // Once the server listens; before any call.
  void serve_at(std::string base_url) { rooms_.base_url = std::move(base_url); }

  // Null where there is none.
  Result<std::optional<Cluster>> find(std::string_view account, std::string_view region,
                                      std::string_view name) const;
  Result<std::vector<std::string>> names(std::string_view account, std::string_view region) const;
  Result<Cluster> store(Cluster cluster);
  Result<void> remove(const Cluster& cluster);

  kube::Admission admission(const kube::Cluster& cluster, std::string_view canonical_arn) const override;

 private:
  std::shared_ptr<const Cluster> seen(const kube::Cluster& cluster) const;
  void see(Cluster cluster) const;

  Rooms rooms_;
  // The clusters as last stored, by hex, for each request that wants to enter one.
  mutable std::shared_mutex seeing_;
  mutable std::map<std::string, std::shared_ptr<const Cluster>, std::less<>> seen_;
};

Service make_service(Eks& eks);

std::string cluster_arn(std::string_view account, std::string_view region, std::string_view name);

// As DescribeCluster shows it.
wire::Value render(const Eks& eks, const Cluster& cluster, std::string_view status = "ACTIVE");

Result<wire::Value> create_cluster(Eks& eks, Call& call);
Result<wire::Value> describe_cluster(Eks& eks, Call& call);
Result<wire::Value> list_clusters(Eks& eks, Call& call);
Result<wire::Value> delete_cluster(Eks& eks, Call& call);
Result<wire::Value> update_cluster_config(Eks& eks, Call& call);
Result<wire::Value> describe_update(Eks& eks, Call& call);
Result<wire::Value> list_updates(Eks& eks, Call& call);
Result<wire::Value> tag_resource(Eks& eks, Call& call);
Result<wire::Value> untag_resource(Eks& eks, Call& call);
Result<wire::Value> list_tags_for_resource(Eks& eks, Call& call);

Result<wire::Value> create_access_entry(Eks& eks, Call& call);
Result<wire::Value> describe_access_entry(Eks& eks, Call& call);
Result<wire::Value> update_access_entry(Eks& eks, Call& call);
Result<wire::Value> delete_access_entry(Eks& eks, Call& call);
Result<wire::Value> list_access_entries(Eks& eks, Call& call);
Result<wire::Value> list_access_policies(Eks& eks, Call& call);
Result<wire::Value> associate_access_policy(Eks& eks, Call& call);
Result<wire::Value> disassociate_access_policy(Eks& eks, Call& call);
Result<wire::Value> list_associated_access_policies(Eks& eks, Call& call);

// The entry of the principal; null where it has none.
AccessEntry* entry_of(Cluster& cluster, std::string_view principal);
// The call's cluster, which must use access entries, and in it the call's entry.
Result<Cluster> cluster_with_entries(const Eks& eks, const Call& call);
Result<AccessEntry*> existing_entry(const Call& call, Cluster& cluster);
// The entry that makes the cluster's creator its administrator.
AccessEntry creator_entry(const Eks& eks, std::string_view principal);

// A page of the list, as maxResults and nextToken want it, and a nextToken if it is not the last. `key` of an
// item orders the list.
Result<wire::Value> page(const wire::Value& in, wire::Member member, wire::Value::List items,
                         std::string (*key)(const wire::Value&));

json::array entries_to_json(const std::vector<AccessEntry>& entries);
std::vector<AccessEntry> entries_from_json(const json::object& record);

// The cluster that `name` names, or ResourceNotFoundException.
Result<Cluster> existing(const Eks& eks, const Call& call, std::string_view name);

namespace error {
inline std::unexpected<Error> invalid_parameter(std::string message) {
  return fail("InvalidParameterException", std::move(message), 400);
}
inline std::unexpected<Error> not_found(std::string_view name) {
  return fail("ResourceNotFoundException", "No cluster found for name: " + std::string(name) + ".", 404);
}
inline std::unexpected<Error> in_use(std::string message) {
  return fail("ResourceInUseException", std::move(message), 409);
}
}  // namespace error

}  // namespace gatehouse::service::eks
