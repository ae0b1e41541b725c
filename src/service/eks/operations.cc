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
  create.action = "eks:CreateCluster";
  create.resource = arn;
  create.request_tags(map_tags(call.in[m::tags]));
  add_access_keys(call.in, create);
  account::Requirement pass;
  pass.action = "iam:PassRole";
  pass.resource = call.in[m::roleArn].text();
  pass.key("iam:PassedToService", "eks.amazonaws.com").key("iam:AssociatedResourceArn", arn);
  return Requirements{std::move(create), std::move(pass)};
}

template <const char* Action>
Result<Requirements> needs_named(Eks& eks, Call& call) {
  const std::string_view name = call.in[m::name].text();
  TRY(const auto cluster, eks.find(call.account, call.region, name));
  account::Requirement r;
  r.action = Action;
  r.resource = cluster_arn(call.account, call.region, name);
  add_resource_tags(cluster, r);
  add_access_keys(call.in, r);
  return Requirements{std::move(r)};
}

template <const char* Action>
Result<Requirements> needs_tagged(Eks& eks, Call& call) {
  const std::string_view arn = call.in[m::resourceArn].text();
  TRY(const auto cluster, eks.find(call.account, call.region, arn.substr(arn.rfind('/') + 1)));
  account::Requirement r;
  r.action = Action;
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

constexpr char kDescribe[] = "eks:DescribeCluster";
constexpr char kDelete[] = "eks:DeleteCluster";
constexpr char kUpdateConfig[] = "eks:UpdateClusterConfig";
constexpr char kDescribeUpdate[] = "eks:DescribeUpdate";
constexpr char kListUpdates[] = "eks:ListUpdates";
constexpr char kTag[] = "eks:TagResource";
constexpr char kUntag[] = "eks:UntagResource";
constexpr char kListTags[] = "eks:ListTagsForResource";

const Row<Eks> kRows[] = {
    {"CreateCluster", create_cluster, resolved<Eks>(needs_create)},
    {"DescribeCluster", describe_cluster, resolved<Eks>(needs_named<kDescribe>)},
    {"ListClusters", list_clusters,
     needs<Eks>("eks:ListClusters", "arn:{partition}:eks:{region}:{account}:cluster/*")},
    {"DeleteCluster", delete_cluster, resolved<Eks>(needs_named<kDelete>)},
    {"UpdateClusterConfig", update_cluster_config, resolved<Eks>(needs_named<kUpdateConfig>)},
    {"DescribeUpdate", describe_update, resolved<Eks>(needs_named<kDescribeUpdate>)},
    {"ListUpdates", list_updates, resolved<Eks>(needs_named<kListUpdates>)},
    {"TagResource", tag_resource, resolved<Eks>(needs_tagged<kTag>)},
    {"UntagResource", untag_resource, resolved<Eks>(needs_tagged<kUntag>)},
    {"ListTagsForResource", list_tags_for_resource, resolved<Eks>(needs_tagged<kListTags>)},
};

}  // namespace

Service make_service(Eks& eks) { return Service("eks", eks, std::span<const Row<Eks>>(kRows)); }

}  // namespace gatehouse::service::eks
