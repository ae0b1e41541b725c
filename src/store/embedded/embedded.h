// open_embedded() over a file layer of the caller's: tests pass one that loses what was not synced, fills up
// or fails. Everything the engine reads or writes goes through it, the making of the directory itself apart.
#pragma once

#include <rocksdb/file_system.h>

#include <memory>
#include <string>

#include "store/store.h"

namespace gatehouse::store {

Result<Embedded> open_embedded(const std::string& directory, std::shared_ptr<rocksdb::FileSystem> files);

}  // namespace gatehouse::store
