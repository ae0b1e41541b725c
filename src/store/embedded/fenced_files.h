// The file layer under one opening of RocksDB. It does two things that RocksDB 7.8 does not do well enough.
//
// It syncs the write-ahead logs for us. DB::SyncWAL() would, but after a log failed to take a write (a full
// disk) a SyncWAL() of another thread runs into an assertion, which Debian's build leaves on: the process
// would end where it has to answer 503.
//
// It can be fenced: from then on nothing that this opening does reaches the disk, while reads go on. That is
// how the store recovers from a failed write or sync: fence the old opening, open the database anew beside
// it (DB::Resume() may wait forever, or answer before it is done), and let the old one go once nobody reads
// from it. So the lock of RocksDB is not taken; Home holds one for the whole directory.
#pragma once

#include <rocksdb/file_system.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

namespace gatehouse::store {

class FencedFiles final : public rocksdb::FileSystemWrapper {
 public:
  using IOStatus = rocksdb::IOStatus;
  using IOOptions = rocksdb::IOOptions;
  using Context = rocksdb::IODebugContext;

  // `directory` is the database's.
  FencedFiles(std::shared_ptr<rocksdb::FileSystem> files, std::string directory)
      : FileSystemWrapper(std::move(files)), directory_(std::move(directory)) {}
  const char* Name() const override { return "GatehouseFencedFiles"; }

  // Everything appended to any open log before the call is on disk, and the logs have their names. A log that
  // RocksDB closed meanwhile needs no sync: it closes one when what it holds is in synced tables.
  IOStatus sync_logs();

  // When it returns, no change of this opening is under way and none will come.
  void fence();

  IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result, Context* context) override;
  IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* result, Context* context) override;
  IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name,
                             const rocksdb::FileOptions& options,
                             std::unique_ptr<rocksdb::FSWritableFile>* result, Context* context) override;
  IOStatus DeleteFile(const std::string& name, const IOOptions& options, Context* context) override;
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      Context* context) override;
  IOStatus LockFile(const std::string& name, const IOOptions& options, rocksdb::FileLock** lock,
                    Context* context) override;
  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions& options, Context* context) override;

 private:
  class File;

  // A write-ahead log. RocksDB appends to it and closes it; sync_logs() may hold it a little longer.
  struct Log {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    std::atomic<std::uint64_t> appended = 0;
    std::atomic<std::uint64_t> synced = 0;
    std::mutex closing;  // a descriptor must not close while it is synced
    bool closed = false;

    IOStatus sync();
    IOStatus close(const IOOptions& options, Context* context);
  };

  std::vector<std::shared_ptr<Log>> open_logs(bool& names_unsynced);

  std::string directory_;
  std::shared_mutex fence_;  // shared by changes, alone for fence()
  bool fenced_ = false;

  std::mutex mutex_;
  std::vector<std::weak_ptr<Log>> logs_;
  bool names_unsynced_ = false;
};

}  // namespace gatehouse::store
