#include "policy/document/json_tree.h"
#include "policy/match/text.h"
#include "policy/policy.h"

namespace gatehouse::policy {

void Context::clear() {
  seen_ = 0;
  hashes_.clear();
  entries_.clear();
  values_.clear();
}

void Context::set(std::string_view key, std::string_view value) {
  add(key, 1, false);
  values_.push_back(value);
}

void Context::set(std::string_view key, std::span<const std::string_view> values) {
  add(key, values.size(), true);
  values_.insert(values_.end(), values.begin(), values.end());
}

// Setting a key again replaces it; its old values stay behind unused until clear().
void Context::add(std::string_view key, std::size_t count, bool multivalued) {
  const Entry entry{key, static_cast<std::uint32_t>(values_.size()), static_cast<std::uint32_t>(count),
                    multivalued};
  const std::uint64_t hash = hash_folded(key);
  if (const Entry* old = find(hash, key)) {
    entries_[static_cast<std::size_t>(old - entries_.data())] = entry;
    return;
  }
  seen_ |= seen(hash);
  hashes_.push_back(hash);
  entries_.push_back(entry);
}

const Context::Entry* Context::find(std::uint64_t hash, std::string_view key) const {
  if ((seen_ & seen(hash)) == 0) return nullptr;
  for (std::size_t i = 0; i < hashes_.size(); ++i) {
    if (hashes_[i] == hash && equal_ignoring_case(entries_[i].key, key)) return &entries_[i];
  }
  return nullptr;
}

const Context::Entry* Context::find(std::string_view key) const { return find(hash_folded(key), key); }

}  // namespace gatehouse::policy
