#include "service/s3/bucket/buckets.h"

#include <fmt/format.h>

#include "base/log.h"
#include "service/s3/errors.h"

namespace gatehouse::service::s3 {
namespace {

std::string owner_of(const Bucket& bucket) { return fmt::format("{}/{}", bucket.account, bucket.region); }

}  // namespace

Result<void> Buckets::load() {
  CHECK_OK(account_blocks_.load());
  Result<void> outcome;
  CHECK_OK(
      records_.visit("bucket/", "", [&](std::string_view, std::string_view value, store::Revision revision) {
        auto bucket = bucket_from_record(value, revision);
        if (!bucket) {
          outcome = std::unexpected(bucket.error());
          return false;
        }
        bucket->account_block = account_blocks_.shared(bucket->account);
        auto published = std::make_shared<const Bucket>(std::move(*bucket));
        table_.publish(published->name, published, revision);
        return true;
      }));
  return outcome;
}

Result<BucketPtr> Buckets::store(Bucket bucket) {
  store::Batch batch;
  batch.preconditions.push_back({bucket.record_key(), bucket.revision});
  batch.puts.emplace_back(bucket.record_key(), to_record(bucket));
  auto revision = records_.commit(bucket.record_partition(), std::move(batch));
  if (!revision && revision.error().code == store::kConflict) return fail(error::operation_aborted());
  if (!revision) return std::unexpected(std::move(revision).error());
  bucket.revision = *revision;
  return std::make_shared<const Bucket>(std::move(bucket));
}

Result<BucketPtr> Buckets::create(Bucket bucket) {
  const std::string name = bucket.name;
  const std::string owner = owner_of(bucket);
  const auto exists = [&](std::string_view who) -> Result<bool> {
    TRY(const auto record, records_.get(fmt::format("bucket/{}/{}", who, name)));
    return record.has_value();
  };
  if (auto reserved = names_.reserve(name, owner, exists); !reserved) {
    if (reserved.error().code == store::kConflict) return fail(error::bucket_already_exists(name));
    return std::unexpected(std::move(reserved).error());
  }
  bucket.revision = 0;
  bucket.account_block = account_blocks_.shared(bucket.account);
  auto stored = store(std::move(bucket));
  // Another request of the same owner was first: the name stays reserved for it.
  if (!stored) return std::unexpected(std::move(stored).error());
  if (auto confirmed = names_.confirm(name, owner); !confirmed) {
    CHECK_OK(records_.commit((*stored)->record_partition(),
                             {.puts = {},
                              .deletes = {(*stored)->record_key()},
                              .preconditions = {{(*stored)->record_key(), (*stored)->revision}}}));
    if (confirmed.error().code == store::kConflict) return fail(error::bucket_already_exists(name));
    return std::unexpected(std::move(confirmed).error());
  }
  table_.publish(name, *stored, (*stored)->revision);
  return stored;
}

Result<BucketPtr> Buckets::update(const Bucket& bucket, const std::function<void(Bucket&)>& change) {
  Bucket next = bucket;
  change(next);
  TRY(auto stored, store(std::move(next)));
  table_.publish(stored->name, stored, stored->revision);
  return stored;
}

Result<void> Buckets::remove(const Bucket& bucket) {
  store::Batch batch;
  batch.deletes.push_back(bucket.record_key());
  batch.preconditions.push_back({bucket.record_key(), bucket.revision});
  auto revision = records_.commit(bucket.record_partition(), std::move(batch));
  if (!revision && revision.error().code == store::kConflict) return fail(error::operation_aborted());
  if (!revision) return std::unexpected(std::move(revision).error());
  table_.remove(bucket.name, *revision);
  // A reservation that stays behind is free again for whoever asks: its owner has no such bucket.
  if (auto released = names_.release(bucket.name, owner_of(bucket)); !released)
    log::warning("bucket name was not released",
                 {{"bucket", bucket.name}, {"why", released.error().message}});
  return {};
}

}  // namespace gatehouse::service::s3
