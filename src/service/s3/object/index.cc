#include "service/s3/object/index.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/log.h"
#include "service/s3/bucket/names.h"
#include "service/s3/errors.h"

namespace gatehouse::service::s3 {
namespace {

// Contenders for one key are served in turn by the store; more rounds than this is one writer starving.
constexpr int kRounds = 64;
constexpr int kSequenceShift = 20;  // a million changes of one key in a millisecond
constexpr size_t kSequenceBytes = 8;
constexpr size_t kVersionBytes = 24;  // a sequence and sixteen random bytes: 32 characters of Base64

bool lost_race(const Error& e) { return e.code == store::kConflict; }

std::optional<std::uint64_t> sequence_of(std::string_view version_id) {
  const auto bytes = unbase64url(version_id);
  if (!bytes || bytes->size() != kVersionBytes) return std::nullopt;
  std::uint64_t sequence = 0;
  for (size_t i = 0; i < kSequenceBytes; ++i)
    sequence = sequence << 8 | static_cast<unsigned char>((*bytes)[i]);
  return sequence;
}

std::string older_prefix(const Bucket& bucket, std::string_view key) {
  return bucket.prefix("version") + escaped(key);
}

const Object* visible(const ObjectPtr& object) {
  return object != nullptr && !object->marker ? object.get() : nullptr;
}

}  // namespace

// One batch on one key, and the data it lets go of.
struct Index::Change {
  store::Batch batch;
  std::vector<Segment> dropped;

