// The end of what holds other objects: a namespace goes when it is empty, a CustomResourceDefinition when its
// resources are gone. What has finalizers is marked and stays until they are taken off.
#pragma once

#include "kube/bootstrap.h"

namespace gatehouse::kube {

// The object with a deletionTimestamp, and its next generation where it counts them.
json::object marked_deleted(json::object object, Time now);

// Both do nothing unless it is being deleted; each removes what it can, and the holder itself once it is
// empty.
Result<void> empty_namespace(Objects& objects, const Makers& makers, std::string_view ns);
Result<void> empty_definition(Objects& objects, const Makers& makers, std::string_view definition);
// After one of its resources went: the definition of a custom kind, if it waited for that.
Result<void> finish_definition(Objects& objects, const Makers& makers, const Kind& custom);

// What a crash interrupted.
Result<void> finish_terminations(Objects& objects, const Makers& makers);

}  // namespace gatehouse::kube
