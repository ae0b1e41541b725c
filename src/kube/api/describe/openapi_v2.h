// OpenAPI version 2 of everything a cluster serves, which kubectl up to 1.28 validates and explains with.
// Internal to kube/api.
#pragma once

#include "kube/api/context.h"

namespace gatehouse::kube {

// As JSON, or in the protobuf form that kubectl asks for.
Answer openapi_v2(const KindSet& kinds, std::string_view accept);

}  // namespace gatehouse::kube
