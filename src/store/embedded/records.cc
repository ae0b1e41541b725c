#include "store/embedded/records.h"

#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>

#include <cstring>
#include <functional>
#include <thread>

#include "base/log.h"
#include "store/embedded/options.h"
#include "store/embedded/status.h"

namespace gatehouse::store {

namespace {

// Ours, before every key of a room: those begin with their kind.
constexpr std::string_view kRevisionBound("\0revision-bound", 15);
constexpr std::string_view kFirstKey = "\1";
constexpr Revision kBoundStep = 1 << 20;
constexpr auto kBetweenTries = std::chrono::milliseconds(200);
constexpr auto kLongestFlush = std::chrono::seconds(30);

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }

using RevisionBytes = std::array<char, sizeof(Revision)>;

RevisionBytes encode(Revision revision) {
  RevisionBytes out;
  for (char& byte : out) {
    byte = static_cast<char>(revision & 0xff);
    revision >>= 8;
  }
  return out;
}

// 0, which no record has, where the value is too short to hold a revision.
Revision decode(const rocksdb::Slice& stored) {
  if (stored.size() < sizeof(Revision)) return 0;
  Revision revision = 0;
  for (size_t i = sizeof(Revision); i-- > 0;) {
    revision = (revision << 8) | static_cast<unsigned char>(stored[i]);
  }
  return revision;
}

std::string_view bytes_of(const rocksdb::Slice& stored) {
  return {stored.data() + sizeof(Revision), stored.size() - sizeof(Revision)};
}

std::unexpected<Error> damaged(std::string_view key) {
  log::error("record is damaged", {{"key", std::string(key)}});
  return internal_failure();
}

// The first string after all that begin with `prefix`; empty where there is none.
std::string end_of(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

bool is_ours(std::string_view key) { return key < kFirstKey; }

bool is_sound(const Batch& batch) {
  for (const auto& [key, value] : batch.puts) {
    if (is_ours(key)) return false;
  }
  for (const std::string& key : batch.deletes) {
    if (is_ours(key)) return false;
  }
  return true;
}

}  // namespace

EmbeddedRecords::EmbeddedRecords(std::shared_ptr<Home> home)
    : home_(std::move(home)),
      logs_(std::make_shared<LogFiles>(home_->shared_files(), home_->path("records"))),
      env_(rocksdb::NewCompositeEnv(logs_)),
      group_sync_([this] { return sync(); }) {}

EmbeddedRecords::~EmbeddedRecords() = default;

Result<std::unique_ptr<EmbeddedRecords>> EmbeddedRecords::open(std::shared_ptr<Home> home) {
  std::unique_ptr<EmbeddedRecords> records(new EmbeddedRecords(std::move(home)));
  CHECK_OK(records->open_database());
  return records;
}

Result<void> EmbeddedRecords::open_database() {
  rocksdb::DB* db = nullptr;
  rocksdb::Status status = rocksdb::DB::Open(database_options(env_.get()), home_->path("records"), &db);
  if (!status.ok()) {
    return fail("DataDirectoryUnusable",
                "The records in \"" + home_->path("records") + "\" cannot be opened: " + status.ToString(),
                500);
  }
  db_.reset(db);

  rocksdb::PinnableSlice stored;
  status = db_->Get({}, db_->DefaultColumnFamily(), slice(kRevisionBound), &stored);
  if (!status.ok() && !status.IsNotFound()) return std::unexpected(error_of(status, "opening"));
  Revision bound = status.ok() ? decode(stored) : 1;
  if (bound == 0) return damaged("revision-bound");
  next_revision_ = bound;
  revision_bound_ = bound;
  return {};
}

Result<std::optional<Record>> EmbeddedRecords::get(std::string_view key) const {
  rocksdb::PinnableSlice stored;
  rocksdb::Status status = db_->Get({}, db_->DefaultColumnFamily(), slice(key), &stored);
  if (status.IsNotFound() || is_ours(key)) return std::nullopt;
  if (!status.ok()) return std::unexpected(error_of(status, "reading"));
  Revision revision = decode(stored);
  if (revision == 0) return damaged(key);
  return Record{std::string(bytes_of(stored)), revision};
}

Result<std::vector<Entry>> EmbeddedRecords::scan(std::string_view prefix, std::string_view from,
                                                 size_t limit) const {
  std::vector<Entry> entries;
  if (limit == 0) return entries;
  CHECK_OK(visit(prefix, from, [&](std::string_view key, std::string_view value, Revision revision) {
    entries.push_back({std::string(key), {std::string(value), revision}});
    return entries.size() < limit;
  }));
  return entries;
}

Result<void> EmbeddedRecords::visit(std::string_view prefix, std::string_view from,
                                    const Visitor& visitor) const {
  std::string end = end_of(prefix);
  rocksdb::Slice upper = slice(end);
  rocksdb::ReadOptions options;
  if (!end.empty()) options.iterate_upper_bound = &upper;
  std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options));
  for (it->Seek(slice(std::max({prefix, from, kFirstKey}))); it->Valid(); it->Next()) {
    Revision revision = decode(it->value());
    if (revision == 0) return damaged(it->key().ToStringView());
    if (!visitor(it->key().ToStringView(), bytes_of(it->value()), revision)) return {};
  }
  if (!it->status().ok()) return std::unexpected(error_of(it->status(), "scanning"));
  return {};
}

