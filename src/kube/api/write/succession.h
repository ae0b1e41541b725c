// What an object that replaces another keeps of it, whatever the client wrote. Internal to kube/api.
#pragma once

#include "base/error.h"
#include "kube/api/request.h"
#include "kube/objects/objects.h"

namespace gatehouse::kube {

// Makes `object` a successor of `old`: what the server decides is the server's, and a subresource changes its
// part alone. Conflict where the client means another version or another object. False: the client has reset
// managedFields, so that this write is nobody's.
Result<bool> succeed(const Request& request, json::object& object, const Stored& old);

// metadata.generation, for kinds that count it.
void count_generation(const Kind& kind, json::object& object, const json::object& old);

}  // namespace gatehouse::kube
