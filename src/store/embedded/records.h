// Records in RocksDB. A stored value is the revision in eight bytes, little end first, and the bytes.
//
// A commit holds its partition's stripe while it checks the preconditions, takes a revision and writes the
// batch to the log's page cache and the memtable; then it lets go and waits for a shared sync. So a record
// can be read a moment before it is durable; whoever acts on it commits later, and the log keeps order.
//
// Revisions come from one counter. The log holds an upper bound of it, written ahead of the batches that use
// it: the log is recovered as a prefix, so no revision survives a crash whose bound did not.
#pragma once

#include <rocksdb/db.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>

#include "store/embedded/group_sync.h"
#include "store/embedded/home.h"
#include "store/embedded/log_files.h"
#include "store/store.h"

namespace gatehouse::store {

class EmbeddedRecords final : public Records {
 public:
  static Result<std::unique_ptr<EmbeddedRecords>> open(std::shared_ptr<Home> home);
  ~EmbeddedRecords() override;

  Result<std::optional<Record>> get(std::string_view key) const override;
  Result<std::vector<Entry>> scan(std::string_view prefix, std::string_view from,
                                  size_t limit) const override;
  Result<void> visit(std::string_view prefix, std::string_view from, const Visitor& visitor) const override;
  Result<Revision> commit(std::string_view partition, Batch batch) override;

 private:
  explicit EmbeddedRecords(std::shared_ptr<Home> home);

  Result<void> open_database();
  Result<Revision> write(std::string_view partition, const Batch& batch);
  rocksdb::Status apply(const Batch& batch, Revision& revision);
  Result<void> check(const std::vector<Precondition>& preconditions) const;
  rocksdb::Status next_revision(Revision& revision);
  rocksdb::Status recover();
  Result<void> sync();
  rocksdb::Status write_out();
  rocksdb::Status await_tables(std::uint64_t errors) const;
  std::uint64_t property(const std::string& name) const;

  static constexpr size_t kStripes = 256;

  std::shared_ptr<Home> home_;
  std::shared_ptr<LogFiles> logs_;
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<rocksdb::DB> db_;

  std::array<std::mutex, kStripes> stripes_;
  std::atomic<Revision> next_revision_ = 0;
  std::atomic<Revision> revision_bound_ = 0;
  std::mutex raising_bound_;

  bool log_suspect_ = false;  // touched by the leader of a sync alone
  GroupSync group_sync_;
  std::mutex recovering_;
  std::chrono::steady_clock::time_point last_try_;
  rocksdb::Status last_recovery_;
};

}  // namespace gatehouse::store
