// From what each policy says to the decision. Shared by decide(), which asks through the index, and
// explain(), which asks statement by statement.
#pragma once

#include <array>

#include "policy/compiled.h"
#include "policy/decide/program.h"
#include "policy/policy.h"

namespace gatehouse::policy {

// What a layer's policies say together.
struct LayerVerdict {
  bool present = false;
  bool allows = false;  // for scp: at every level
  Closeness closeness = Closeness::none;
  bool denies = false;
  StatementRef deny, allow;  // the first of each, if any
};

struct Verdicts {
  LayerVerdict scp, rcp, endpoint, resource, identity, boundary, session;
};

// Which layers apply at all: none of the caller's for whoever has no account, no SCP for service-linked
// roles.
PolicyView applicable(const Request& request, const PolicyView& policies);

// What kind of policy the resource has, by the action and the resource's ARN.
Kind resource_policy_kind(const Request& request);

// The layer a resource's own policy is called by: trust for role trust policies.
Layer resource_layer(const Request& request, const Compiled* resource);

// Whether the resource's own policy has to allow, whatever the caller's policies say: role trust and KMS key
// policies.
bool must_allow_itself(const Request& request, const Compiled* resource);

// sts:GetCallerIdentity needs no permission and cannot be denied.
bool needs_no_permission(const Request& request);

Decision combine(const Query& query, const PolicyView& policies, const Verdicts& verdicts);

// The policy that a statement of a decision stands in.
const Compiled& policy_at(const PolicyView& view, const StatementRef& at);

}  // namespace gatehouse::policy
