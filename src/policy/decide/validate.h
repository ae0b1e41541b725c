// What IAM refuses when a policy is written, in its words.
#pragma once

#include "base/error.h"
#include "policy/document/document.h"
#include "policy/policy.h"

namespace gatehouse::policy {

// MalformedPolicyDocument, or nothing.
Result<void> validate(const Document& document, Kind kind);

// Which elements a kind of policy has.
bool takes_principal(Kind kind);
bool takes_resource(Kind kind);

}  // namespace gatehouse::policy
