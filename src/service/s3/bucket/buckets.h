// All buckets: published configurations over their records, and the names they hold.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "account/directory/table.h"
#include "service/s3/bucket/bucket.h"
#include "store/store.h"

namespace gatehouse::service::s3 {

class Buckets {
 public:
  explicit Buckets(store::Records& records)
      : records_(records), names_(records, "bucket-name"), account_blocks_(records) {}

  Result<void> load();

  BucketPtr find(std::string_view name) const { return table_.find(name); }
  std::vector<BucketPtr> list() const { return table_.list(""); }  // by name

  AccountBlocks& account_blocks() { return account_blocks_; }

  // BucketAlreadyExists where another account was first.
  Result<BucketPtr> create(Bucket bucket);
  // Stores a copy of `bucket` with `change` made, if it is still the newest: else OperationAborted.
  Result<BucketPtr> update(const Bucket& bucket, const std::function<void(Bucket&)>& change);
  // The caller has closed its Activity and found it empty.
  Result<void> remove(const Bucket& bucket);

 private:
  Result<BucketPtr> store(Bucket bucket);

  store::Records& records_;
  store::Names names_;
  AccountBlocks account_blocks_;
  account::Table<Bucket> table_;
};

// A write into a bucket, from before its commit until after it. Converts to false when the bucket is going.
class WriteGuard {
 public:
  explicit WriteGuard(const Bucket& bucket)
      : activity_(bucket.activity->enter() ? bucket.activity : nullptr) {}
  ~WriteGuard() {
    if (activity_) activity_->leave();
  }
  WriteGuard(const WriteGuard&) = delete;
  WriteGuard& operator=(const WriteGuard&) = delete;
  explicit operator bool() const { return activity_ != nullptr; }

 private:
  std::shared_ptr<Activity> activity_;
};

}  // namespace gatehouse::service::s3
