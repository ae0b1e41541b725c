#include "service/eks/addons/catalogue.h"

#include <algorithm>
#include <charconv>

namespace gatehouse::service::eks {
namespace {

// What the charts of most add-ons take.
#define GATEHOUSE_PLACEMENT                                                                                    \
  R"("resources":{"type":"object"},"tolerations":{"type":"array","items":{"type":"object"}},)"                 \
  R"("affinity":{"type":"object"},"nodeSelector":{"type":"object","additionalProperties":{"type":"string"}},)" \
  R"("podAnnotations":{"type":"object","additionalProperties":{"type":"string"}},)"                            \
  R"("podLabels":{"type":"object","additionalProperties":{"type":"string"}})"

#define GATEHOUSE_SCHEMA(members)                                                                         \
  R"({"$schema":"http://json-schema.org/draft-06/schema#","type":"object","additionalProperties":false,)" \
  R"("properties":{)" members R"(}})"

constexpr std::string_view kPlain = GATEHOUSE_SCHEMA(GATEHOUSE_PLACEMENT);

constexpr std::string_view kReplicated = GATEHOUSE_SCHEMA(
    R"("replicaCount":{"type":"integer","minimum":0},"podDisruptionBudget":{"type":"object"},)"
    R"("topologySpreadConstraints":{"type":"array","items":{"type":"object"}},)" GATEHOUSE_PLACEMENT);

constexpr std::string_view kCoreDns = GATEHOUSE_SCHEMA(
    R"("replicaCount":{"type":"integer","minimum":0},"corefile":{"type":"string"},"computeType":{"type":"string"},)"
    R"("podDisruptionBudget":{"type":"object"},)"
    R"("topologySpreadConstraints":{"type":"array","items":{"type":"object"}},)"
    R"("autoScaling":{"type":"object","additionalProperties":false,"properties":{"enabled":{"type":"boolean"},)"
    R"("minReplicas":{"type":"integer","minimum":2},"maxReplicas":{"type":"integer","minimum":2}}},)" GATEHOUSE_PLACEMENT);

constexpr std::string_view kKubeProxy = GATEHOUSE_SCHEMA(
    R"("mode":{"type":"string","enum":["iptables","ipvs","nftables"]},)"
    R"("ipvs":{"type":"object","additionalProperties":false,"properties":{"scheduler":{"type":"string",)"
    R"("enum":["rr","lc","dh","sh","sed","nq"]}}},)" GATEHOUSE_PLACEMENT);

constexpr std::string_view kVpcCni = GATEHOUSE_SCHEMA(
    R"("env":{"type":"object","additionalProperties":{"type":"string"}},)"
    R"("enableNetworkPolicy":{"type":"string","enum":["true","false"]},"enableWindowsIpam":{"type":"string"},)"
    R"("enableWindowsPrefixDelegation":{"type":"string"},"warmWindowsPrefixTarget":{"type":"integer"},)"
    R"("warmWindowsIPTarget":{"type":"integer"},"minimumWindowsIPTarget":{"type":"integer"},)"
    R"("eniConfig":{"type":"object"},"init":{"type":"object"},"nodeAgent":{"type":"object"},)"
    R"("livenessProbeTimeoutSeconds":{"type":"integer"},"readinessProbeTimeoutSeconds":{"type":"integer"},)" GATEHOUSE_PLACEMENT);

constexpr std::string_view kDriver = GATEHOUSE_SCHEMA(
    R"("controller":{"type":"object"},"node":{"type":"object"},"sidecars":{"type":"object"},)"
    R"("defaultStorageClass":{"type":"object","additionalProperties":false,"properties":{"enabled":)"
    R"({"type":"boolean"}}})");

constexpr std::string_view kAgent = GATEHOUSE_SCHEMA(
    R"("agent":{"type":"object"},"containerLogs":{"type":"object"},"manager":{"type":"object"},)"
    R"("admissionWebhooks":{"type":"object"},)" GATEHOUSE_PLACEMENT);

#undef GATEHOUSE_SCHEMA
#undef GATEHOUSE_PLACEMENT

int minor_of(std::string_view kubernetes) {
  int out = 0;
  const auto digits = kubernetes.substr(kubernetes.find('.') + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return out;
}

const std::vector<AddonKind>& catalogue() {
  static const std::vector<AddonKind> kKinds = {
      {"adot",
       "observability",
       "opentelemetry-operator-system",
       {{"v0.131.0-eksbuild.1", 27, 34}},
       kReplicated,
       {{"adot-collector", "AmazonPrometheusRemoteWriteAccess"}}},
      {"amazon-cloudwatch-observability",
       "observability",
       "amazon-cloudwatch",
       {{"v4.3.1-eksbuild.1", 27, 34}, {"v4.1.0-eksbuild.1", 27, 33}},
       kAgent,
       {{"cloudwatch-agent", "CloudWatchAgentServerPolicy"}}},
      {"aws-ebs-csi-driver",
       "storage",
       "kube-system",
       {{"v1.48.0-eksbuild.2", 27, 34}, {"v1.47.0-eksbuild.1", 27, 33}, {"v1.37.0-eksbuild.1", 27, 31}},
       kDriver,
       {{"ebs-csi-controller-sa", "service-role/AmazonEBSCSIDriverPolicy"}}},
      {"aws-efs-csi-driver",
       "storage",
       "kube-system",
       {{"v2.1.11-eksbuild.1", 27, 34}, {"v2.1.10-eksbuild.1", 27, 33}},
       kDriver,
       {{"efs-csi-controller-sa", "service-role/AmazonEFSCSIDriverPolicy"}}},
      {"aws-mountpoint-s3-csi-driver",
       "storage",
       "kube-system",
       {{"v2.0.0-eksbuild.1", 27, 34}, {"v1.15.0-eksbuild.1", 27, 33}},
       kDriver,
       {{"s3-csi-driver-sa", "AmazonS3FullAccess"}}},
      {"coredns",
       "networking",
       "kube-system",
       {{"v1.12.3-eksbuild.1", 34, 34},
        {"v1.12.1-eksbuild.2", 33, 33},
        {"v1.11.4-eksbuild.2", 29, 32},
        {"v1.10.1-eksbuild.18", 27, 28}},
       kCoreDns,
       {}},
      {"eks-node-monitoring-agent",
       "observability",
       "kube-system",
       {{"v1.4.0-eksbuild.2", 27, 34}},
       kPlain,
       {}},
      {"eks-pod-identity-agent",
       "security",
       "kube-system",
       {{"v1.3.8-eksbuild.2", 27, 34}, {"v1.3.7-eksbuild.2", 27, 33}},
       kPlain,
       {}},
      {"kube-proxy",
       "networking",
       "kube-system",
       {{"v1.34.0-eksbuild.2", 34, 34},
        {"v1.33.3-eksbuild.4", 33, 33},
        {"v1.32.6-eksbuild.12", 32, 32},
        {"v1.31.10-eksbuild.12", 31, 31},
        {"v1.30.14-eksbuild.8", 30, 30},
        {"v1.29.15-eksbuild.16", 29, 29},
        {"v1.28.15-eksbuild.31", 28, 28},
        {"v1.27.16-eksbuild.31", 27, 27}},
       kKubeProxy,
       {}},
      {"metrics-server", "observability", "kube-system", {{"v0.8.0-eksbuild.2", 27, 34}}, kReplicated, {}},
      {"snapshot-controller", "storage", "kube-system", {{"v8.3.0-eksbuild.1", 27, 34}}, kReplicated, {}},
      {"vpc-cni",
       "networking",
       "kube-system",
       {{"v1.20.1-eksbuild.3", 27, 34}, {"v1.19.6-eksbuild.7", 27, 33}, {"v1.19.0-eksbuild.1", 27, 31}},
       kVpcCni,
       {{"aws-node", "AmazonEKS_CNI_Policy"}}},
  };
  return kKinds;
}

}  // namespace

std::span<const AddonKind> addon_kinds() { return catalogue(); }

const AddonKind* find_addon(std::string_view name) {
  const auto it = std::ranges::find(catalogue(), name, &AddonKind::name);
  return it == catalogue().end() ? nullptr : &*it;
}

const AddonVersion* find_version(const AddonKind& kind, std::string_view version) {
  const auto it = std::ranges::find(kind.versions, version, &AddonVersion::name);
  return it == kind.versions.end() ? nullptr : &*it;
}

bool fits(const AddonVersion& version, std::string_view kubernetes) {
  const int minor = minor_of(kubernetes);
  return version.from <= minor && minor <= version.to;
}

const AddonVersion* default_version(const AddonKind& kind, std::string_view kubernetes) {
  const auto it =
      std::ranges::find_if(kind.versions, [&](const AddonVersion& v) { return fits(v, kubernetes); });
  return it == kind.versions.end() ? nullptr : &*it;
}

}  // namespace gatehouse::service::eks
