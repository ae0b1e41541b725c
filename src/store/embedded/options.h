// How RocksDB is tuned: for small records read by key, a small idle process, and no surprises on disk.
#pragma once

#include <rocksdb/options.h>

namespace gatehouse::store {

// `env` must outlive the database.
rocksdb::Options database_options(rocksdb::Env* env);

}  // namespace gatehouse::store
