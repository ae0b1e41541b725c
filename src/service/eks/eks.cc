#include "service/eks/eks.h"

#include <mutex>

namespace gatehouse::service::eks {
namespace {

std::string prefix_of(std::string_view account, std::string_view region) {
  return fmt::format("eks/{}/{}/", account, region);
}

}  // namespace

std::string cluster_arn(std::string_view account, std::string_view region, std::string_view name) {
  return fmt::format("arn:aws:eks:{}:{}:cluster/{}", region, account, name);
}

std::string Cluster::arn() const { return cluster_arn(account, region, name); }

std::string Cluster::record_key() const { return prefix_of(account, region) + name; }

std::string part_arn(const NodeGroup*, const Cluster& c, std::string_view name, std::string_view id) {
  return fmt::format("arn:aws:eks:{}:{}:nodegroup/{}/{}/{}", c.region, c.account, c.name, name, id);
}
std::string part_arn(const Addon*, const Cluster& c, std::string_view name, std::string_view id) {
  return fmt::format("arn:aws:eks:{}:{}:addon/{}/{}/{}", c.region, c.account, c.name, name, id);
}
std::string part_arn(const PodIdentity*, const Cluster& c, std::string_view name, std::string_view) {
  return fmt::format("arn:aws:eks:{}:{}:podidentityassociation/{}/{}", c.region, c.account, c.name, name);
}
std::string part_arn(const IdentityProvider*, const Cluster& c, std::string_view name, std::string_view id) {
  return fmt::format("arn:aws:eks:{}:{}:identityproviderconfig/{}/oidc/{}/{}", c.region, c.account, c.name,
                     name, id);
}

std::string Eks::parts_key(const Cluster& c) {
  return fmt::format("eks-part/{}/{}/{}/", c.account, c.region, c.name);
}

Result<std::optional<Cluster>> Eks::find(std::string_view account, std::string_view region,
                                         std::string_view name) const {
  TRY(const auto record, rooms_.records.get(prefix_of(account, region).append(name)));
  if (!record) return std::nullopt;
  TRY(auto cluster, from_record<Cluster>(record->value, record->revision));
  return cluster;
}

Result<std::vector<std::string>> Eks::names(std::string_view account, std::string_view region) const {
  std::vector<std::string> out;
  const std::string prefix = prefix_of(account, region);
  CHECK_OK(rooms_.records.visit(prefix, "", [&](std::string_view key, std::string_view, store::Revision) {
    out.emplace_back(key.substr(prefix.size()));
    return true;
  }));
  return out;
}

Result<Cluster> Eks::store(Cluster cluster, store::Batch with) {
  with.preconditions.push_back({cluster.record_key(), cluster.revision});
  with.puts.emplace_back(cluster.record_key(), to_record(cluster));
  TRY(cluster.revision, rooms_.records.commit(cluster.record_key(), std::move(with)));
  see(cluster);
  return cluster;
}

Eks::Making Eks::start_making(const std::string& record_key) {
  const std::lock_guard lock(making_mutex_);
  if (!making_.insert(record_key).second) return nullptr;
  return Making(this, [this, record_key](void*) {
    const std::lock_guard done(making_mutex_);
    making_.erase(record_key);
  });
}

Result<void> Eks::remove(const Cluster& cluster) {
  store::Batch batch;
  batch.preconditions.push_back({cluster.record_key(), cluster.revision});
  batch.deletes.push_back(cluster.record_key());
  CHECK_OK(rooms_.records.visit(parts_key(cluster), "",
                                [&](std::string_view key, std::string_view, store::Revision) {
                                  batch.deletes.emplace_back(key);
                                  return true;
                                }));
  CHECK_OK(rooms_.records.commit(cluster.record_key(), std::move(batch)));
  const std::unique_lock lock(seeing_);
  seen_.erase(cluster.hex);
  return {};
}

}  // namespace gatehouse::service::eks
