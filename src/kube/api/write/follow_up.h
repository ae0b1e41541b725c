// What follows from a write, by which a cluster's controllers would have to be waited for: here it has
// happened when the answer is given. Internal to kube/api.
#pragma once

#include "kube/api/context.h"

namespace gatehouse::kube {

// Aggregated roles, tokens of service-account secrets, namespaces and definitions that were waiting; an
// object whose owners are all gone goes too.
Result<void> after_write(Context& context, const Kind& kind, const StoredPtr& saved);

// Dependents, the default service account, and whatever waited for this to be gone.
Result<void> after_removal(Context& context, const Kind& kind, const Stored& gone,
                           std::string_view propagation);

// Removes one object, or marks it where finalizers hold it. Returns what to show if it is still there.
Result<StoredPtr> remove_one(Context& context, const Kind& kind, const StoredPtr& item,
                             std::string_view propagation);

}  // namespace gatehouse::kube
