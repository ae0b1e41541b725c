// The settings of a node group, as its creation and its changes give them.
// https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html
#include <algorithm>
#include <array>

#include "service/eks/nodegroups/nodegroups.h"
#include "service/eks/support.h"

namespace gatehouse::service::eks {
namespace {

using wire::Value;

constexpr std::array<std::string_view, 3> kReservedPrefixes = {"kubernetes.io/", "k8s.io/",
                                                               "eks.amazonaws.com/"};
constexpr std::array<std::string_view, 3> kEffects = {"NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"};

int whole(const Value& v, int otherwise) {
  return static_cast<int>(std::clamp<std::int64_t>(v.number(otherwise), -1, 1'000'000));
}

}  // namespace

Result<void> read_scaling(const Value& scaling, NodeGroup& g) {
  g.min_size = whole(scaling[m::minSize], g.min_size);
  g.max_size = whole(scaling[m::maxSize], g.max_size);
  g.desired_size = whole(scaling[m::desiredSize], g.desired_size);
  if (g.min_size < 0 || g.desired_size < 0 || g.max_size < 1)
    return error::invalid_parameter("Sizes cannot be negative, and maxSize must be at least 1");
  if (g.min_size > g.desired_size) {
    return error::invalid_parameter(
        fmt::format("Minimum capacity {} can't be greater than desired size {}", g.min_size, g.desired_size));
  }
  if (g.desired_size > g.max_size) {
    return error::invalid_parameter(
        fmt::format("Desired capacity {} can't be greater than max size {}", g.desired_size, g.max_size));
  }
  return {};
}

Result<void> read_update_config(const Value& config, NodeGroup& g) {
  const int count = whole(config[m::maxUnavailable], 0);
  const int percentage = whole(config[m::maxUnavailablePercentage], 0);
  if (count != 0 && percentage != 0)
    return error::invalid_parameter("maxUnavailable and maxUnavailablePercentage cannot both be set");
  if (count < 0 || count > 100 || percentage < 0 || percentage > 100)
    return error::invalid_parameter("maxUnavailable and maxUnavailablePercentage are between 1 and 100");
  if (count != 0 || percentage != 0) {
    g.max_unavailable = count;
    g.max_unavailable_percentage = percentage;
  }
  if (const auto& strategy = config[m::updateStrategy]) {
    if (strategy.text() != "DEFAULT" && strategy.text() != "MINIMAL")
      return error::invalid_parameter(fmt::format("Invalid updateStrategy: {}", strategy.text()));
    g.update_strategy = strategy.text();
  }
  return {};
}

Result<void> read_labels(const Value& labels, NodeGroup& g) {
  for (auto& [key, value] : text_map(labels)) {
    const bool reserved = std::ranges::any_of(kReservedPrefixes, [&](std::string_view prefix) {
      return key.starts_with(prefix) || key.find(fmt::format(".{}", prefix)) < key.find('/');
    });
    if (reserved) {
      return error::invalid_parameter(
          fmt::format("Label cannot contain reserved prefixes [{}]", fmt::join(kReservedPrefixes, ", ")));
    }
    if (key.empty() || key.size() > 317 || value.size() > 63)
      return error::invalid_parameter(fmt::format("Invalid label: {}={}", key, value));
    g.labels.insert_or_assign(key, value);
  }
  return {};
}

// One taint a key and effect.
Result<void> read_taints(const Value& taints, NodeGroup& g) {
  for (const auto& v : taints.list()) {
    Taint taint{std::string(v[m::key].text()), std::string(v[m::value].text()),
                std::string(v[m::effect].text())};
    if (std::ranges::find(kEffects, taint.effect) == kEffects.end())
      return error::invalid_parameter(fmt::format("Invalid taint effect: {}", taint.effect));
    if (taint.key.empty() || taint.key.size() > 63 || taint.value.size() > 63)
      return error::invalid_parameter(fmt::format("Invalid taint: {}={}", taint.key, taint.value));
    std::erase_if(g.taints, [&](const Taint& t) { return t.key == taint.key && t.effect == taint.effect; });
    g.taints.push_back(std::move(taint));
  }
  if (g.taints.size() > kMostTaints)
    return error::invalid_parameter("A node group can have at most 50 taints");
  return {};
}

}  // namespace gatehouse::service::eks
