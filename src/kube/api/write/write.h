// What creating, updating, patching and applying have in common. Internal to kube/api.
#pragma once

#include "kube/api/context.h"
#include "kube/objects/apply.h"

namespace gatehouse::kube {

Manager manager_of(Context& context);

// fieldValidation, dryRun and fieldManager, of "CreateOptions" and the like.
Result<void> check_write_options(Context& context, std::string_view options);

// A decoded body that must be of the kind.
Result<json::object> accept_body(Context& context, Decoded decoded, std::string_view api_version,
                                 std::string_view kind);

// Unknown and duplicate fields: refused, warned about or passed over, as fieldValidation says.
Result<void> complain(Context& context, const std::vector<std::string>& complaints);

// What becomes of `base` by the request's patch, checked against the schema. Of an object's status or the
// like, `base` says what it is.
struct PatchTarget {
  const Message& schema;
  std::string api_version, kind;
};
Result<json::object> patched(Context& context, const PatchTarget& target, const json::object& base);

// Both validate, admit and keep `object`. `applied`: its managedFields are right already.
Answer create_object(Context& context, json::object object, bool applied);
Result<StoredPtr> replace(Context& context, json::object object, const StoredPtr& old, bool applied);

}  // namespace gatehouse::kube
