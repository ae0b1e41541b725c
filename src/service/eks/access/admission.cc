// Who may enter a cluster by its access entries, and by its own OIDC provider.
#include <algorithm>
#include <mutex>

#include "service/eks/eks.h"

namespace gatehouse::service::eks {

void Eks::see(Cluster cluster) const {
  const std::unique_lock lock(seeing_);
  auto& now = seen_[cluster.hex];
  if (now == nullptr || now->revision < cluster.revision)
    now = std::make_shared<const Cluster>(std::move(cluster));
}

std::shared_ptr<const Cluster> Eks::seen(const kube::Cluster& cluster) const {
  {
    const std::shared_lock lock(seeing_);
    if (const auto it = seen_.find(cluster.hex); it != seen_.end()) return it->second;
  }
  auto stored = find(cluster.account, cluster.region, cluster.name);
  if (!stored || !*stored || (*stored)->hex != cluster.hex) return nullptr;
  see(std::move(**stored));
  const std::shared_lock lock(seeing_);
  const auto it = seen_.find(cluster.hex);
  return it == seen_.end() ? nullptr : it->second;
}

kube::Admission Eks::admission(const kube::Cluster& cluster, std::string_view canonical_arn) const {
  kube::Admission out{.as_creator = false, .by_config_map = false};
  const auto record = seen(cluster);
  if (record == nullptr) return out;  // being deleted, or unreadable: nobody enters
  out.by_config_map = record->authentication_mode != "API";
  out.as_creator = record->bootstrap_admin && !record->uses_entries();
  if (!record->uses_entries()) return out;
  const auto it = std::ranges::find_if(record->entries, [&](const AccessEntry& e) {
    return kube::canonical_arn(e.principal) == canonical_arn;
  });
  if (it == record->entries.end()) return out;
  out.entry = kube::AccessEntry{{it->username, it->groups}, {}};
  for (const auto& p : it->policies) out.entry->grants.push_back(p.grant);
  return out;
}

std::optional<kube::OidcProvider> Eks::oidc_provider(const kube::Cluster& cluster) const {
  const auto record = seen(cluster);
  if (record == nullptr) return std::nullopt;
  const auto all = parts<IdentityProvider>(*record);
  if (!all || all->empty()) return std::nullopt;
  const IdentityProvider& p = all->front();
  return kube::OidcProvider{p.issuer,       p.client_id,     p.username_claim, p.username_prefix,
                            p.groups_claim, p.groups_prefix, p.required_claims};
}

}  // namespace gatehouse::service::eks
