#include <algorithm>

#include "base/encoding.h"
#include "service/eks/clusters/clusters.h"
#include "service/eks/support.h"

namespace gatehouse::service::eks {
namespace {

using wire::structure;
using wire::Value;

Value network(const Cluster& c) {
  return structure({{m::subnetIds, value_of(c.subnets)},
                    {m::securityGroupIds, value_of(c.security_groups)},
                    {m::clusterSecurityGroupId, c.security_group},
                    {m::vpcId, c.vpc},
                    {m::endpointPublicAccess, c.public_access},
                    {m::endpointPrivateAccess, c.private_access},
                    {m::publicAccessCidrs, value_of(c.public_cidrs)}});
}

Value logging(const Cluster& c) {
  Value::List on;
  Value::List off;
  for (const auto type : kLogTypes)
    (std::ranges::find(c.log_types, type) == c.log_types.end() ? off : on).emplace_back(type);
  Value::List setups;
  if (!on.empty()) setups.push_back(structure({{m::types, std::move(on)}, {m::enabled, true}}));
  if (!off.empty()) setups.push_back(structure({{m::types, std::move(off)}, {m::enabled, false}}));
  return structure({{m::clusterLogging, std::move(setups)}});
}

Value encryption(const Cluster& c) {
  if (c.encryption_key.empty()) return {};
  return Value::List{structure(
      {{m::resources, Value::List{"secrets"}}, {m::provider, structure({{m::keyArn, c.encryption_key}})}})};
}

}  // namespace

wire::Value render(const Eks& eks, const Cluster& c, std::string_view status) {
  const auto& rooms = eks.rooms();
  const auto kube = rooms.clusters.by_hex(c.hex);
  const std::string issuer = kube != nullptr ? kube->issuer : "";
  return structure(
      {{m::name, c.name},
       {m::arn, c.arn()},
       {m::createdAt, c.created},
       {m::version, c.version},
       {m::platformVersion, "eks.1"},
       {m::status, status},
       {m::endpoint, fmt::format("{}/_gatehouse/k8s/{}", rooms.base_url, c.hex)},
       {m::certificateAuthority, structure({{m::data, base64(rooms.ca_pem)}})},
       {m::identity, structure({{m::oidc, structure({{m::issuer, issuer}})}})},
       {m::roleArn, c.role_arn},
       {m::resourcesVpcConfig, network(c)},
       {m::kubernetesNetworkConfig, structure({{m::serviceIpv4Cidr, c.service_cidr},
                                               {m::ipFamily, c.ip_family},
                                               {m::elasticLoadBalancing, structure({{m::enabled, false}})}})},
       {m::logging, logging(c)},
       {m::accessConfig, structure({{m::authenticationMode, c.authentication_mode},
                                    {m::bootstrapClusterCreatorAdminPermissions, c.bootstrap_admin}})},
       {m::upgradePolicy, structure({{m::supportType, c.support_type}})},
       {m::encryptionConfig, encryption(c)},
       {m::zonalShiftConfig, c.zonal_shift_asked ? structure({{m::enabled, c.zonal_shift}}) : Value()},
       {m::health, structure({{m::issues, Value::List()}})},
       {m::deletionProtection, c.deletion_protection},
       {m::tags, value_of(c.tags)}});
}

}  // namespace gatehouse::service::eks
