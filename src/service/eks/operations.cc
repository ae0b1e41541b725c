// The table that EKS is built from.
#include "service/eks/eks.h"

namespace gatehouse::service::eks {
namespace {

std::vector<account::Tag> map_tags(const wire::Value& map) {
  std::vector<account::Tag> out;
  for (const auto& [key, value] : map.map()) out.emplace_back(key, value.text());
  return out;
}

void add_resource_tags(const std::optional<Cluster>& cluster, account::Requirement& r) {
  if (!cluster) return;
  r.resource_tags({cluster->tags.begin(), cluster->tags.end()});
}

void add_access_keys(const wire::Value& in, account::Requirement& r) {
  const auto& access = in[m::accessConfig];
  if (const auto& mode = access[m::authenticationMode])
    r.key("eks:authenticationMode", std::string(mode.text()));
  if (const auto& admin = access[m::bootstrapClusterCreatorAdminPermissions])
    r.key("eks:bootstrapClusterCreatorAdminPermissions", admin.boolean() ? "true" : "false");
  const auto& network = in[m::resourcesVpcConfig];
  if (const auto& open = network[m::endpointPublicAccess])
    r.key("eks:endpointPublicAccess", open.boolean() ? "true" : "false");
  if (const auto& open = network[m::endpointPrivateAccess])
    r.key("eks:endpointPrivateAccess", open.boolean() ? "true" : "false");
}

// The cluster, and the right to hand its role to EKS.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
Result<Requirements> needs_create(Eks&, Call& call) {
  const std::string arn = cluster_arn(call.account, call.region, call.in[m::name].text());
  account::Requirement create;
  create.resource = arn;
  create.request_tags(map_tags(call.in[m::tags]));
  add_access_keys(call.in, create);
  account::Requirement pass;
  pass.action = "iam:PassRole";
  pass.resource = call.in[m::roleArn].text();
  pass.key("iam:PassedToService", "eks.amazonaws.com").key("iam:AssociatedResourceArn", arn);
  return Requirements{std::move(create), std::move(pass)};
}

Result<Requirements> needs_named(Eks& eks, Call& call) {
  const std::string_view name = call.in[m::name].text();
  TRY(const auto cluster, eks.find(call.account, call.region, name));
  account::Requirement r;
  r.resource = cluster_arn(call.account, call.region, name);
  add_resource_tags(cluster, r);
  add_access_keys(call.in, r);
  return Requirements{std::move(r)};
}

std::vector<std::string> texts(const wire::Value& list) {
  std::vector<std::string> out;
  for (const auto& text : list.list()) out.emplace_back(text.text());
  return out;
}

Result<Requirements> at_cluster_of_entries(Eks& eks, Call& call) {
  const std::string_view name = call.in[m::clusterName].text();
  TRY(const auto cluster, eks.find(call.account, call.region, name));
  account::Requirement r;
  r.resource = cluster_arn(call.account, call.region, name);
  add_resource_tags(cluster, r);
  return Requirements{std::move(r)};
}

Result<Requirements> at_new_entry(Eks& eks, Call& call) {
  TRY(auto needed, at_cluster_of_entries(eks, call));
  account::Requirement& r = needed.front();
  const auto& in = call.in;
  r.request_tags(map_tags(in[m::tags]));
  r.key("eks:principalArn", std::string(in[m::principalArn].text()));
  r.key("eks:accessEntryType", std::string(in[m::type].text_or("STANDARD")));
  if (const auto& username = in[m::username]) r.key("eks:username", std::string(username.text()));
  if (const auto& groups = in[m::kubernetesGroups]) r.keys_of("eks:kubernetesGroups", texts(groups));
  return needed;
}

// The entry, and the policy where one is named. An entry that is not there has "*" for its id.
Result<Requirements> at_entry(Eks& eks, Call& call) {
  const auto& in = call.in;
  TRY(auto cluster, eks.find(call.account, call.region, in[m::clusterName].text()));
  Cluster none;
  none.account = call.account;
  none.region = call.region;
  none.name = in[m::clusterName].text();
  AccessEntry absent;
  absent.principal = in[m::principalArn].text();
  absent.id = "*";
  const AccessEntry* entry = cluster ? entry_of(*cluster, absent.principal) : nullptr;
  account::Requirement r;
  r.resource = none.arn_of(entry == nullptr ? absent : *entry);
  if (r.resource.empty())
    return error::invalid_parameter("The specified principalArn is invalid: invalid principal.");
  r.key("eks:clusterName", none.name).key("eks:principalArn", absent.principal);
  if (entry != nullptr) {
    r.resource_tags({entry->tags.begin(), entry->tags.end()});
    r.key("eks:accessEntryType", entry->type).key("eks:username", entry->username);
    r.keys_of("eks:kubernetesGroups", entry->groups);
  }
  if (const auto& policy = in[m::policyArn]) r.key("eks:policyArn", std::string(policy.text()));
  if (const auto& scope = in[m::accessScope]) {
    r.key("eks:accessScope", std::string(scope[m::type].text()));
    r.keys_of("eks:namespaces", texts(scope[m::namespaces]));
  }
  return Requirements{std::move(r)};
}

Result<Requirements> needs_tagged(Eks& eks, Call& call) {
  const std::string_view arn = call.in[m::resourceArn].text();
  TRY(const auto cluster, eks.find(call.account, call.region, arn.substr(arn.rfind('/') + 1)));
  account::Requirement r;
  r.resource = arn;
  if (cluster && cluster->arn() == arn) add_resource_tags(cluster, r);
  r.request_tags(map_tags(call.in[m::tags]));
  if (const auto& keys = call.in[m::tagKeys]) {
    std::vector<std::string> names;
    for (const auto& key : keys.list()) names.emplace_back(key.text());
    r.keys_of("aws:TagKeys", std::move(names));
  }
  return Requirements{std::move(r)};
}

const Row<Eks> kRows[] = {
    {"CreateCluster", create_cluster, resolved<Eks>(needs_create)},
    {"DescribeCluster", describe_cluster, resolved<Eks>(needs_named)},
    {"ListClusters", list_clusters, on<Eks>("arn:{partition}:eks:{region}:{account}:cluster/*")},
    {"DeleteCluster", delete_cluster, resolved<Eks>(needs_named)},
    {"UpdateClusterConfig", update_cluster_config, resolved<Eks>(needs_named)},
    {"DescribeUpdate", describe_update, resolved<Eks>(needs_named)},
    {"ListUpdates", list_updates, resolved<Eks>(needs_named)},
    {"TagResource", tag_resource, resolved<Eks>(needs_tagged)},
    {"UntagResource", untag_resource, resolved<Eks>(needs_tagged)},
    {"ListTagsForResource", list_tags_for_resource, resolved<Eks>(needs_tagged)},
    {"CreateAccessEntry", create_access_entry, resolved<Eks>(at_new_entry)},
    {"DescribeAccessEntry", describe_access_entry, resolved<Eks>(at_entry)},
    {"UpdateAccessEntry", update_access_entry, resolved<Eks>(at_entry)},
    {"DeleteAccessEntry", delete_access_entry, resolved<Eks>(at_entry)},
    {"ListAccessEntries", list_access_entries, resolved<Eks>(at_cluster_of_entries)},
    {"ListAccessPolicies", list_access_policies, on<Eks>()},
    {"AssociateAccessPolicy", associate_access_policy, resolved<Eks>(at_entry)},
    {"DisassociateAccessPolicy", disassociate_access_policy, resolved<Eks>(at_entry)},
    {"ListAssociatedAccessPolicies", list_associated_access_policies, resolved<Eks>(at_entry)},
};

}  // namespace

Service make_service(Eks& eks) { return Service("eks", eks, std::span<const Row<Eks>>(kRows)); }

}  // namespace gatehouse::service::eks
