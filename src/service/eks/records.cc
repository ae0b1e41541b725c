// One table of fields a record, which serves writing and reading.
#include <fmt/format.h>

#include <type_traits>

#include "account/directory/record_fields.h"
#include "base/log.h"
#include "service/eks/cluster.h"

namespace gatehouse::service::eks {
namespace {

constexpr std::int64_t kVersion = 1;

// `E` is T to read into, const T to write from.
template <typename E, typename T>
concept Is = std::is_same_v<std::remove_const_t<E>, T>;

template <Is<UpdateParam> E, typename F>
void describe(E& e, F& f) {
  f("type", e.type)("value", e.value);
}

template <Is<Update> E, typename F>
void describe(E& e, F& f) {
  f("id", e.id)("type", e.type)("created", e.created)("params", e.params);
}

template <Is<PolicyAssociation> E, typename F>
void describe(E& e, F& f) {
  f("policy", e.grant.policy)("namespaces", e.grant.namespaces);
  f("associated", e.associated)("modified", e.modified);
}

template <Is<AccessEntry> E, typename F>
void describe(E& e, F& f) {
  f("principal", e.principal)("id", e.id)("type", e.type)("username", e.username)("groups", e.groups);
  f("tags", e.tags)("policies", e.policies)("created", e.created)("modified", e.modified);
}

template <Is<Cluster> E, typename F>
void describe(E& e, F& f) {
  f("account", e.account)("region", e.region)("name", e.name)("hex", e.hex)("created", e.created);
  f("version", e.version)("roleArn", e.role_arn)("vpc", e.vpc)("securityGroup", e.security_group);
  f("subnets", e.subnets)("securityGroups", e.security_groups)("publicAccess", e.public_access);
  f("privateAccess", e.private_access)("publicCidrs", e.public_cidrs)("serviceCidr", e.service_cidr);
  f("ipFamily", e.ip_family)("authenticationMode", e.authentication_mode);
  f("bootstrapAdmin", e.bootstrap_admin)("supportType", e.support_type)("logTypes", e.log_types);
  f("deletionProtection", e.deletion_protection);
  f("zonalShift", e.zonal_shift)("zonalShiftAsked", e.zonal_shift_asked);
  f("encryptionKey", e.encryption_key)("updates", e.updates)("accessEntries", e.entries)("tags", e.tags);
}

template <typename E, typename F>
void describe_part(E& e, F& f) {
  f("name", e.name)("id", e.id)("created", e.created)("modified", e.modified);
  f("tags", e.tags)("updates", e.updates);
}

template <Is<Taint> E, typename F>
void describe(E& e, F& f) {
  f("key", e.key)("value", e.value)("effect", e.effect);
}

template <Is<NodeGroup> E, typename F>
void describe(E& e, F& f) {
  describe_part(e, f);
  f("version", e.version)("release", e.release)("role", e.role)("capacityType", e.capacity_type);
  f("amiType", e.ami_type)("instanceTypes", e.instance_types)("subnets", e.subnets)("disk", e.disk_size);
  f("min", e.min_size)("max", e.max_size)("desired", e.desired_size);
  f("maxUnavailable", e.max_unavailable)("maxUnavailablePercentage", e.max_unavailable_percentage);
  f("updateStrategy", e.update_strategy)("nodeRepair", e.node_repair);
  f("labels", e.labels)("taints", e.taints);
}

template <Is<Addon> E, typename F>
void describe(E& e, F& f) {
  describe_part(e, f);
  f("version", e.version)("role", e.role)("configuration", e.configuration)("namespace", e.ns);
  f("associations", e.associations);
}

template <Is<PodIdentity> E, typename F>
void describe(E& e, F& f) {
  describe_part(e, f);
  f("namespace", e.ns)("serviceAccount", e.service_account)("role", e.role)("targetRole", e.target_role);
  f("externalId", e.external_id)("policy", e.policy)("owner", e.owner)("noSessionTags", e.no_session_tags);
}

template <Is<IdentityProvider> E, typename F>
void describe(E& e, F& f) {
  describe_part(e, f);
  f("issuer", e.issuer)("clientId", e.client_id);
  f("usernameClaim", e.username_claim)("usernamePrefix", e.username_prefix);
  f("groupsClaim", e.groups_claim)("groupsPrefix", e.groups_prefix)("requiredClaims", e.required_claims);
}

struct Describe {
  void operator()(auto& e, auto& f) const { describe(e, f); }
};

}  // namespace

template <typename T>
std::string to_record(const T& entity) {
  json::object out{{"v", kVersion}};
  account::FieldWriter<Describe> fields(out);
  describe(entity, fields);
  return json::dump(out);
}

template <typename T>
Result<T> from_record(std::string_view record, store::Revision revision) {
  const auto parsed = json::parse(record);
  const json::object* object = parsed ? parsed->if_object() : nullptr;
  T entity;
  bool sound = object != nullptr && json::int_or(*object, "v", 0) == kVersion;
  if (sound) {
    account::FieldReader<Describe> fields(*object);
    describe(entity, fields);
    sound = !fields.bad();
  }
  if (!sound) {
    log::error("a record of EKS does not read", {{"record", std::string(record.substr(0, 200))}});
    return internal_failure();
  }
  entity.revision = revision;
  return entity;
}

#define GATEHOUSE_EKS_RECORD(T)             \
  template std::string to_record(const T&); \
  template Result<T> from_record(std::string_view, store::Revision);
GATEHOUSE_EKS_RECORD(Cluster)
GATEHOUSE_EKS_RECORD(NodeGroup)
GATEHOUSE_EKS_RECORD(Addon)
GATEHOUSE_EKS_RECORD(PodIdentity)
GATEHOUSE_EKS_RECORD(IdentityProvider)
#undef GATEHOUSE_EKS_RECORD

}  // namespace gatehouse::service::eks
