// Keys that belong to the installation and to nobody in it: what seals session tokens, objects' keys, and the
// material of KMS's keys. Each is 32 random bytes in a record of its own, made at the first start.
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "store/store.h"

namespace gatehouse::account {

// `name`: "session-token-key". InternalFailure where the record is there and does not read: a new key would
// make everything sealed under the old one unreadable.
Result<std::string> installation_key(store::Records& records, Random& random, std::string_view name);

}  // namespace gatehouse::account