Result<Revision> EmbeddedRecords::commit(std::string_view partition, Batch batch) {
  if (!is_sound(batch)) return damaged("a key without a kind");
  TRY(Revision revision, write(partition, batch));
  CHECK_OK(group_sync_.wait());
  return revision;
}

Result<Revision> EmbeddedRecords::write(std::string_view partition, const Batch& batch) {
  std::lock_guard lock(stripes_[std::hash<std::string_view>{}(partition) % kStripes]);
  CHECK_OK(check(batch.preconditions));
  Revision revision = 0;
  rocksdb::Status status = apply(batch, revision);
  if (status.IsIOError() && recover().ok()) status = apply(batch, revision);
  if (!status.ok()) return std::unexpected(error_of(status, "committing"));
  return revision;
}

rocksdb::Status EmbeddedRecords::apply(const Batch& batch, Revision& revision) {
  rocksdb::Status status = next_revision(revision);
  RevisionBytes encoded = encode(revision);
  rocksdb::WriteBatch writes;
  for (const auto& [key, value] : batch.puts) {
    rocksdb::Slice key_parts[] = {slice(key)};
    rocksdb::Slice value_parts[] = {{encoded.data(), encoded.size()}, slice(value)};
    if (status.ok())
      status = writes.Put(rocksdb::SliceParts(key_parts, 1), rocksdb::SliceParts(value_parts, 2));
  }
  for (const std::string& key : batch.deletes) {
    if (status.ok()) status = writes.Delete(key);
  }
  return status.ok() ? db_->Write({}, &writes) : status;
}

Result<void> EmbeddedRecords::check(const std::vector<Precondition>& preconditions) const {
  for (const Precondition& precondition : preconditions) {
    TRY(std::optional<Record> record, get(precondition.key));
    if ((record ? record->revision : 0) != precondition.revision) {
      return fail(std::string(kConflict),
                  "The resource was changed by another request while this one was in progress. Try again.",
                  409);
    }
  }
  return {};
}

rocksdb::Status EmbeddedRecords::next_revision(Revision& revision) {
  revision = next_revision_.fetch_add(1);
  if (revision < revision_bound_) return rocksdb::Status::OK();
  std::lock_guard lock(raising_bound_);
  while (revision >= revision_bound_) {
    Revision bound = revision_bound_ + kBoundStep;
    RevisionBytes encoded = encode(bound);
    rocksdb::Status status = db_->Put({}, slice(kRevisionBound), {encoded.data(), encoded.size()});
    if (!status.ok()) return status;
    revision_bound_ = bound;
  }
  return rocksdb::Status::OK();
}

// RocksDB refuses writes after an I/O error until it has written its memory out into new files. Of many
// writers that find it so one asks, and while that fails the others take its answer.
rocksdb::Status EmbeddedRecords::recover() {
  std::lock_guard lock(recovering_);
  auto now = std::chrono::steady_clock::now();
  if (!last_recovery_.ok() && now - last_try_ < kBetweenTries) return last_recovery_;
  std::uint64_t errors = property(rocksdb::DB::Properties::kBackgroundErrors);
  last_recovery_ = db_->Resume();
  if (last_recovery_.ok()) last_recovery_ = await_tables(errors);
  last_try_ = std::chrono::steady_clock::now();
  if (last_recovery_.ok()) log::info("store writes again");
  return last_recovery_;
}

// After a failed sync the kernel may take pages of the log for written that are not: no later sync of that
// log can be believed. Writing the memory out into tables leaves the log behind and makes all of it durable.
Result<void> EmbeddedRecords::sync() {
  rocksdb::Status status = log_suspect_ ? write_out() : logs_->sync();
  log_suspect_ = !status.ok();
  if (!status.ok()) return std::unexpected(error_of(status, "syncing"));
  return {};
}

rocksdb::Status EmbeddedRecords::write_out() {
  std::uint64_t errors = property(rocksdb::DB::Properties::kBackgroundErrors);
  rocksdb::Status status = db_->Flush({});
  if (status.IsIOError()) {
    status = recover();
    errors = property(rocksdb::DB::Properties::kBackgroundErrors);
    if (status.ok()) status = db_->Flush({});
  }
  return status.ok() ? await_tables(errors) : status;
}

// Once a recovery has failed, Flush() and Resume() of RocksDB 7.8 may answer OK while the writing still runs;
// so what they promise is looked for. `errors`: how many background errors there were before they were
// called.
rocksdb::Status EmbeddedRecords::await_tables(std::uint64_t errors) const {
  auto deadline = std::chrono::steady_clock::now() + kLongestFlush;
  while (property(rocksdb::DB::Properties::kNumImmutableMemTable) > 0) {
    if (property(rocksdb::DB::Properties::kBackgroundErrors) != errors) {
      return rocksdb::Status::IOError("tables cannot be written");
    }
    if (std::chrono::steady_clock::now() > deadline) return rocksdb::Status::IOError("tables take too long");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return rocksdb::Status::OK();
}

std::uint64_t EmbeddedRecords::property(const std::string& name) const {
  std::uint64_t value = 0;
  db_->GetIntProperty(name, &value);
  return value;
}

}  // namespace gatehouse::store
