// The table that EKS is built from.
#include "service/eks/operations.h"

#include "service/eks/requirements.h"
#include "service/eks/support.h"

namespace gatehouse::service::eks {
namespace {

// Runs the operation again where somebody else's change of the cluster came first: EKS takes changes of
// different parts of a cluster at the same time.
template <Handler kRun>
Result<wire::Value> again(Eks& eks, Call& call) {
  constexpr int kRounds = 32;
  for (int round = 0; round < kRounds; ++round) {
    auto done = kRun(eks, call);
    if (done || done.error().code != store::kConflict) return done;
  }
  return error::in_use(fmt::format("Cluster {} has a change in progress", cluster_name(call)));
}

const Row<Eks> kRows[] = {
    {"CreateCluster", again<create_cluster>, resolved<Eks>(at_new_cluster)},
    {"DescribeCluster", describe_cluster, resolved<Eks>(at_cluster)},
    {"ListClusters", list_clusters, on<Eks>("arn:{partition}:eks:{region}:{account}:cluster/*")},
    {"DeleteCluster", again<delete_cluster>, resolved<Eks>(at_cluster)},
    {"UpdateClusterConfig", again<update_cluster_config>, resolved<Eks>(at_cluster)},
    {"UpdateClusterVersion", again<update_cluster_version>, resolved<Eks>(at_cluster)},
    {"AssociateEncryptionConfig", again<associate_encryption_config>, resolved<Eks>(at_cluster)},
    {"DescribeClusterVersions", describe_cluster_versions, on<Eks>(), Blocking::no},
    {"DescribeUpdate", describe_update, resolved<Eks>(at_updates)},
    {"ListUpdates", list_updates, resolved<Eks>(at_updates)},
    {"TagResource", again<tag_resource>, resolved<Eks>(at_tagged)},
    {"UntagResource", again<untag_resource>, resolved<Eks>(at_tagged)},
    {"ListTagsForResource", list_tags_for_resource, resolved<Eks>(at_tagged)},
    {"CreateAccessEntry", again<create_access_entry>, resolved<Eks>(at_new_entry)},
    {"DescribeAccessEntry", describe_access_entry, resolved<Eks>(at_entry)},
    {"UpdateAccessEntry", again<update_access_entry>, resolved<Eks>(at_entry)},
    {"DeleteAccessEntry", again<delete_access_entry>, resolved<Eks>(at_entry)},
    {"ListAccessEntries", list_access_entries, resolved<Eks>(at_cluster)},
    {"ListAccessPolicies", list_access_policies, on<Eks>()},
    {"AssociateAccessPolicy", again<associate_access_policy>, resolved<Eks>(at_entry)},
    {"DisassociateAccessPolicy", again<disassociate_access_policy>, resolved<Eks>(at_entry)},
    {"ListAssociatedAccessPolicies", list_associated_access_policies, resolved<Eks>(at_entry)},
    {"CreateNodegroup", again<create_nodegroup>, resolved<Eks>(at_new_nodegroup)},
    {"DescribeNodegroup", describe_nodegroup, resolved<Eks>(at_nodegroup)},
    {"ListNodegroups", list_nodegroups, resolved<Eks>(at_cluster)},
    {"UpdateNodegroupConfig", again<update_nodegroup_config>, resolved<Eks>(at_nodegroup)},
    {"UpdateNodegroupVersion", again<update_nodegroup_version>, resolved<Eks>(at_nodegroup)},
    {"DeleteNodegroup", again<delete_nodegroup>, resolved<Eks>(at_nodegroup)},
    {"CreateAddon", again<create_addon>, resolved<Eks>(at_new_addon)},
    {"DescribeAddon", describe_addon, resolved<Eks>(at_addon)},
    {"ListAddons", list_addons, resolved<Eks>(at_cluster)},
    {"UpdateAddon", again<update_addon>, resolved<Eks>(at_changed_addon)},
    {"DeleteAddon", again<delete_addon>, resolved<Eks>(at_addon)},
    {"DescribeAddonVersions", describe_addon_versions, on<Eks>(), Blocking::no},
    {"DescribeAddonConfiguration", describe_addon_configuration, on<Eks>(), Blocking::no},
    {"CreatePodIdentityAssociation", again<create_pod_identity_association>,
     resolved<Eks>(at_new_pod_identity)},
    {"DescribePodIdentityAssociation", describe_pod_identity_association, resolved<Eks>(at_pod_identity)},
    {"ListPodIdentityAssociations", list_pod_identity_associations, resolved<Eks>(at_cluster)},
    {"UpdatePodIdentityAssociation", again<update_pod_identity_association>, resolved<Eks>(at_pod_identity)},
    {"DeletePodIdentityAssociation", again<delete_pod_identity_association>, resolved<Eks>(at_pod_identity)},
    {"AssociateIdentityProviderConfig", again<associate_identity_provider_config>,
     resolved<Eks>(at_new_identity_provider)},
    {"DescribeIdentityProviderConfig", describe_identity_provider_config,
     resolved<Eks>(at_identity_provider)},
    {"ListIdentityProviderConfigs", list_identity_provider_configs, resolved<Eks>(at_cluster)},
    {"DisassociateIdentityProviderConfig", again<disassociate_identity_provider_config>,
     resolved<Eks>(at_identity_provider)},
};

}  // namespace

Service make_service(Eks& eks) { return Service("eks", eks, std::span<const Row<Eks>>(kRows)); }

}  // namespace gatehouse::service::eks
