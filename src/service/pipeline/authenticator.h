// Who signed a request. The only place above identity/ that knows how signatures look.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "account/sessions.h"
#include "identity/sigv4.h"
#include "wire/http.h"

namespace gatehouse::service {

using identity::Claim;
using identity::Family;

Family family_of(const wire::ServiceModel& model);

// What the head says of its signature: nothing (anonymous), a claim, or an error in the family's words.
Result<std::optional<Claim>> read_claim(const wire::Head& head, Family family);

// Checks the signature and returns who made it. `path` is the one the client signed.
Result<account::Caller> authenticate(const account::Sessions& sessions, const Claim& claim,
                                     const wire::Head& head, std::string_view payload_hash, Time now,
                                     Family family);

}  // namespace gatehouse::service
