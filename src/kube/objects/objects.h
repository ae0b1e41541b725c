// A cluster's objects: kept in the store, held in memory, watched.
//
// Each kind of a cluster is one partition of the store, `kube/HEX/RESOURCE`, with a record an object. Reads
// come from memory and take a shared lock for the time of a look-up. A write commits to the store first,
// outside any lock, and is published to memory and to watchers afterwards, in the order of resource versions,
// so that a watcher who has seen version N has seen everything before it. put() and remove() return once
// their own change is published.
//
// A resource version counts the cluster's writes. It never runs backwards, across restarts too: versions are
// reserved in blocks, and a watch that asks from before the last start is told that its version is too old
// (410).
//
// A collection is named by Kind::kept_as(), so that a kind and the views of it share one. Which kinds there
// are follows from the CustomResourceDefinitions among the objects.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "kube/schema/kind_set.h"
#include "store/store.h"

namespace gatehouse::kube {

using Version = std::uint64_t;

// An object as it was at one version; immutable.
struct Stored {
  std::string ns, name;
  Version version = 0;
  store::Revision revision = 0;
  json::object object;  // without apiVersion and kind
  std::string text;     // the same, written
};
using StoredPtr = std::shared_ptr<const Stored>;

struct Change {
  enum class Type : std::uint8_t { added, modified, removed };
  Type type;
  Version version;
  StoredPtr before, after;  // after is, for a removal, the object as it last was, at the removal's version
};

struct Snapshot {
  std::vector<StoredPtr> items;  // by namespace, then name
  Version version = 0;
  // Of one page of a list: the token for the next, and how many are behind it where that is known.
  std::string next{};
  size_t remaining = 0;
};

class Objects {
 public:
  // Reads all of the cluster's objects. `records` outlives this.
  static Result<std::unique_ptr<Objects>> load(store::Records& records, std::string hex);

  StoredPtr find(const Kind& kind, std::string_view ns, std::string_view name) const;
  Snapshot list(const Kind& kind, std::string_view ns) const;  // ns "": all
  // As it was at a version: Expired (410) if that is no longer known, Timeout (504) if it is yet to come.
  Result<Snapshot> list_at(const Kind& kind, std::string_view ns, Version version) const;
  Version version() const;
  KindSetPtr kinds() const;
  // Whether there are such objects still: the kind's definition may be gone, or the cluster.
  bool serves(const Kind& kind) const;

  // Writes an object whose metadata names it. `before` is what it replaces, null to create: AlreadyExists if
  // there is one, Conflict or NotFound if `before` is no longer current. Sets metadata.resourceVersion.
  Result<StoredPtr> put(const Kind& kind, json::object object, const StoredPtr& before);
  Result<StoredPtr> remove(const Kind& kind, const StoredPtr& before);

  // What has changed in a kind since a version.
  class Subscription {
   public:
    ~Subscription();
    // Takes up to `limit` further changes. False: they are no longer known, and the watcher must list again.
    bool take(std::vector<Change>& out, size_t limit);
    Version version() const { return version_; }  // of the last change taken, or of the start
    bool can_go_on(const Kind& kind) const { return owner_->serves(kind); }

   private:
    friend class Objects;
    Objects* owner_ = nullptr;
    std::string collection_;
    std::uint64_t next_ = 0;  // index of the next change
    Version version_ = 0;
    std::uint64_t id_ = 0;
  };
  // Expired (410) if changes after `from` are no longer known. `wake` is called, from the thread that wrote,
  // whenever there is more; it must not block.
  Result<std::unique_ptr<Subscription>> subscribe(const Kind& kind, Version from, std::function<void()> wake);

  // Removes everything the cluster has. Nothing else may use it meanwhile.
  Result<void> clear();

 private:
  struct Collection {
    std::map<std::pair<std::string, std::string>, StoredPtr, std::less<>> items;
    std::deque<Change> history;
    std::uint64_t first_index = 0;  // of history.front()
    Version forgotten = 0;          // changes up to this version are not in history
    std::map<std::uint64_t, std::function<void()>> watchers;
  };
  struct Pending {
    std::string collection;
    std::optional<Change> change;  // nullopt: the commit failed
    bool done = false;
  };

  Objects(store::Records& records, std::string hex) : records_(records), hex_(std::move(hex)) {}
  Result<void> load_all();
  Result<void> load_kind(const Kind& kind);
  void learn_kinds();
  Result<void> reserve_versions();
  Result<StoredPtr> write(const Kind& kind, std::shared_ptr<Stored> after, const StoredPtr& before,
                          Change::Type type);
  Result<store::Revision> commit(const Kind& kind, Version version, Stored& after, const StoredPtr& before,
                                 Change::Type type);
  Result<Version> begin(const Kind& kind, const Stored& object, const StoredPtr& before, Change::Type type,
                        std::unique_lock<std::shared_mutex>& lock);
  void publish(std::unique_lock<std::shared_mutex>& lock);
  std::string partition(const Kind& kind) const;
  std::string key(const Kind& kind, std::string_view ns, std::string_view name) const;

  store::Records& records_;
  const std::string hex_;
  mutable std::shared_mutex mutex_;
  std::condition_variable_any turned_;
  std::unordered_map<std::string, Collection> collections_;
  KindSetPtr kinds_ = KindSet::built_in();
  bool cleared_ = false;
  std::map<Version, Pending> pending_;          // begun and not yet published, in order
  std::set<std::string, std::less<>> writing_;  // keys under way: a second writer of the same waits
  Version next_ = 1, reserved_ = 0, published_ = 0;
  store::Revision reserved_revision_ = 0;
  std::uint64_t next_watcher_ = 1;
};

}  // namespace gatehouse::kube
