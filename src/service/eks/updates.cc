// UpdateClusterConfig and the updates it leaves behind. Ours are done when they are answered; clients poll
// all the same.
#include <fmt/format.h>

#include <algorithm>

#include "service/eks/eks.h"

namespace gatehouse::service::eks {
namespace {

using wire::structure;
using wire::Value;

constexpr size_t kMostUpdates = 50;  // of one cluster, the newest
constexpr std::int64_t kLargestPage = 100;

std::vector<std::string> texts(const Value& list) {
  std::vector<std::string> out;
  for (const auto& v : list.list()) out.emplace_back(v.text());
  return out;
}

std::string_view truth(bool value) { return value ? "true" : "false"; }

Result<Update> change_network(const Value& network, Cluster& c) {
  c.public_access = network[m::endpointPublicAccess].boolean(c.public_access);
  c.private_access = network[m::endpointPrivateAccess].boolean(c.private_access);
  if (network[m::publicAccessCidrs]) c.public_cidrs = texts(network[m::publicAccessCidrs]);
  if (!c.public_access && !c.private_access)
    return error::invalid_parameter("Private and public endpoint access cannot be false");
  return Update{.type = "EndpointAccessUpdate",
                .params = {{"EndpointPublicAccess", std::string(truth(c.public_access))},
                           {"EndpointPrivateAccess", std::string(truth(c.private_access))}}};
}

Result<Update> change_logging(const Value& logging, Cluster& c) {
  for (const auto& setup : logging[m::clusterLogging].list()) {
    for (const auto& type : texts(setup[m::types])) {
      std::erase(c.log_types, type);
      if (setup[m::enabled].boolean()) c.log_types.push_back(type);
    }
  }
  return Update{.type = "LoggingUpdate",
                .params = {{"ClusterLogging", fmt::format("{}", fmt::join(c.log_types, ","))}}};
}

// Only forwards: CONFIG_MAP, then both, then API.
Result<Update> change_access(const Eks& eks, const Value& access, Cluster& c) {
  const std::string_view to = access[m::authenticationMode].text();
  const bool forwards = (c.authentication_mode == "CONFIG_MAP" && to == "API_AND_CONFIG_MAP") ||
                        (c.authentication_mode == "API_AND_CONFIG_MAP" && to == "API");
  if (!forwards) {
    return error::invalid_parameter(
        fmt::format("Unsupported authentication mode update from {} to {}", c.authentication_mode, to));
  }
  // The creator, an administrator until now without a record of it, gets one.
  // https://docs.aws.amazon.com/eks/latest/userguide/setting-up-access-entries.html
  const auto kube = eks.rooms().clusters.by_hex(c.hex);
  if (!c.uses_entries() && c.bootstrap_admin && kube != nullptr && entry_of(c, kube->creator) == nullptr)
    c.entries.push_back(creator_entry(eks, kube->creator));
  c.authentication_mode = to;
  return Update{.type = "AccessConfigUpdate", .params = {{"AuthenticationMode", c.authentication_mode}}};
}

// One kind of change a call, as EKS wants it.
Result<Update> apply(const Eks& eks, const Value& in, Cluster& c) {
  if (const auto& network = in[m::resourcesVpcConfig]) return change_network(network, c);
  if (const auto& logging = in[m::logging]) return change_logging(logging, c);
  if (const auto& access = in[m::accessConfig]) return change_access(eks, access, c);
  if (const auto& protection = in[m::deletionProtection]) {
    c.deletion_protection = protection.boolean();
    return Update{.type = "DeletionProtectionUpdate",
                  .params = {{"DeletionProtection", std::string(truth(c.deletion_protection))}}};
  }
  return error::invalid_parameter("No changes needed for the given cluster");
}

Value render(const Update& update, std::string_view status) {
  Value::List params;
  for (const auto& [type, value] : update.params)
    params.push_back(structure({{m::type, type}, {m::value, value}}));
  return structure({{m::update, structure({{m::id, update.id},
                                           {m::status, status},
                                           {m::type, update.type},
                                           {m::params, std::move(params)},
                                           {m::createdAt, update.created},
                                           {m::errors, Value::List()}})}});
}

}  // namespace

Result<Value> update_cluster_config(Eks& eks, Call& call) {
  TRY(auto cluster, existing(eks, call, call.in[m::name].text()));
  TRY(auto update, apply(eks, call.in, cluster));
  update.id = eks.rooms().random.uuid();
  update.created = eks.rooms().clock.now();
  cluster.updates.push_back(update);
  if (cluster.updates.size() > kMostUpdates) cluster.updates.erase(cluster.updates.begin());
  CHECK_OK(eks.store(std::move(cluster)));
  return render(update, "InProgress");
}

Result<Value> describe_update(Eks& eks, Call& call) {
  TRY(const auto cluster, existing(eks, call, call.in[m::name].text()));
  const std::string_view id = call.in[m::updateId].text();
  const auto it = std::ranges::find(cluster.updates, id, &Update::id);
  if (it == cluster.updates.end())
    return fail("ResourceNotFoundException", fmt::format("No update found for ID: {}", id), 404);
  return render(*it, "Successful");
}

// Newest first. At most fifty, so that there is never a second page.
Result<Value> list_updates(Eks& eks, Call& call) {
  TRY(const auto cluster, existing(eks, call, call.in[m::name].text()));
  const std::int64_t most = call.in[m::maxResults].number(kLargestPage);
  if (most < 1 || most > kLargestPage)
    return error::invalid_parameter("maxResults must be between 1 and 100");
  Value::List ids;
  for (auto it = cluster.updates.rbegin(); it != cluster.updates.rend(); ++it) ids.emplace_back(it->id);
  return structure({{m::updateIds, std::move(ids)}});
}

}  // namespace gatehouse::service::eks
