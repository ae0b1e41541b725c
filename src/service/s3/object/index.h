// The objects of all buckets: which versions a key has, and which is current.
//
// The current version, or the delete marker that hides the others, is the record `object/…/KEY`; older ones
// are `version/…/KEY`. Every change of a key asserts the revision of its current record, so that changes of
// one key happen one after the other, in whatever process. The blobs of what a change replaced are removed
// after it.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string_view>

#include "base/random.h"
#include "service/s3/bucket/buckets.h"
#include "service/s3/object/object.h"
#include "store/store.h"

namespace gatehouse::service::s3 {

// Asked with the current version (null: there is none, or it is a delete marker) each time a change is tried.
using Condition = std::function<Result<void>(const Object* current)>;

struct Removed {
  bool marker = false;  // a delete marker was made, or was what was removed
  std::string version;  // of the marker made or the version removed; empty in a bucket without versions
};

class Index {
 public:
  Index(store::Records& records, store::Blobs& blobs, const Buckets& buckets, const Clock& clock,
        Random& random)
      : records_(records), blobs_(blobs), buckets_(buckets), clock_(clock), random_(random) {}

  // Null where the key has no version. A delete marker is returned as one.
  Result<ObjectPtr> current(const Bucket& bucket, std::string_view key,
                            store::Reach reach = store::Reach::disk) const;
  // InvalidArgument for what no version id can be; null where there is none.
  Result<ObjectPtr> version(const Bucket& bucket, std::string_view key, std::string_view id) const;

  // Makes `object` the current version, its version id given here. `also` is committed with it. Whether the
  // version before is kept is as the bucket is now, not as it was when the call began. AccessDenied where it
  // would be dropped and is locked.
  Result<Object> put(const Bucket& bucket, std::string_view key, Object object, const Condition& condition,
                     const store::Batch& also = {});
  // Changes what is said about a version, not its data: tags.
  Result<void> annotate(const Bucket& bucket, std::string_view key, const Object& object,
                        const std::function<void(Object&)>& change);
  // As DELETE without a version id: removes, or hides behind a delete marker, as the bucket is now.
  Result<Removed> remove(const Bucket& bucket, std::string_view key, const Condition& condition);
  // This version, if it is still there and not locked.
  Result<bool> remove_exactly(const Bucket& bucket, std::string_view key, const Object& object);
  // As DELETE with one: gone for good, if `condition` lets that version go.
  Result<Removed> remove_version(const Bucket& bucket, std::string_view key, std::string_view id,
                                 const Condition& condition);

  // Whether anything is left: a version, or an upload under way.
  Result<bool> is_empty(const Bucket& bucket) const;

  // Blobs that no record names any more. What fails is the sweep's.
  void forget(const std::vector<Segment>& segments);

 private:
  struct Change;
  Result<BucketPtr> newest(const Bucket& bucket) const;
  Result<void> let_go(const Object& object, Change& change) const;
  Result<ObjectPtr> read(const std::string& record_key, store::Reach reach = store::Reach::disk) const;
  Result<ObjectPtr> null_version(const Bucket& bucket, std::string_view key) const;
  Result<void> commit(const Bucket& bucket, std::string_view key, Change change);
  Result<bool> try_put(const Bucket& bucket, std::string_view key, Object& object, const Condition& condition,
                       const store::Batch& also);
  Result<Change> displace(const Bucket& bucket, std::string_view key, const ObjectPtr& current,
                          std::string_view by_version) const;
  Result<bool> try_remove(const Bucket& bucket, std::string_view key, const ObjectPtr& now,
                          const Object& gone);
  Result<void> promote(const Bucket& bucket, std::string_view key, Change& change) const;

  std::uint64_t next_sequence(Time now, const ObjectPtr& current);
  std::string version_id(std::uint64_t sequence);

  store::Records& records_;
  store::Blobs& blobs_;
  const Buckets& buckets_;
  const Clock& clock_;
  Random& random_;
  std::atomic<std::uint64_t> last_sequence_ = 0;
};

std::string object_key(const Bucket& bucket, std::string_view key);
std::string version_key(const Bucket& bucket, std::string_view key, std::uint64_t sequence);

}  // namespace gatehouse::service::s3
