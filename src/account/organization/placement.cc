#include "account/organization/placement.h"

namespace gatehouse::account {
namespace {

ControlLevels levels_of(const Organization& organization, ControlType type,
                        const std::vector<const OrganizationNode*>& line) {
  ControlLevels out;
  out.nodes = line;
  std::vector<size_t> counts;
  for (const OrganizationNode* node : line) {
    const size_t before = out.policies.size();
    for (const std::string& id : node->policies) {
      const ControlPolicy* policy = organization.policy(id);
      if (policy == nullptr || policy->type != type) continue;
      out.policies.push_back(policy);
      out.compiled.push_back(policy->document.compiled.get());
    }
    counts.push_back(out.policies.size() - before);
  }
  size_t first = 0;
  for (const size_t count : counts) {
    out.levels.push_back(std::span<const policy::Compiled* const>(out.compiled).subspan(first, count));
    first += count;
  }
  return out;
}

}  // namespace

std::shared_ptr<const Placement> place(std::shared_ptr<const Organization> organization,
                                       const OrganizationNode& account) {
  auto out = std::make_shared<Placement>();
  const std::vector<const OrganizationNode*> line = organization->line(account);
  out->node = &account;
  out->path = organization->id + "/";
  for (const OrganizationNode* node : line) {
    if (node != &account) out->path.append(node->id).append("/");
  }
  if (account.id != organization->management) {
    if (organization->is_enabled(ControlType::scp))
      out->scp = levels_of(*organization, ControlType::scp, line);
    if (organization->is_enabled(ControlType::rcp))
      out->rcp = levels_of(*organization, ControlType::rcp, line);
  }
  out->organization = std::move(organization);
  return out;
}

}  // namespace gatehouse::account
