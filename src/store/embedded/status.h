// What RocksDB and the file layer report, as an answer: a full disk is ServiceUnavailable 503 (try again once
// there is room), everything else InternalFailure 500. The cause goes to the log, never to the client.
#pragma once

#include <rocksdb/status.h>

#include <string_view>

#include "base/error.h"

namespace gatehouse::store {

// `doing` names the work in the log: "committing".
Error error_of(const rocksdb::Status& status, std::string_view doing);

}  // namespace gatehouse::store
