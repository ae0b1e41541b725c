#include "store/embedded/status.h"

#include "base/log.h"

namespace gatehouse::store {

Error error_of(const rocksdb::Status& status, std::string_view doing) {
  log::error("store failed", {{"doing", std::string(doing)}, {"cause", status.ToString()}});
  if (status.IsNoSpace()) {
    return Error{"ServiceUnavailable", "The service is unavailable. Please retry.", 503, {}};
  }
  return internal_failure().error();
}

}  // namespace gatehouse::store
