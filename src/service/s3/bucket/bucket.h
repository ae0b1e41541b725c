// A bucket's configuration: an immutable value, one record, published for every call to read without a lock.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "account/directory/entities.h"
#include "base/clock.h"
#include "base/error.h"
#include "service/s3/acl/acl.h"
#include "service/s3/bucket/public_access.h"
#include "service/s3/cors/cors.h"
#include "service/s3/lifecycle/rules.h"
#include "service/s3/logging/logging.h"
#include "store/store.h"

namespace gatehouse::service::s3 {

enum class Versioning : std::uint8_t { never, enabled, suspended };

// Object Lock, and the retention it gives new versions. There is no way back.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html
struct ObjectLock {
  std::string mode{};  // empty: no default retention
  int days = 0, years = 0;
};

struct Encryption {
  std::string algorithm = "AES256";
  std::string kms_key{};  // as it was named; empty: the account's aws/s3
  bool bucket_key = false;
  bool blocks_customer_keys = true;  // SSE-C is refused until it is asked for
};

// How many writes into the bucket are under way, and whether it is being deleted: an object written while its
// bucket goes would belong to whoever makes the bucket next. One for all versions of a Bucket.
class Activity {
 public:
  // Before a write: false once the bucket is closing.
  bool enter() {
    writers_.fetch_add(1);
    if (!closing_.load()) return true;
    leave();
    return false;
  }
  void leave() { writers_.fetch_sub(1); }
  // Before a deletion: false while a write is under way, or another deletion.
  bool close() {
    if (closing_.exchange(true)) return false;
    if (writers_.load() == 0) return true;
    closing_.store(false);
    return false;
  }
  void reopen() { closing_.store(false); }

 private:
  std::atomic<int> writers_ = 0;
  std::atomic<bool> closing_ = false;
};

struct Bucket {
  std::string name, account, region;
  Time created{};
  std::vector<account::Tag> tags;
  Versioning versioning = Versioning::never;
  std::string ownership = "BucketOwnerEnforced";  // empty: the controls were deleted
  AclPtr acl;
  std::optional<PublicAccessBlock> public_access;
  std::shared_ptr<const AccountBlock> account_block;  // null in tests: none
  std::optional<Encryption> encryption;               // absent: S3's own default, AES256
  LifecyclePtr lifecycle;                             // null: none
  std::optional<ObjectLock> object_lock;
  LoggingPtr logging;          // null: none
  CorsPtr cors;                // null: none
  account::PolicyText policy;  // empty text: none
  bool policy_is_public = false;
  std::vector<std::string> splits;  // keys at which the index is cut into partitions, ascending
  store::Revision revision = 0;
  std::shared_ptr<Activity> activity = std::make_shared<Activity>();

  // Whether lists count: else the bucket's owner owns all in it, and policies alone decide.
  bool has_lists() const { return ownership != "BucketOwnerEnforced"; }
  // The bucket's and its account's, the most restrictive of both.
  PublicAccessBlock public_block() const {
    const PublicAccessBlock own = public_access.value_or(PublicAccessBlock{});
    return account_block ? own | account_block->get() : own;
  }
  bool keeps_versions() const { return versioning != Versioning::never; }
  std::string record_key() const;
  std::string record_partition() const;
  // "object/ACCOUNT/REGION/NAME/" and so on: what the keys of its objects begin with.
  std::string prefix(std::string_view kind) const;
  // The partition that holds everything of `key`.
  std::string index_partition(std::string_view key) const;
};

using BucketPtr = std::shared_ptr<const Bucket>;

std::string to_record(const Bucket& bucket);
Result<Bucket> bucket_from_record(std::string_view record, store::Revision revision);

}  // namespace gatehouse::service::s3
