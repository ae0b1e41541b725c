// Who is told when aws-auth changes: the writer by Warning headers, everybody by an event. Internal to
// kube/api.
#pragma once

#include "kube/api/context.h"

namespace gatehouse::kube {

// `before` and `after` a write or a removal of an object; either may be null. Does nothing for other objects
// than kube-system/aws-auth. A dry run warns and records nothing.
Result<void> tell_of_mappings(Context& context, const Kind& kind, const json::object* before,
                              const json::object* after);

}  // namespace gatehouse::kube
