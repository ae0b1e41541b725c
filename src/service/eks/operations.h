// The operations of EKS, by the folder they lie in, and what runs them.
#pragma once

#include "service/eks/eks.h"

namespace gatehouse::service::eks {

// What a row runs.
using Handler = Result<wire::Value>(Eks&, Call&);

// clusters/
Handler create_cluster, describe_cluster, list_clusters, delete_cluster, update_cluster_config;
Handler update_cluster_version, describe_cluster_versions, associate_encryption_config;
Handler describe_update, list_updates;
Handler tag_resource, untag_resource, list_tags_for_resource;

// access/
Handler create_access_entry, describe_access_entry, update_access_entry, delete_access_entry,
    list_access_entries;
Handler list_access_policies, associate_access_policy, disassociate_access_policy,
    list_associated_access_policies;

// nodegroups/
Handler create_nodegroup, describe_nodegroup, list_nodegroups, delete_nodegroup, update_nodegroup_config,
    update_nodegroup_version;

// addons/
Handler create_addon, describe_addon, list_addons, update_addon, delete_addon;
Handler describe_addon_versions, describe_addon_configuration;

// identity/
Handler create_pod_identity_association, describe_pod_identity_association, list_pod_identity_associations,
    update_pod_identity_association, delete_pod_identity_association;
Handler associate_identity_provider_config, describe_identity_provider_config, list_identity_provider_configs,
    disassociate_identity_provider_config;

}  // namespace gatehouse::service::eks
