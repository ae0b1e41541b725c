#include "store/gathered.h"

#include <algorithm>

namespace gatehouse::store {

Result<Revision> Gathered::commit(std::string_view partition, Batch batch) {
  auto it = std::ranges::find(kept_, partition, &Kept::partition);
  if (it == kept_.end()) it = kept_.insert(it, Kept{std::string(partition), {}, {}});
  for (const Precondition& p : batch.preconditions) it->preconditions.try_emplace(p.key, p.revision);
  for (auto& [key, value] : batch.puts) it->values.insert_or_assign(std::move(key), std::move(value));
  for (auto& key : batch.deletes) it->values.insert_or_assign(std::move(key), std::nullopt);
  return next_++;
}

Result<void> Gathered::flush() {
  for (Kept& kept : kept_) {
    Batch batch;
    for (const auto& [key, revision] : kept.preconditions) batch.preconditions.push_back({key, revision});
    for (auto& [key, value] : kept.values) {
      if (value) {
        batch.puts.emplace_back(key, std::move(*value));
      } else {
        batch.deletes.push_back(key);
      }
    }
    CHECK_OK(records_.commit(kept.partition, std::move(batch)));
  }
  kept_.clear();
  return {};
}

}  // namespace gatehouse::store
