// A name's record is {"v":1,"owner":…,"held":bool} and is its own partition. Every step is one commit that
// asserts the revision it read, so of any two that compete one wins and the other reads again.
#include <fmt/core.h>

#include "base/json.h"
#include "store/store.h"

namespace gatehouse::store {

namespace {

// Each try that loses means that somebody else's won; this many in a row is a fault.
constexpr int kTries = 64;

struct Holding {
  std::string owner;
  bool held = false;
  Revision revision = 0;
};

Result<std::optional<Holding>> read(const Records& records, const std::string& key) {
  TRY(std::optional<Record> record, records.get(key));
  if (!record) return std::nullopt;
  TRY(json::value parsed, json::parse(record->value));
  if (!parsed.is_object()) return internal_failure();
  const json::object& object = parsed.get_object();
  return Holding{json::string_or(object, "owner", ""), json::bool_or(object, "held", false),
                 record->revision};
}

Result<Revision> write(Records& records, const std::string& key, std::string_view owner, bool held,
                       Revision expected) {
  json::object object{{"v", 1}, {"owner", owner}, {"held", held}};
  Batch batch;
  batch.puts.emplace_back(key, json::dump(object));
  batch.preconditions.push_back({key, expected});
  return records.commit(key, std::move(batch));
}

std::unexpected<Error> taken(std::string_view name) {
  return fail(std::string(kConflict), fmt::format("The name {} is already taken.", name), 409);
}

bool is_conflict(const Error& error) { return error.code == kConflict; }

}  // namespace

Result<std::optional<std::string>> Names::owner(std::string_view name) const {
  TRY(std::optional<Holding> holding, read(records_, key_of(name)));
  if (!holding) return std::nullopt;
  return std::move(holding->owner);
}

Result<void> Names::reserve(std::string_view name, std::string_view owner,
                            const std::function<Result<bool>(std::string_view owner)>& exists) {
  std::string key = key_of(name);
  for (int i = 0; i < kTries; ++i) {
    TRY(std::optional<Holding> holding, read(records_, key));
    if (holding && holding->owner == owner) return {};
    if (holding) {
      TRY(bool alive, exists(holding->owner));
      if (alive) return taken(name);
    }
    auto written = write(records_, key, owner, false, holding ? holding->revision : 0);
    if (written) return {};
    if (!is_conflict(written.error())) return std::unexpected(std::move(written).error());
  }
  return taken(name);
}

Result<void> Names::confirm(std::string_view name, std::string_view owner) {
  std::string key = key_of(name);
  for (int i = 0; i < kTries; ++i) {
    TRY(std::optional<Holding> holding, read(records_, key));
    if (!holding || holding->owner != owner) return taken(name);
    if (holding->held) return {};
    auto written = write(records_, key, owner, true, holding->revision);
    if (written) return {};
    if (!is_conflict(written.error())) return std::unexpected(std::move(written).error());
  }
  return taken(name);
}

Result<void> Names::release(std::string_view name, std::string_view owner) {
  std::string key = key_of(name);
  for (int i = 0; i < kTries; ++i) {
    TRY(std::optional<Holding> holding, read(records_, key));
    if (!holding || holding->owner != owner) return {};
    Batch batch;
    batch.deletes.push_back(key);
    batch.preconditions.push_back({key, holding->revision});
    auto written = records_.commit(key, std::move(batch));
    if (written) return {};
    if (!is_conflict(written.error())) return std::unexpected(std::move(written).error());
  }
  return internal_failure();
}

}  // namespace gatehouse::store
