// One opening of RocksDB: reads, unsynced writes, and a sync of the log. Once a write, a sync or work in the
// background has failed it writes no more, but still reads; EmbeddedRecords then opens another (records.h).
#pragma once

#include <rocksdb/db.h>

#include <atomic>
#include <memory>
#include <mutex>

#include "store/embedded/fenced_files.h"
#include "store/embedded/home.h"
#include "store/store.h"

namespace gatehouse::store {

class Database {
 public:
  static rocksdb::Status open(const Home& home, std::shared_ptr<Database>& result);
  ~Database();

  // With Reach::memory the status is Incomplete where the record, or the want of it, is not in memory.
  rocksdb::Status get(std::string_view key, rocksdb::PinnableSlice& stored, Reach reach = Reach::disk) const;
  std::unique_ptr<rocksdb::Iterator> iterate(const rocksdb::ReadOptions& options) const;
  rocksdb::Status write(rocksdb::WriteBatch& batch);
  // What was written before is on disk. A failure is final for this opening: the kernel may take pages of the
  // log for written that are not, so no later sync of it could be believed.
  rocksdb::Status sync();

  // The log holds an upper bound of the revisions that batches after it use. The log is recovered as a
  // prefix, so no revision survives a crash whose bound did not.
  rocksdb::Status allow(Revision revision);
  Revision bound() const { return bound_; }

  bool failed() const { return *failed_; }
  // Nothing of it reaches the disk from now on, so that the database can be opened beside it.
  void fence() { files_->fence(); }

 private:
  Database() : failed_(std::make_shared<std::atomic<bool>>(false)) {}
  rocksdb::Status read_bound();

  std::shared_ptr<std::atomic<bool>> failed_;
  std::shared_ptr<FencedFiles> files_;
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<rocksdb::DB> db_;
  std::atomic<Revision> bound_ = 0;
  std::mutex raising_;
};

// A stored value is the revision in eight bytes, little end first, and the bytes.
using RevisionBytes = std::array<char, sizeof(Revision)>;
RevisionBytes encode(Revision revision);
// 0, which no record has, where the value is too short to hold a revision.
Revision decode(const rocksdb::Slice& stored);

// Our own keys are less than this; those of the rooms begin with their kind.
inline constexpr std::string_view kFirstKey = "\1";

}  // namespace gatehouse::store
