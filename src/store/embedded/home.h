// The data directory: who holds it, in which format it is, and through which file layer everything in it is
// touched. Records and blobs share one Home; the lock falls when the last of them is gone.
//
//   LOCK       held by the process that serves the directory
//   FORMAT     one line, "gatehouse data N"
//   records/   RocksDB
//   blobs/     see blobs.h
#pragma once

#include <rocksdb/file_system.h>

#include <memory>
#include <string>

#include "base/error.h"

namespace gatehouse::store {

// Raised when an older Gatehouse could not read what this one writes.
inline constexpr int kFormat = 1;

class Home {
 public:
  // Makes the directory (0700) when it is absent; the error says why it cannot be used, and what to do.
  static Result<std::shared_ptr<Home>> open(const std::string& directory,
                                            std::shared_ptr<rocksdb::FileSystem> files);
  ~Home();
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  rocksdb::FileSystem& files() const { return *files_; }
  const std::shared_ptr<rocksdb::FileSystem>& shared_files() const { return files_; }
  std::string path(std::string_view name) const { return directory_ + "/" + std::string(name); }

  // Makes the entries of a directory durable: names created in it, renamed into it, removed from it.
  rocksdb::IOStatus sync_directory(const std::string& path) const;

 private:
  Home(std::string directory, std::shared_ptr<rocksdb::FileSystem> files)
      : directory_(std::move(directory)), files_(std::move(files)) {}

  Result<void> make_directory();
  Result<void> lock();
  Result<void> check_format();
  rocksdb::IOStatus write_format();

  std::string directory_;
  std::shared_ptr<rocksdb::FileSystem> files_;
  rocksdb::FileLock* lock_ = nullptr;
};

}  // namespace gatehouse::store
