// The updates that changes leave behind. Ours are done when they are answered; clients poll all the same.
#include <algorithm>

#include "service/eks/operations.h"
#include "service/eks/support.h"

namespace gatehouse::service::eks {
namespace {

using wire::structure;
using wire::Value;

// Of the cluster, or of the node group or add-on that the call names.
Result<std::vector<Update>> updates_of(const Eks& eks, const Call& call) {
  TRY(auto cluster, existing(eks, call));
  if (const auto& name = call.in[m::nodegroupName]) {
    TRY(auto group, existing_part<NodeGroup>(eks, cluster, name.text()));
    return std::move(group.updates);
  }
  if (const auto& name = call.in[m::addonName]) {
    TRY(auto addon, existing_part<Addon>(eks, cluster, name.text()));
    return std::move(addon.updates);
  }
  if (const auto& name = call.in[m::capabilityName])
    return error::not_found(fmt::format("No capability found for name: {}.", name.text()));
  return std::move(cluster.updates);
}

}  // namespace

Result<Value> describe_update(Eks& eks, Call& call) {
  TRY(const auto updates, updates_of(eks, call));
  const std::string_view id = call.in[m::updateId].text();
  const auto it = std::ranges::find(updates, id, &Update::id);
  if (it == updates.end()) return error::not_found(fmt::format("No update found for ID: {}", id));
  return render(*it, "Successful");
}

// Newest first. At most fifty, so that there is a second page for those only who want small ones.
Result<Value> list_updates(Eks& eks, Call& call) {
  TRY(const auto updates, updates_of(eks, call));
  Value::List list;
  size_t place = 0;
  for (auto it = updates.rbegin(); it != updates.rend(); ++it)
    list.push_back(structure({{m::id, it->id}, {m::name, fmt::format("{:04}", place++)}}));
  TRY(auto out, page(call.in, m::updateIds, std::move(list),
                     [](const Value& update) { return std::string(update[m::name].text()); }));
  Value::List ids;
  for (const auto& update : out[m::updateIds].list()) ids.emplace_back(update[m::id].text());
  out.set(m::updateIds, std::move(ids));
  return out;
}

}  // namespace gatehouse::service::eks
