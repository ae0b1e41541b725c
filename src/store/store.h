// Where everything is kept: ordered records with atomic batches, and blobs.
//
// Keys are `kind/account/region/name…`. A commit is one atomic batch with preconditions inside one partition,
// because that is what every distributed engine can promise; nothing needs a transaction across partitions.
// When commit() or Blobs::seal() has returned, the data is on disk and survives kill -9 and a power cut.
// All functions may be called from any thread. commit() blocks for a sync shared by all who wait (group
// commit); get() and scan() may read the disk. A full disk is ServiceUnavailable 503 and an I/O error
// InternalFailure 500; the store goes on, and writes again once it can.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace gatehouse::store {

// Grows with every write of the record; 0 means the record does not exist. Never reused after a delete and
// re-create.
using Revision = std::uint64_t;

struct Record {
  std::string value;
  Revision revision = 0;
};

// The record must be at this revision when the batch commits; 0: must not exist.
struct Precondition {
  std::string key;
  Revision revision = 0;
};

struct Batch {
  std::vector<std::pair<std::string, std::string>> puts;
  std::vector<std::string> deletes;
  std::vector<Precondition> preconditions;
};

struct Entry {
  std::string key;
  Record record;
};

// How far a read may go: whoever must not block stops where the disk begins, and is told kNotInMemory.
enum class Reach : std::uint8_t { disk, memory };

inline constexpr std::string_view kNotInMemory = "NotInMemory";

class Records {
 public:
  virtual ~Records() = default;

  virtual Result<std::optional<Record>> get(std::string_view key, Reach reach) const = 0;
  Result<std::optional<Record>> get(std::string_view key) const { return get(key, Reach::disk); }

  // Entries with `prefix`, in byte order, first those at or after `from` (when not empty), at most `limit`.
  virtual Result<std::vector<Entry>> scan(std::string_view prefix, std::string_view from,
                                          size_t limit) const = 0;
  // The same without copying values the visitor does not want; stops when it returns false.
  using Visitor = std::function<bool(std::string_view key, std::string_view value, Revision revision)>;
  virtual Result<void> visit(std::string_view prefix, std::string_view from,
                             const Visitor& visitor) const = 0;

  // All or nothing. `partition` names what the batch must be atomic within; every key of one commit belongs
  // to it. A failed precondition is ConflictException 409 (kConflict) and changes nothing. Returns the
  // revision given to every put of the batch. After any other error the outcome is unknown, as with an answer
  // lost on the way: read again before acting on what the record was.
  virtual Result<Revision> commit(std::string_view partition, Batch batch) = 0;
};

inline constexpr std::string_view kConflict = "ConflictException";

// Writing one blob: append, then seal, then commit the record that names it, then let the writer go: while it
// lives the sweep leaves its blob alone. Dropped without seal() it leaves nothing that the sweep does not
// collect. One thread at a time.
class BlobWriter {
 public:
  virtual ~BlobWriter() = default;
  virtual Result<void> append(std::string_view data) = 0;
  // Flushes data and directory to disk and returns the id by which a record names the blob.
  virtual Result<std::string> seal() = 0;
};

// May be read from several threads at once. A blob removed meanwhile can be read to its end.
class BlobReader {
 public:
  virtual ~BlobReader() = default;
  virtual std::uint64_t size() const = 0;
  // Fills `out` from `offset`; returns the bytes read, fewer only at the end.
  virtual Result<size_t> read(std::uint64_t offset, std::span<char> out) const = 0;
};

class Blobs {
 public:
  virtual ~Blobs() = default;
  virtual Result<std::unique_ptr<BlobWriter>> create() = 0;
  virtual Result<std::unique_ptr<BlobReader>> open(std::string_view id) const = 0;
  virtual Result<void> remove(std::string_view id) = 0;
  // The ids of all sealed blobs, and how large each is.
  using BlobVisitor = std::function<void(std::string_view id, std::uint64_t size)>;
  virtual Result<void> visit(const BlobVisitor& visitor) const = 0;
  // Removes sealed blobs that `named` does not claim and drafts of writers that are gone; returns how many.
  // `named` must answer from the records as they are at its first call or later, not from an earlier scan.
  virtual Result<size_t> sweep(const std::function<bool(std::string_view id)>& named) = 0;
};

// A name that must be unique across partitions (a bucket's, an access key's), in three steps: reserve it,
// create the thing in its own partition, confirm it. Between the first and the last a competitor who finds
// that the owner does not exist may take the name over (the first may have crashed); confirm() then fails,
// and the loser undoes its creation and answers that the name is taken. On failure before, release.
class Names {
 public:
  Names(Records& records, std::string kind) : records_(records), kind_(std::move(kind)) {}

  // Whose `name` is, or nullopt.
  Result<std::optional<std::string>> owner(std::string_view name) const;
  // kConflict if it is taken by another owner that exists. Reserving for the same owner again succeeds.
  Result<void> reserve(std::string_view name, std::string_view owner,
                       const std::function<Result<bool>(std::string_view owner)>& exists);
  // kConflict if another owner took the name since it was reserved.
  Result<void> confirm(std::string_view name, std::string_view owner);
  // Does nothing where the name is not this owner's.
  Result<void> release(std::string_view name, std::string_view owner);

 private:
  std::string key_of(std::string_view name) const { return kind_ + "/" + std::string(name); }

  Records& records_;
  std::string kind_;
};

// The embedded engine: RocksDB for records and files for blobs, below `directory` (made 0700 if absent).
// Refuses a directory that a newer Gatehouse wrote, or that another process holds, with a message that says
// so.
struct Embedded {
  std::unique_ptr<Records> records;
  std::unique_ptr<Blobs> blobs;
};
Result<Embedded> open_embedded(const std::string& directory);

}  // namespace gatehouse::store
