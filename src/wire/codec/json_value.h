// Values as JSON, by the model's shapes.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "wire/model.h"

namespace gatehouse::wire::codec {

// The members that travel in the body; null ones are left out. A list, map or document as a payload likewise.
json::value to_json(const ServiceModel& service, const Shape& shape, const Value& value);

// A null member is an absent one. Members that the shape does not have are ignored. Errors are
// SerializationException, as AWS's JSON protocols answer what has the wrong type.
Result<Value> from_json(const ServiceModel& service, const Shape& shape, const json::value& v);

}  // namespace gatehouse::wire::codec
