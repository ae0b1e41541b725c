// Where an account stands in its organization, and what binds it there: made when the organization changes,
// so that deciding only looks it up.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "account/organization/organization.h"

namespace gatehouse::account {

// The policies of one kind from the root to the account, as the engine takes them.
struct ControlLevels {
  std::vector<const OrganizationNode*> nodes;  // one a level
  std::vector<std::span<const policy::Compiled* const>> levels;
  // Levels laid end to end, as a StatementRef counts.
  std::vector<const policy::Compiled*> compiled;
  std::vector<const ControlPolicy*> policies;
};

// Of one state of the organization, which it keeps alive. Not copied: its levels point into it.
struct Placement {
  Placement() = default;
  Placement(const Placement&) = delete;
  Placement& operator=(const Placement&) = delete;

  std::shared_ptr<const Organization> organization;
  const OrganizationNode* node = nullptr;
  std::string path;  // aws:PrincipalOrgPaths: "o-…/r-…/ou-…/"
  // Absent: the kind is not enabled, or this is the management account, which is bound by none.
  std::optional<ControlLevels> scp, rcp;
};

std::shared_ptr<const Placement> place(std::shared_ptr<const Organization> organization,
                                       const OrganizationNode& account);

}  // namespace gatehouse::account
