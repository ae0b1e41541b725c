// A published table: readers take an immutable shard without a lock, writers copy the one shard they change.
//
// A change is published after its commit and before it is acknowledged. Two changes of one key may be
// published out of order by two threads; the revision decides, and a removal leaves a tombstone so that it is
// not undone by a late put.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/store.h"

namespace gatehouse::account {

template <typename T>
class Table {
 public:
  using Ptr = std::shared_ptr<const T>;

  Ptr find(std::string_view key) const {
    const auto map = shard(key).map.load(std::memory_order_acquire);
    if (!map) return nullptr;
    const auto it = map->find(key);
    return it == map->end() ? nullptr : it->second.value;
  }

  // Entries whose key begins with `prefix`, ordered by key.
  std::vector<Ptr> list(std::string_view prefix) const {
    std::map<std::string_view, Ptr> sorted;
    std::vector<std::shared_ptr<const Map>> keep;
    for (const Shard& s : shards_) {
      auto map = s.map.load(std::memory_order_acquire);
      if (!map) continue;
      for (const auto& [key, slot] : *map) {
        if (slot.value && key.starts_with(prefix)) sorted.emplace(key, slot.value);
      }
      keep.push_back(std::move(map));
    }
    std::vector<Ptr> out;
    out.reserve(sorted.size());
    for (auto& [key, value] : sorted) out.push_back(std::move(value));
    return out;
  }

  void publish(std::string_view key, Ptr value, store::Revision revision) {
    Shard& s = shard(key);
    const std::lock_guard lock(s.writing);
    const auto old = s.map.load(std::memory_order_acquire);
    auto next = old ? std::make_shared<Map>(*old) : std::make_shared<Map>();
    Slot& slot = (*next)[std::string(key)];
    if (slot.revision >= revision) return;
    slot = {std::move(value), revision};
    s.map.store(std::move(next), std::memory_order_release);
  }
  void remove(std::string_view key, store::Revision revision) { publish(key, nullptr, revision); }

 private:
  struct Slot {
    Ptr value;  // null: removed at `revision`
    store::Revision revision = 0;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };
  using Map = std::unordered_map<std::string, Slot, Hash, std::equal_to<>>;
  struct Shard {
    std::atomic<std::shared_ptr<const Map>> map;
    std::mutex writing;
  };
  static constexpr size_t kShards = 256;

  Shard& shard(std::string_view key) { return shards_[Hash{}(key) % kShards]; }
  const Shard& shard(std::string_view key) const { return shards_[Hash{}(key) % kShards]; }

  std::array<Shard, kShards> shards_;
};

}  // namespace gatehouse::account
