// Records in memory, for tests: the contract of store.h without a disk.
#pragma once

#include <map>
#include <mutex>

#include "store/store.h"

namespace gatehouse::kube::testing {

class MemoryRecords final : public store::Records {
 public:
  using Records::get;
  Result<std::optional<store::Record>> get(std::string_view key, store::Reach) const override {
    const std::lock_guard lock(mutex_);
    const auto it = records_.find(key);
    return it == records_.end() ? std::nullopt : std::optional(it->second);
  }

  Result<std::vector<store::Entry>> scan(std::string_view prefix, std::string_view from,
                                         size_t limit) const override {
    std::vector<store::Entry> out;
    const std::lock_guard lock(mutex_);
    for (auto it = records_.lower_bound(std::max(prefix, from)); it != records_.end() && out.size() < limit;
         ++it) {
      if (!it->first.starts_with(prefix)) break;
      out.push_back({it->first, it->second});
    }
    return out;
  }

  Result<void> visit(std::string_view prefix, std::string_view from, const Visitor& visitor) const override {
    const auto entries = *scan(prefix, from, SIZE_MAX);
    for (const store::Entry& entry : entries)
      if (!visitor(entry.key, entry.record.value, entry.record.revision)) break;
    return {};
  }

  Result<store::Revision> commit(std::string_view, store::Batch batch) override {
    const std::lock_guard lock(mutex_);
    if (failing) return fail("InternalFailure", "the disk is full", 500);
    for (const store::Precondition& p : batch.preconditions) {
      const auto it = records_.find(p.key);
      if ((it == records_.end() ? 0 : it->second.revision) != p.revision)
        return fail(std::string(store::kConflict), p.key, 409);
    }
    ++revision_;
    for (auto& [key, value] : batch.puts) records_[key] = {std::move(value), revision_};
    for (const std::string& key : batch.deletes) records_.erase(key);
    return revision_;
  }

  size_t size() const {
    const std::lock_guard lock(mutex_);
    return records_.size();
  }

  bool failing = false;  // commits fail

 private:
  mutable std::mutex mutex_;
  std::map<std::string, store::Record, std::less<>> records_;
  store::Revision revision_ = 0;
};

}  // namespace gatehouse::kube::testing
