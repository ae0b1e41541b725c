// Changes of a node group. https://docs.aws.amazon.com/eks/latest/userguide/update-managed-node-group.html
#include <algorithm>

#include "service/eks/nodegroups/nodegroups.h"
#include "service/eks/operations.h"
#include "service/eks/support.h"

namespace gatehouse::service::eks {
namespace {

using wire::Value;

struct Change {
  Cluster cluster;
  NodeGroup group;
};

Result<Change> changing(const Eks& eks, const Call& call) {
  TRY(auto cluster, existing(eks, call));
  TRY(auto group, existing_part<NodeGroup>(eks, cluster, call.in[m::nodegroupName].text()));
  return Change{std::move(cluster), std::move(group)};
}

Result<Value> finish(Eks& eks, Change change, std::string_view type, std::vector<UpdateParam> params) {
  const Update update = begin_update(eks, change.group.updates, type, std::move(params));
  change.group.modified = update.created;
  store::Batch batch;
  Eks::put(batch, change.cluster, change.group);
  CHECK_OK(eks.store(std::move(change.cluster), std::move(batch)));
  return render(update, "InProgress");
}

std::string labels_text(const std::map<std::string, std::string>& labels) {
  json::object out;
  for (const auto& [key, value] : labels) out[key] = value;
  return json::dump(out);
}

Result<void> change_labels(const Value& labels, NodeGroup& g, std::vector<UpdateParam>& params) {
  if (const auto& added = labels[m::addOrUpdateLabels]) {
    CHECK_OK(read_labels(added, g));
    params.push_back({"LabelsToAdd", labels_text(text_map(added))});
  }
  if (const auto& removed = labels[m::removeLabels]) {
    for (const auto& key : texts(removed)) g.labels.erase(key);
    params.push_back({"LabelsToRemove", fmt::format("[\"{}\"]", fmt::join(texts(removed), "\",\""))});
  }
  return {};
}

std::string taints_text(const Value& taints) {
  json::array out;
  for (const auto& t : taints.list()) {
    out.push_back(json::object{
        {"key", t[m::key].text()}, {"value", t[m::value].text()}, {"effect", t[m::effect].text()}});
  }
  return json::dump(out);
}

Result<void> change_taints(const Value& taints, NodeGroup& g, std::vector<UpdateParam>& params) {
  if (const auto& removed = taints[m::removeTaints]) {
    for (const auto& t : removed.list()) {
      std::erase_if(g.taints, [&](const Taint& own) {
        return own.key == t[m::key].text() && own.effect == t[m::effect].text();
      });
    }
    params.push_back({"TaintsToRemove", taints_text(removed)});
  }
  if (const auto& added = taints[m::addOrUpdateTaints]) {
    CHECK_OK(read_taints(added, g));
    params.push_back({"TaintsToAdd", taints_text(added)});
  }
  return {};
}

Result<void> change_sizes(const Value& in, NodeGroup& g, std::vector<UpdateParam>& params) {
  if (const auto& scaling = in[m::scalingConfig]) {
    CHECK_OK(read_scaling(scaling, g));
    params.push_back({"MinSize", std::to_string(g.min_size)});
    params.push_back({"MaxSize", std::to_string(g.max_size)});
    params.push_back({"DesiredSize", std::to_string(g.desired_size)});
  }
  if (const auto& config = in[m::updateConfig]) {
    CHECK_OK(read_update_config(config, g));
    if (g.max_unavailable != 0) {
      params.push_back({"MaxUnavailable", std::to_string(g.max_unavailable)});
    } else {
      params.push_back({"MaxUnavailablePercentage", std::to_string(g.max_unavailable_percentage)});
    }
  }
  if (const auto& repair = in[m::nodeRepairConfig]) {
    g.node_repair = repair[m::enabled].boolean(g.node_repair);
    params.push_back({"NodeRepairEnabled", g.node_repair ? "true" : "false"});
  }
  return {};
}

}  // namespace

Result<Value> update_nodegroup_config(Eks& eks, Call& call) {
  TRY(auto change, changing(eks, call));
  std::vector<UpdateParam> params;
  CHECK_OK(change_labels(call.in[m::labels], change.group, params));
  CHECK_OK(change_taints(call.in[m::taints], change.group, params));
  CHECK_OK(change_sizes(call.in, change.group, params));
  if (params.empty()) return error::invalid_parameter("No changes needed for the node group.");
  return finish(eks, std::move(change), "ConfigUpdate", std::move(params));
}

// To the cluster's version, or to the newest image of the group's own.
Result<Value> update_nodegroup_version(Eks& eks, Call& call) {
  TRY(auto change, changing(eks, call));
  const auto& in = call.in;
  if (in[m::launchTemplate]) {
    return error::invalid_request(
        fmt::format("Node group {} was not created with a launch template: it cannot be updated with one.",
                    change.group.name));
  }
  const std::string to(in[m::version].text_or(change.cluster.version));
  const auto* version = find_version(to);
  if (version == nullptr || (to != change.cluster.version && to != change.group.version)) {
    return error::invalid_parameter(fmt::format(
        "Nodegroup Kubernetes version should be equal to Cluster kubernetes version {} or NodeGroup "
        "kubernetes version {}",
        change.cluster.version, change.group.version));
  }
  const std::string release(in[m::releaseVersion].text_or(release_of(*version)));
  if (release != release_of(*version)) {
    return error::invalid_parameter(
        fmt::format("Requested release version {} is not valid for kubernetes version {}.", release, to));
  }
  change.group.version = to;
  change.group.release = release;
  return finish(eks, std::move(change), "VersionUpdate", {{"Version", to}, {"ReleaseVersion", release}});
}

}  // namespace gatehouse::service::eks
