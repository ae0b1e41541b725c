#include "store/embedded/records.h"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <functional>

#include "base/log.h"
#include "store/embedded/status.h"

namespace gatehouse::store {

namespace {

constexpr auto kBetweenTries = std::chrono::milliseconds(200);

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }

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
  return std::ranges::none_of(batch.puts, is_ours, &std::pair<std::string, std::string>::first) &&
         std::ranges::none_of(batch.deletes, is_ours);
}

Result<std::optional<Record>> read(const Database& database, std::string_view key,
                                   Reach reach = Reach::disk) {
  if (is_ours(key)) return std::nullopt;
  rocksdb::PinnableSlice stored;
  rocksdb::Status status = database.get(key, stored, reach);
  if (status.IsNotFound()) return std::nullopt;
  if (status.IsIncomplete()) return fail(std::string(kNotInMemory), "", 503);
  if (!status.ok()) return std::unexpected(error_of(status, "reading"));
  Revision revision = decode(stored);
  if (revision == 0) return damaged(key);
  return Record{std::string(bytes_of(stored)), revision};
}

}  // namespace

EmbeddedRecords::EmbeddedRecords(std::shared_ptr<Home> home, std::shared_ptr<Database> database)
    : home_(std::move(home)),
      database_(std::move(database)),
      last_revision_(database_->bound()),
      group_sync_([this] { return sync(); }) {}

Result<std::unique_ptr<EmbeddedRecords>> EmbeddedRecords::open(std::shared_ptr<Home> home) {
  std::shared_ptr<Database> database;
  rocksdb::Status status = Database::open(*home, database);
  if (!status.ok()) {
    return fail("DataDirectoryUnusable",
                "The records in \"" + home->path("records") + "\" cannot be opened: " + status.ToString(),
                500);
  }
  return std::unique_ptr<EmbeddedRecords>(new EmbeddedRecords(std::move(home), std::move(database)));
}

Result<std::optional<Record>> EmbeddedRecords::get(std::string_view key, Reach reach) const {
  return read(*current(), key, reach);
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
  std::shared_ptr<Database> database = current();
  std::unique_ptr<rocksdb::Iterator> it = database->iterate(options);
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
  TRY(Written written, write(partition, batch));
  CHECK_OK(group_sync_.wait());
  // The sync was of the current opening; it says nothing about the log of one before.
  if (current() != written.to) return internal_failure();
  return written.revision;
}

Result<EmbeddedRecords::Written> EmbeddedRecords::write(std::string_view partition, const Batch& batch) {
  std::lock_guard lock(stripes_[std::hash<std::string_view>{}(partition) % kStripes]);
  TRY(std::shared_ptr<Database> database, writable());
  CHECK_OK(check(*database, batch.preconditions));
  Revision revision = ++last_revision_;
  rocksdb::Status status = apply(*database, batch, revision);
  if (!status.ok()) return std::unexpected(error_of(status, "committing"));
  return Written{std::move(database), revision};
}

Result<void> EmbeddedRecords::check(const Database& database,
                                    const std::vector<Precondition>& preconditions) const {
  for (const Precondition& precondition : preconditions) {
    TRY(std::optional<Record> record, read(database, precondition.key));
    if ((record ? record->revision : 0) != precondition.revision) {
      return fail(std::string(kConflict),
                  "The resource was changed by another request while this one was in progress. Try again.",
                  409);
    }
  }
  return {};
}

rocksdb::Status EmbeddedRecords::apply(Database& database, const Batch& batch, Revision revision) const {
  rocksdb::Status status = database.allow(revision);
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
  return status.ok() ? database.write(writes) : status;
}

std::shared_ptr<Database> EmbeddedRecords::current() const {
  std::shared_lock lock(swapping_);
  return database_;
}

Result<std::shared_ptr<Database>> EmbeddedRecords::writable() {
  std::shared_ptr<Database> database = current();
  if (!database->failed()) return database;
  rocksdb::Status status = open_anew();
  if (!status.ok()) return std::unexpected(error_of(status, "opening anew"));
  return current();
}

// Of many writers that find the database failed one opens it anew, and while that fails the others take its
// answer.
rocksdb::Status EmbeddedRecords::open_anew() {
  std::lock_guard lock(opening_);
  std::shared_ptr<Database> old = current();
  if (!old->failed()) return rocksdb::Status::OK();
  if (!last_answer_.ok() && std::chrono::steady_clock::now() - last_try_ < kBetweenTries) return last_answer_;
  old->fence();
  std::shared_ptr<Database> anew;
  last_answer_ = Database::open(*home_, anew);
  last_try_ = std::chrono::steady_clock::now();
  if (!last_answer_.ok()) return last_answer_;
  std::unique_lock swap(swapping_);
  database_ = std::move(anew);
  log::info("store writes again");
  return last_answer_;
}

Result<void> EmbeddedRecords::sync() {
  rocksdb::Status status = current()->sync();
  if (!status.ok()) return std::unexpected(error_of(status, "syncing"));
  return {};
}

}  // namespace gatehouse::store
