// Access entries, for those who make or read them beside their operations.
#pragma once

#include "service/eks/eks.h"

namespace gatehouse::service::eks {

// The entry of the principal; null where it has none.
AccessEntry* entry_of(Cluster& cluster, std::string_view principal);
// A role is one principal, with its path or without it.
bool has_entry(const Cluster& cluster, std::string_view principal);
// The call's cluster, which must use access entries, and in it the call's entry.
Result<Cluster> cluster_with_entries(const Eks& eks, const Call& call);
Result<AccessEntry*> existing_entry(const Call& call, Cluster& cluster);
// The entry that makes the cluster's creator its administrator.
AccessEntry creator_entry(const Eks& eks, std::string_view principal);
// The entry that lets a node group's nodes join: of type EC2_LINUX or EC2_WINDOWS.
AccessEntry node_entry(const Eks& eks, std::string_view role, std::string_view type);

}  // namespace gatehouse::service::eks
