// What creating, updating, patching and applying have in common. Internal to kube/api.
#pragma once

#include "kube/api/context.h"
#include "kube/objects/apply.h"

namespace gatehouse::kube {

Manager manager_of(Context& context);

// Unknown and duplicate fields: refused, warned about or passed over, as fieldValidation says.
Result<void> complain(Context& context, const std::vector<std::string>& complaints);

// Both validate, admit and keep `object`. `applied`: its managedFields are right already.
Answer create_object(Context& context, json::object object, bool applied);
Result<StoredPtr> replace(Context& context, json::object object, const StoredPtr& old, bool applied);

}  // namespace gatehouse::kube
