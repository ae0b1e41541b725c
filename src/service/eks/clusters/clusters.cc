#include "service/eks/clusters/clusters.h"

#include "service/eks/operations.h"
#include "service/eks/support.h"

namespace gatehouse::service::eks {

using wire::structure;
using wire::Value;

Result<Value> describe_cluster(Eks& eks, Call& call) {
  TRY(const auto cluster, existing(eks, call));
  return structure({{m::cluster, render(eks, cluster)}});
}

Result<Value> list_clusters(Eks& eks, Call& call) {
  TRY(const auto names, eks.names(call.account, call.region));
  return page(call.in, m::clusters, value_of(names).list(), text_key);
}

Result<Value> delete_cluster(Eks& eks, Call& call) {
  TRY(const auto cluster, existing(eks, call));
  if (cluster.deletion_protection) {
    return error::invalid_request(
        fmt::format("Cluster {} has deletion protection enabled and cannot be deleted", cluster.name));
  }
  TRY(const auto groups, eks.parts<NodeGroup>(cluster));
  if (!groups.empty()) return error::in_use("Cluster has nodegroups attached");
  Value shown = render(eks, cluster, "DELETING");
  CHECK_OK(eks.remove(cluster));
  CHECK_OK(eks.rooms().clusters.remove(cluster.hex));
  CHECK_OK(eks.rooms().ec2.networks().update(call.account, call.region,
                                             [&](ec2::Network& n) { clear_away(cluster, n); }));
  return structure({{m::cluster, std::move(shown)}});
}

}  // namespace gatehouse::service::eks
