// Records in RocksDB.
//
// A commit holds its partition's stripe while it checks the preconditions, takes a revision and writes the
// batch to the log's page cache and the memtable; then it lets go and waits for a shared sync. So a record
// can be read a moment before it is durable; whoever acts on it commits later, and the log keeps order.
//
// When a write or a sync fails, the next commit opens the database anew: what the log holds by then is
// written into synced tables, and a fresh log begins. Commits that wrote to the old opening and were not
// synced by it answer an error, since nobody can know whether their part of the log is on disk. Reads never
// wait for this.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <shared_mutex>

#include "store/embedded/database.h"
#include "store/embedded/group_sync.h"
#include "store/embedded/home.h"
#include "store/store.h"

namespace gatehouse::store {

class EmbeddedRecords final : public Records {
 public:
  static Result<std::unique_ptr<EmbeddedRecords>> open(std::shared_ptr<Home> home);

  using Records::get;
  Result<std::optional<Record>> get(std::string_view key, Reach reach) const override;
  Result<std::vector<Entry>> scan(std::string_view prefix, std::string_view from,
                                  size_t limit) const override;
  Result<void> visit(std::string_view prefix, std::string_view from, const Visitor& visitor) const override;
  Result<Revision> commit(std::string_view partition, Batch batch) override;

 private:
  EmbeddedRecords(std::shared_ptr<Home> home, std::shared_ptr<Database> database);

  // What a batch was written to, and as which revision.
  struct Written {
    std::shared_ptr<Database> to;
    Revision revision = 0;
  };

  std::shared_ptr<Database> current() const;
  Result<std::shared_ptr<Database>> writable();
  rocksdb::Status open_anew();
  Result<Written> write(std::string_view partition, const Batch& batch);
  Result<void> check(const Database& database, const std::vector<Precondition>& preconditions) const;
  rocksdb::Status apply(Database& database, const Batch& batch, Revision revision) const;
  Result<void> sync();

  static constexpr size_t kStripes = 256;

  std::shared_ptr<Home> home_;
  mutable std::shared_mutex swapping_;
  std::shared_ptr<Database> database_;
  std::atomic<Revision> last_revision_;
  std::array<std::mutex, kStripes> stripes_;
  GroupSync group_sync_;

  std::mutex opening_;
  std::chrono::steady_clock::time_point last_try_;
  rocksdb::Status last_answer_;
};

}  // namespace gatehouse::store
