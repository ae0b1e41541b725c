// A published table: readers take an immutable shard without a lock, writers copy the one shard they change.
//
// A change is published after its commit and before it is acknowledged. Two changes of one key may be
// published out of order by two threads; the revision decides, and a removal leaves a tombstone so that it is
// not undone by a late put.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
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
    std::vector<std::pair<std::string_view, Ptr>> found;
    std::vector<std::shared_ptr<const Map>> keep;
    for (const Shard& s : shards_) {
      auto map = s.map.load(std::memory_order_acquire);
      if (!map) continue;
      for (const auto& [key, slot] : *map) {
        if (slot.value && key.starts_with(prefix)) found.emplace_back(key, slot.value);
      }
      keep.push_back(std::move(map));
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<Ptr> out;
    out.reserve(found.size());
    for (auto& [key, value] : found) out.push_back(std::move(value));
    return out;
  }

  // In no order, and without making a list of them.
  template <typename Visit>
  void each(std::string_view prefix, Visit visit) const {
    for (const Shard& s : shards_) {
      const auto map = s.map.load(std::memory_order_acquire);
      if (!map) continue;
      for (const auto& [key, slot] : *map) {
        if (slot.value && key.starts_with(prefix)) visit(*slot.value);
      }
    }
  }

  // What the store holds, before there are readers: a shard is made once, not once an entry.
  struct Loaded {
    std::string key;
    Ptr value;
    store::Revision revision = 0;
  };
  void load(std::vector<Loaded> all) {
    std::array<std::shared_ptr<Map>, kShards> maps;
    for (Loaded& one : all) {
      auto& map = maps[Hash{}(one.key) % kShards];
      if (!map) map = std::make_shared<Map>();
      (*map)[std::move(one.key)] = {std::move(one.value), one.revision};
    }
    for (size_t i = 0; i < kShards; ++i) shards_[i].map.store(std::move(maps[i]), std::memory_order_release);
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

  // Where `was` stands, and only there, puts `value`, as old as it was.
  void replace(std::string_view key, const T* was, Ptr value) {
    Shard& s = shard(key);
    const std::lock_guard lock(s.writing);
    const auto old = s.map.load(std::memory_order_acquire);
    if (!old) return;
    const auto it = old->find(key);
    if (it == old->end() || it->second.value.get() != was) return;
    auto next = std::make_shared<Map>(*old);
    next->find(key)->second.value = std::move(value);
    s.map.store(std::move(next), std::memory_order_release);
  }

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
