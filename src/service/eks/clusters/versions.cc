// The Kubernetes versions of EKS, and going from one to the next.
// https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html
#include <algorithm>
#include <array>
#include <charconv>

#include "base/time.h"
#include "service/eks/clusters/clusters.h"
#include "service/eks/operations.h"
#include "service/eks/support.h"

namespace gatehouse::service::eks {
namespace {

using wire::structure;
using wire::Value;

constexpr std::array<KubernetesVersion, 8> kVersions = {{
    {"1.27", "1.27.16", "2023-05-24", "2024-07-24", "2025-07-24"},
    {"1.28", "1.28.15", "2023-09-26", "2024-11-26", "2025-11-26"},
    {"1.29", "1.29.15", "2024-01-23", "2025-03-23", "2026-03-23"},
    {"1.30", "1.30.14", "2024-05-23", "2025-07-23", "2026-07-23"},
    {"1.31", "1.31.13", "2024-09-26", "2025-11-26", "2026-11-26"},
    {"1.32", "1.32.9", "2025-01-23", "2026-03-23", "2027-03-23"},
    {"1.33", "1.33.5", "2025-05-29", "2026-07-29", "2027-07-29"},
    {"1.34", "1.34.1", "2025-10-02", "2026-12-02", "2027-12-02"},
}};

int minor_of(std::string_view version) {
  int out = 0;
  const auto digits = version.substr(version.find('.') + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return out;
}

Time day(std::string_view date) { return parse_iso8601(fmt::format("{}T00:00:00Z", date)).value_or(Time{}); }

// "unsupported", "standard-support" or "extended-support"; VersionStatus has the same in capitals.
std::string_view status_of(const KubernetesVersion& v, Time now) {
  if (now >= day(v.end_of_extended)) return "unsupported";
  return now >= day(v.end_of_standard) ? "extended-support" : "standard-support";
}

std::string in_capitals(std::string_view status) {
  std::string out(status);
  for (char& c : out) c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

Value render(const KubernetesVersion& v, Time now) {
  const auto status = status_of(v, now);
  return structure({{m::clusterVersion, v.minor},
                    {m::clusterType, "eks"},
                    {m::defaultPlatformVersion, "eks.1"},
                    {m::defaultVersion, v.minor == kDefaultVersion},
                    {m::releaseDate, day(v.released)},
                    {m::endOfStandardSupportDate, day(v.end_of_standard)},
                    {m::endOfExtendedSupportDate, day(v.end_of_extended)},
                    {m::status, status},
                    {m::versionStatus, in_capitals(status)},
                    {m::kubernetesPatchVersion, v.patch}});
}

// Those that are supported, unless all are asked for or some by name.
bool is_asked_for(const Value& in, const KubernetesVersion& v, Time now) {
  const auto status = status_of(v, now);
  if (in[m::defaultOnly].boolean() && v.minor != kDefaultVersion) return false;
  if (const auto& wanted = in[m::status]; wanted && wanted.text() != status) return false;
  if (const auto& wanted = in[m::versionStatus]; wanted && wanted.text() != in_capitals(status)) return false;
  if (const auto names = texts(in[m::clusterVersions]); !names.empty())
    return std::ranges::find(names, v.minor) != names.end();
  return status != "unsupported" || in[m::includeAll].boolean() || in[m::status] || in[m::versionStatus];
}

std::string version_key(const Value& v) {
  return fmt::format("{:04}", 9999 - minor_of(v[m::clusterVersion].text()));
}

}  // namespace

std::span<const KubernetesVersion> kubernetes_versions() { return kVersions; }

const KubernetesVersion* find_version(std::string_view minor) {
  const auto* it = std::ranges::find(kVersions, minor, &KubernetesVersion::minor);
  return it == kVersions.end() ? nullptr : it;
}

// Newest first.
Result<Value> describe_cluster_versions(Eks& eks, Call& call) {
  for (const auto& name : texts(call.in[m::clusterVersions])) {
    if (find_version(name) == nullptr)
      return error::invalid_parameter(fmt::format("Invalid cluster version: {}", name));
  }
  Value::List list;
  if (call.in[m::clusterType].text_or("eks") == "eks") {
    for (const auto& v : kVersions) {
      if (is_asked_for(call.in, v, eks.rooms().clock.now()))
        list.push_back(render(v, eks.rooms().clock.now()));
    }
  }
  return page(call.in, m::clusterVersions, std::move(list), version_key);
}

// One minor version up, once every node group is at the cluster's version or at most two behind.
// https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html
Result<Value> update_cluster_version(Eks& eks, Call& call) {
  TRY(auto cluster, existing(eks, call));
  const std::string_view to = call.in[m::version].text();
  if (find_version(to) == nullptr) return error::invalid_parameter("unsupported Kubernetes version");
  if (minor_of(to) != minor_of(cluster.version) + 1) {
    return error::invalid_parameter(
        fmt::format("Unsupported Kubernetes minor version update from {} to {}", cluster.version, to));
  }
  TRY(const auto groups, eks.parts<NodeGroup>(cluster));
  constexpr int kMostBehind = 3;
  for (const NodeGroup& group : groups) {
    if (minor_of(to) - minor_of(group.version) > kMostBehind) {
      return error::invalid_request(fmt::format(
          "Cannot update the cluster to version {}: node group {} is at version {}. Update it first.", to,
          group.name, group.version));
    }
  }
  cluster.version = to;
  const Update update = begin_update(eks, cluster.updates, "VersionUpdate",
                                     {{"Version", cluster.version}, {"PlatformVersion", "eks.1"}});
  CHECK_OK(eks.store(std::move(cluster)));
  return render(update, "InProgress");
}

}  // namespace gatehouse::service::eks
