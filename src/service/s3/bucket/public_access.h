// What blocks public access, of one bucket and of all of an account's.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "store/store.h"
#include "wire/value.h"

namespace gatehouse::service::s3 {

struct PublicAccessBlock {
  bool block_acls = false, ignore_acls = false, block_policy = false, restrict_buckets = false;

  // The most restrictive of both.
  PublicAccessBlock operator|(const PublicAccessBlock& other) const {
    return {block_acls || other.block_acls, ignore_acls || other.ignore_acls,
            block_policy || other.block_policy, restrict_buckets || other.restrict_buckets};
  }
};

// <PublicAccessBlockConfiguration>, of S3 and of S3 Control.
PublicAccessBlock read_public_access(const wire::Value& sent);
wire::Value public_access_value(const PublicAccessBlock& block);

json::object public_access_to_json(const PublicAccessBlock& block);
PublicAccessBlock public_access_from_json(const json::object& record);

// An account's own block, as all its buckets see it: one of these an account, read without a lock.
class AccountBlock {
 public:
  PublicAccessBlock get() const {
    const std::uint8_t bits = bits_.load(std::memory_order_acquire);
    return {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0};
  }
  void set(const PublicAccessBlock& b) {
    bits_.store(static_cast<std::uint8_t>((b.block_acls ? 1 : 0) | (b.ignore_acls ? 2 : 0) |
                                          (b.block_policy ? 4 : 0) | (b.restrict_buckets ? 8 : 0)),
                std::memory_order_release);
  }

 private:
  std::atomic<std::uint8_t> bits_ = 0;
};

// The accounts' blocks: records `s3-account/ACCOUNT`, and what buckets share.
class AccountBlocks {
 public:
  explicit AccountBlocks(store::Records& records) : records_(records) {}

  Result<void> load();
  std::shared_ptr<const AccountBlock> shared(std::string_view account);

  std::optional<PublicAccessBlock> find(std::string_view account) const;
  // Nullopt removes it. Felt by the next call.
  Result<void> put(std::string_view account, const std::optional<PublicAccessBlock>& block);

 private:
  struct Entry {
    std::shared_ptr<AccountBlock> shared = std::make_shared<AccountBlock>();
    bool configured = false;
  };

  store::Records& records_;
  mutable std::mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace gatehouse::service::s3
