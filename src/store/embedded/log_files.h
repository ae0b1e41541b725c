// A file layer under RocksDB that knows its write-ahead logs and syncs them for us.
//
// DB::SyncWAL() would, but after a log failed to take a write (a full disk) a SyncWAL() of another thread
// runs into an assertion, which Debian's build of RocksDB leaves on: the process would end where it has to
// answer 503. Syncing the file ourselves also takes none of RocksDB's locks.
#pragma once

#include <rocksdb/file_system.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gatehouse::store {

class LogFiles final : public rocksdb::FileSystemWrapper {
 public:
  // `directory` is the database's.
  LogFiles(std::shared_ptr<rocksdb::FileSystem> files, std::string directory)
      : FileSystemWrapper(std::move(files)), directory_(std::move(directory)) {}
  const char* Name() const override { return "GatehouseLogFiles"; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* context) override;

  // Everything appended to any open log before the call is on disk, and the logs have their names. A log that
  // RocksDB closed meanwhile needs no sync: it closes one when what it holds is in synced tables.
  rocksdb::IOStatus sync();

 private:
  // RocksDB appends to it and closes it; sync() may hold it a little longer.
  struct Log {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    std::atomic<std::uint64_t> appended = 0;
    std::atomic<std::uint64_t> synced = 0;
    std::mutex closing;  // a descriptor must not close while it is synced
    bool closed = false;

    rocksdb::IOStatus sync();
    rocksdb::IOStatus close(const rocksdb::IOOptions& options, rocksdb::IODebugContext* context);
  };
  class LogFile;

  std::vector<std::shared_ptr<Log>> open_logs(bool& names_unsynced);

  std::string directory_;
  std::mutex mutex_;
  std::vector<std::weak_ptr<Log>> logs_;
  bool names_unsynced_ = false;
};

}  // namespace gatehouse::store
