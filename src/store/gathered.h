// Many small commits as few: for whoever fills a part of the store that nobody else knows of yet.
//
// commit() keeps what it is given; flush() writes it, one batch a partition, the partitions in the order they
// were first named. Until then reads do not see it, and its revisions are not the store's. One thread.
#pragma once

#include <map>
#include <vector>

#include "store/store.h"

namespace gatehouse::store {

class Gathered : public Records {
 public:
  explicit Gathered(Records& records) : records_(records) {}

  Result<std::optional<Record>> get(std::string_view key, Reach reach) const override {
    return records_.get(key, reach);
  }
  Result<std::vector<Entry>> scan(std::string_view prefix, std::string_view from,
                                  size_t limit) const override {
    return records_.scan(prefix, from, limit);
  }
  Result<void> visit(std::string_view prefix, std::string_view from, const Visitor& visitor) const override {
    return records_.visit(prefix, from, visitor);
  }
  Result<Revision> commit(std::string_view partition, Batch batch) override;

  // kConflict where a key was not as the first commit that named it wanted.
  Result<void> flush();

 private:
  struct Kept {
    std::string partition;
    std::map<std::string, Revision, std::less<>> preconditions;             // of each key the first
    std::map<std::string, std::optional<std::string>, std::less<>> values;  // null: deleted
  };

  Records& records_;
  std::vector<Kept> kept_;
  Revision next_ = 1;
};

}  // namespace gatehouse::store