  void drop(const Object& object) {
    dropped.insert(dropped.end(), object.segments.begin(), object.segments.end());
  }
};

std::string object_key(const Bucket& bucket, std::string_view key) {
  return bucket.prefix("object").append(key);
}

std::string version_key(const Bucket& bucket, std::string_view key, std::uint64_t sequence) {
  return older_prefix(bucket, key) + descending(sequence);
}

Result<ObjectPtr> Index::read(const std::string& record_key, store::Reach reach) const {
  TRY(const auto record, records_.get(record_key, reach));
  if (!record) return nullptr;
  TRY(auto object, object_from_record(record->value, record->revision));
  return std::make_shared<const Object>(std::move(object));
}

Result<ObjectPtr> Index::current(const Bucket& bucket, std::string_view key, store::Reach reach) const {
  return read(object_key(bucket, key), reach);
}

Result<ObjectPtr> Index::version(const Bucket& bucket, std::string_view key, std::string_view id) const {
  TRY(auto now, current(bucket, key));
  if (now != nullptr && now->version_or_null() == id) return now;
  if (id == "null") return null_version(bucket, key);
  const auto sequence = sequence_of(id);
  if (!sequence) return fail(error::invalid_argument("Invalid version id specified", "versionId", id));
  TRY(auto older, read(version_key(bucket, key, *sequence)));
  if (older != nullptr && older->version != id) return nullptr;
  return older;
}

// Only buckets that suspended versioning, or had objects before it, have one among the older versions.
Result<ObjectPtr> Index::null_version(const Bucket& bucket, std::string_view key) const {
  if (!bucket.keeps_versions()) return nullptr;
  ObjectPtr found;
  Result<void> outcome;
  CHECK_OK(records_.visit(older_prefix(bucket, key), "",
                          [&](std::string_view, std::string_view value, store::Revision revision) {
                            auto object = object_from_record(value, revision);
                            if (!object) {
                              outcome = std::unexpected(object.error());
                              return false;
                            }
                            if (!object->version.empty()) return true;
                            found = std::make_shared<const Object>(std::move(*object));
                            return false;
                          }));
  CHECK_OK(outcome);
  return found;
}

std::uint64_t Index::next_sequence(Time now, const ObjectPtr& current) {
  const auto least = static_cast<std::uint64_t>(now.time_since_epoch().count()) << kSequenceShift;
  std::uint64_t last = last_sequence_.load();
  std::uint64_t next = 0;
  do {
    next = std::max({least, last + 1, current ? current->sequence + 1 : 0});
  } while (!last_sequence_.compare_exchange_weak(last, next));
  return next;
}

std::string Index::version_id(std::uint64_t sequence) {
  std::string bytes;
  for (size_t i = kSequenceBytes; i-- > 0;) bytes += static_cast<char>(sequence >> (8 * i) & 0xff);
  return base64url(bytes + random_.bytes(kVersionBytes - kSequenceBytes));
}

// Between a call's head and its commit, a body of any length is read: versioning and Object Lock may have
// been enabled meanwhile, and count for what is dropped.
Result<BucketPtr> Index::newest(const Bucket& bucket) const {
  auto found = buckets_.find(bucket.name);
  if (found == nullptr || found->activity != bucket.activity) return fail(error::operation_aborted());
  return found;
}

// A lock that comes after this changes the record, which the batch asserts.
Result<void> Index::let_go(const Object& object, Change& change) const {
  if (object.lock.holds(clock_.now())) return fail(error::object_locked());
  change.drop(object);
  return {};
}

// What becomes of the current version when another takes its place.
Result<Index::Change> Index::displace(const Bucket& bucket, std::string_view key, const ObjectPtr& current,
                                      std::string_view by_version) const {
  Change change;
  const std::string at = object_key(bucket, key);
  change.batch.preconditions.push_back({at, current ? current->revision : 0});
  const bool replaced = current && by_version.empty() && current->version.empty();
  if (replaced) {
    CHECK_OK(let_go(*current, change));
    return change;
  }
  if (current)
    change.batch.puts.emplace_back(version_key(bucket, key, current->sequence), to_record(*current));
  if (!by_version.empty()) return change;
  // There is one null version at most: a new one takes the place of an older one.
  TRY(const auto null, null_version(bucket, key));
  if (null) {
    const std::string null_at = version_key(bucket, key, null->sequence);
    change.batch.preconditions.push_back({null_at, null->revision});
    change.batch.deletes.push_back(null_at);
    CHECK_OK(let_go(*null, change));
  }
  return change;
}

Result<void> Index::commit(const Bucket& bucket, std::string_view key, Change change) {
  CHECK_OK(records_.commit(bucket.index_partition(key), std::move(change.batch)));
  forget(change.dropped);
  return {};
}

// False: somebody else changed the key meanwhile.
Result<bool> Index::try_put(const Bucket& bucket, std::string_view key, Object& object,
                            const Condition& condition, const store::Batch& also) {
  TRY(const auto now, current(bucket, key));
  if (condition) CHECK_OK(condition(visible(now)));
  object.sequence = next_sequence(object.modified, now);
  object.version = bucket.versioning == Versioning::enabled ? version_id(object.sequence) : "";
  TRY(auto change, displace(bucket, key, now, object.version));
  change.batch.puts.emplace_back(object_key(bucket, key), to_record(object));
  std::ranges::copy(also.puts, std::back_inserter(change.batch.puts));
  std::ranges::copy(also.deletes, std::back_inserter(change.batch.deletes));
  std::ranges::copy(also.preconditions, std::back_inserter(change.batch.preconditions));
  auto committed = commit(bucket, key, std::move(change));
  if (committed) return true;
  if (lost_race(committed.error())) return false;
  return std::unexpected(std::move(committed).error());
}

Result<Object> Index::put(const Bucket& bucket, std::string_view key, Object object,
                          const Condition& condition, const store::Batch& also) {
  for (int round = 0; round < kRounds; ++round) {
    TRY(const auto as_it_is, newest(bucket));
    TRY(const bool done, try_put(*as_it_is, key, object, condition, also));
    if (done) return object;
    // What else was asserted is not this key's, and will not come back.
    for (const auto& [record, revision] : also.preconditions) {
      TRY(const auto now, records_.get(record));
      if ((now ? now->revision : 0) != revision) return fail(std::string(store::kConflict), "", 409);
    }
  }
  return fail(error::slow_down());
}

Result<void> Index::annotate(const Bucket& bucket, std::string_view key, const Object& object,
                             const std::function<void(Object&)>& change) {
  Object next = object;
  change(next);
  TRY(const auto now, current(bucket, key));
  const bool is_current = now != nullptr && now->sequence == object.sequence;
  const std::string at = is_current ? object_key(bucket, key) : version_key(bucket, key, object.sequence);
  store::Batch batch;
  batch.preconditions.push_back({at, object.revision});
  batch.puts.emplace_back(at, to_record(next));
  auto committed = records_.commit(bucket.index_partition(key), std::move(batch));
  if (committed) return {};
  if (lost_race(committed.error())) return fail(error::operation_aborted());
  return std::unexpected(std::move(committed).error());
}

Result<Removed> Index::remove(const Bucket& asked, std::string_view key, const Condition& condition) {
  for (int round = 0; round < kRounds; ++round) {
    TRY(const auto as_it_is, newest(asked));
    const Bucket& bucket = *as_it_is;
    TRY(const auto now, current(bucket, key));
    if (condition) CHECK_OK(condition(visible(now)));
    if (!now && !bucket.keeps_versions()) return Removed{};
    Object marker;
    marker.marker = true;
    marker.modified = clock_.now();
    Removed removed;
    Change change;
    if (bucket.keeps_versions()) {
      marker.sequence = next_sequence(marker.modified, now);
      marker.version = bucket.versioning == Versioning::enabled ? version_id(marker.sequence) : "";
      TRY(change, displace(bucket, key, now, marker.version));
      change.batch.puts.emplace_back(object_key(bucket, key), to_record(marker));
      removed = {true, std::string(marker.version_or_null())};
    } else {
      change.batch.preconditions.push_back({object_key(bucket, key), now->revision});
      change.batch.deletes.push_back(object_key(bucket, key));
      CHECK_OK(let_go(*now, change));
    }
    auto committed = commit(bucket, key, std::move(change));
    if (committed) return removed;
    if (!lost_race(committed.error())) return std::unexpected(std::move(committed).error());
  }
  return fail(error::slow_down());
}

// The newest of the older versions becomes current.
Result<void> Index::promote(const Bucket& bucket, std::string_view key, Change& change) const {
  TRY(const auto newest, records_.scan(older_prefix(bucket, key), "", 1));
  if (newest.empty()) return {};
  change.batch.puts.emplace_back(object_key(bucket, key), newest.front().record.value);
  change.batch.deletes.push_back(newest.front().key);
  return {};
}

// `now`: the current version. False: somebody else changed the key meanwhile.
Result<bool> Index::try_remove(const Bucket& bucket, std::string_view key, const ObjectPtr& now,
                               const Object& gone) {
  Change change;
  change.batch.preconditions.push_back({object_key(bucket, key), now ? now->revision : 0});
  change.drop(gone);
  if (now && now->sequence == gone.sequence) {
    change.batch.deletes.push_back(object_key(bucket, key));
    CHECK_OK(promote(bucket, key, change));
    if (!change.batch.puts.empty()) std::erase(change.batch.deletes, object_key(bucket, key));
  } else {
    const std::string at = version_key(bucket, key, gone.sequence);
    change.batch.preconditions.push_back({at, gone.revision});  // it may have been locked meanwhile
    change.batch.deletes.push_back(at);
  }
  auto committed = commit(bucket, key, std::move(change));
  if (committed) return true;
  if (lost_race(committed.error())) return false;
  return std::unexpected(std::move(committed).error());
}

Result<Removed> Index::remove_version(const Bucket& bucket, std::string_view key, std::string_view id,
                                      const Condition& condition) {
  for (int round = 0; round < kRounds; ++round) {
    TRY(const auto now, current(bucket, key));
    TRY(const auto gone, version(bucket, key, id));
    if (condition) CHECK_OK(condition(visible(gone)));
    if (!gone) return Removed{false, std::string(id)};
    TRY(const bool done, try_remove(bucket, key, now, *gone));
    if (done) return Removed{gone->marker, std::string(id)};
  }
  return fail(error::slow_down());
}

Result<bool> Index::remove_exactly(const Bucket& bucket, std::string_view key, const Object& object) {
  for (int round = 0; round < kRounds; ++round) {
    TRY(const auto now, current(bucket, key));
    const bool is_current = now && now->sequence == object.sequence;
    TRY(const auto older,
        is_current ? Result<ObjectPtr>(now) : read(version_key(bucket, key, object.sequence)));
    if (!older || older->lock.holds(clock_.now())) return false;
    TRY(const bool done, try_remove(bucket, key, now, *older));
    if (done) return true;
  }
  return fail(error::slow_down());
}

Result<bool> Index::is_empty(const Bucket& bucket) const {
  for (const std::string_view kind : {"object", "version"}) {
    TRY(const auto first, records_.scan(bucket.prefix(kind), "", 1));
    if (!first.empty()) return false;
  }
  return true;
}

void Index::forget(const std::vector<Segment>& segments) {
  for (const Segment& segment : segments) {
    if (auto removed = blobs_.remove(segment.blob); !removed)
      log::warning("blob stays until the next sweep",
                   {{"blob", segment.blob}, {"why", removed.error().message}});
  }
}

}  // namespace gatehouse::service::s3
