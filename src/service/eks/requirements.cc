#include "service/eks/requirements.h"

#include "service/eks/access/access.h"
#include "service/eks/clusters/clusters.h"
#include "service/eks/roles.h"
#include "service/eks/support.h"
#include "service/iam/principals/service_linked.h"

namespace gatehouse::service::eks {
namespace {

std::vector<account::Tag> tag_list(const std::map<std::string, std::string>& tags) {
  return {tags.begin(), tags.end()};
}

std::vector<account::Tag> request_tags(const Call& call) { return tag_list(text_map(call.in[m::tags])); }

// The cluster that the call names, or one of that name without anything.
Result<Cluster> cluster_of(const Eks& eks, const Call& call) {
  TRY(auto found, eks.find(call.account, call.region, cluster_name(call)));
  if (found) return std::move(*found);
  Cluster none;
  none.account = call.account;
  none.region = call.region;
  none.name = cluster_name(call);
  return none;
}

void add_truth(const wire::Value& value, std::string_view key, account::Requirement& r) {
  if (value) r.key(std::string(key), value.boolean() ? "true" : "false");
}

void add_text(const wire::Value& value, std::string_view key, account::Requirement& r) {
  if (value) r.key(std::string(key), std::string(value.text()));
}

void add_configuration_keys(const wire::Value& in, account::Requirement& r) {
  const auto& access = in[m::accessConfig];
  add_text(access[m::authenticationMode], "eks:authenticationMode", r);
  add_truth(access[m::bootstrapClusterCreatorAdminPermissions], "eks:bootstrapClusterCreatorAdminPermissions",
            r);
  const auto& network = in[m::resourcesVpcConfig];
  add_truth(network[m::endpointPublicAccess], "eks:endpointPublicAccess", r);
  add_truth(network[m::endpointPrivateAccess], "eks:endpointPrivateAccess", r);
  add_truth(in[m::bootstrapSelfManagedAddons], "eks:bootstrapSelfManagedAddons", r);
  add_truth(in[m::deletionProtection], "eks:deletionProtection", r);
  add_truth(in[m::zonalShiftConfig][m::enabled], "eks:zonalShiftEnabled", r);
  add_text(in[m::upgradePolicy][m::supportType], "eks:supportType", r);
  add_text(in[m::version], "eks:kubernetesVersion", r);
  for (const auto& setup : in[m::logging][m::clusterLogging].list()) {
    for (const auto& type : setup[m::types].list())
      add_truth(setup[m::enabled], fmt::format("eks:loggingType/{}", type.text()), r);
  }
  std::vector<std::string> keys;
  for (const auto& config : in[m::encryptionConfig].list())
    keys.emplace_back(config[m::provider][m::keyArn].text());
  if (!keys.empty()) r.keys_of("eks:encryptionConfigProviderKeyArns", std::move(keys));
}

// The right to make the role that a service needs, where it is not there yet.
// https://docs.aws.amazon.com/eks/latest/userguide/using-service-linked-roles.html
void add_linked_role(const Eks& eks, const Call& call, std::string_view service, Requirements& needed) {
  if (auto role = iam::needs_linked_role(eks.rooms().directory, call.account, service))
    needed.push_back(std::move(*role));
}

// The part of that name, or the ARN of one that is not there.
template <typename T>
Result<account::Requirement> part_requirement(const Eks& eks, const Cluster& cluster, std::string_view name) {
  TRY(const auto part, eks.part<T>(cluster, name));
  account::Requirement r;
  r.resource = part_arn(static_cast<const T*>(nullptr), cluster, name, part ? part->id : "*");
  if (part) r.resource_tags(tag_list(part->tags));
  return r;
}

// The roles that an add-on is given, and the associations that are made for it.
// https://docs.aws.amazon.com/eks/latest/userguide/add-ons-iam.html
Result<void> add_addon_roles(const Call& call, Requirements& needed) {
  if (const auto& role = call.in[m::serviceAccountRoleArn]; !role.text().empty()) {
    TRY(auto pass, pass_role(call, role.text(), kEksService));
    needed.push_back(std::move(pass));
  }
  for (const auto& association : call.in[m::podIdentityAssociations].list()) {
    account::Requirement make;
    make.action = "eks:CreatePodIdentityAssociation";
    make.resource = cluster_arn(call.account, call.region, cluster_name(call));
    needed.push_back(std::move(make));
    TRY(auto pass, pass_role(call, association[m::roleArn].text(), kPodService));
    needed.push_back(std::move(pass));
  }
  return {};
}

}  // namespace

Result<Requirements> at_new_cluster(Eks& eks, Call& call) {
  const std::string arn = cluster_arn(call.account, call.region, call.in[m::name].text());
  account::Requirement create;
  create.resource = arn;
  create.request_tags(request_tags(call));
  add_configuration_keys(call.in, create);
  TRY(auto pass, pass_role(call, call.in[m::roleArn].text(), kEksService));
  pass.key("iam:AssociatedResourceArn", arn);
  Requirements needed{std::move(create), std::move(pass)};
  add_linked_role(eks, call, kEksService, needed);
  return needed;
}

Result<Requirements> at_cluster(Eks& eks, Call& call) {
  TRY(const auto cluster, cluster_of(eks, call));
  account::Requirement r;
  r.resource = cluster.arn();
  r.resource_tags(tag_list(cluster.tags));
  if (call.in[m::tags]) r.request_tags(request_tags(call));
  add_configuration_keys(call.in, r);
  return Requirements{std::move(r)};
}

Result<Requirements> at_new_entry(Eks& eks, Call& call) {
  TRY(auto needed, at_cluster(eks, call));
  account::Requirement& r = needed.front();
  const auto& in = call.in;
  r.key("eks:principalArn", std::string(in[m::principalArn].text()));
  r.key("eks:accessEntryType", std::string(in[m::type].text_or("STANDARD")));
  add_text(in[m::username], "eks:username", r);
  if (const auto& groups = in[m::kubernetesGroups]) r.keys_of("eks:kubernetesGroups", texts(groups));
  return needed;
}

// The entry, and the policy where one is named. An entry that is not there has "*" for its id.
Result<Requirements> at_entry(Eks& eks, Call& call) {
  const auto& in = call.in;
  TRY(auto cluster, cluster_of(eks, call));
  AccessEntry absent;
  absent.principal = in[m::principalArn].text();
  absent.id = "*";
  const AccessEntry* entry = entry_of(cluster, absent.principal);
  account::Requirement r;
  r.resource = cluster.arn_of(entry == nullptr ? absent : *entry);
  if (r.resource.empty())
    return error::invalid_parameter("The specified principalArn is invalid: invalid principal.");
  r.key("eks:clusterName", cluster.name).key("eks:principalArn", absent.principal);
  if (entry != nullptr) {
    r.resource_tags(tag_list(entry->tags));
    r.key("eks:accessEntryType", entry->type).key("eks:username", entry->username);
    r.keys_of("eks:kubernetesGroups", entry->groups);
  }
  add_text(in[m::policyArn], "eks:policyArn", r);
  if (const auto& scope = in[m::accessScope]) {
    r.key("eks:accessScope", std::string(scope[m::type].text()));
    r.keys_of("eks:namespaces", texts(scope[m::namespaces]));
  }
  return Requirements{std::move(r)};
}

// The nodes' role is handed to EC2, whose instances take it.
Result<Requirements> at_new_nodegroup(Eks& eks, Call& call) {
  TRY(auto needed, at_cluster(eks, call));
  TRY(auto pass, pass_role(call, call.in[m::nodeRole].text(), kNodeService));
  needed.push_back(std::move(pass));
  add_linked_role(eks, call, kNodegroupService, needed);
  return needed;
}

Result<Requirements> at_nodegroup(Eks& eks, Call& call) {
  TRY(const auto cluster, cluster_of(eks, call));
  TRY(auto r, part_requirement<NodeGroup>(eks, cluster, call.in[m::nodegroupName].text()));
  return Requirements{std::move(r)};
}

Result<Requirements> at_addon(Eks& eks, Call& call) {
  TRY(const auto cluster, cluster_of(eks, call));
  TRY(auto r, part_requirement<Addon>(eks, cluster, call.in[m::addonName].text()));
  return Requirements{std::move(r)};
}

Result<Requirements> at_new_addon(Eks& eks, Call& call) {
  TRY(auto needed, at_cluster(eks, call));
  CHECK_OK(add_addon_roles(call, needed));
  return needed;
}

Result<Requirements> at_changed_addon(Eks& eks, Call& call) {
  TRY(auto needed, at_addon(eks, call));
  CHECK_OK(add_addon_roles(call, needed));
  return needed;
}

Result<Requirements> at_new_pod_identity(Eks& eks, Call& call) {
  TRY(auto needed, at_cluster(eks, call));
  TRY(auto pass, pass_role(call, call.in[m::roleArn].text(), kPodService));
  needed.push_back(std::move(pass));
  return needed;
}

// Another role is handed over too.
Result<Requirements> at_pod_identity(Eks& eks, Call& call) {
  TRY(const auto cluster, cluster_of(eks, call));
  TRY(auto r, part_requirement<PodIdentity>(eks, cluster, call.in[m::associationId].text()));
  Requirements needed{std::move(r)};
  if (const auto& role = call.in[m::roleArn]) {
    TRY(auto pass, pass_role(call, role.text(), kPodService));
    needed.push_back(std::move(pass));
  }
  return needed;
}

Result<Requirements> at_new_identity_provider(Eks& eks, Call& call) {
  TRY(auto needed, at_cluster(eks, call));
  add_text(call.in[m::oidc][m::clientId], "eks:clientId", needed.front());
  add_text(call.in[m::oidc][m::issuerUrl], "eks:issuerUrl", needed.front());
  return needed;
}

Result<Requirements> at_identity_provider(Eks& eks, Call& call) {
  TRY(const auto cluster, cluster_of(eks, call));
  TRY(auto r,
      part_requirement<IdentityProvider>(eks, cluster, call.in[m::identityProviderConfig][m::name].text()));
  return Requirements{std::move(r)};
}

Result<Requirements> at_updates(Eks& eks, Call& call) {
  if (call.in[m::nodegroupName]) return at_nodegroup(eks, call);
  if (call.in[m::addonName]) return at_addon(eks, call);
  return at_cluster(eks, call);
}

Result<Requirements> at_tagged(Eks& eks, Call& call) {
  account::Requirement r;
  r.resource = call.in[m::resourceArn].text();
  if (const auto tags = tags_at(eks, call)) r.resource_tags(tag_list(*tags));
  r.request_tags(request_tags(call));
  if (const auto& keys = call.in[m::tagKeys]) r.keys_of("aws:TagKeys", texts(keys));
  return Requirements{std::move(r)};
}

}  // namespace gatehouse::service::eks
