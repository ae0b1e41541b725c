// S3: buckets and objects. Buckets and Index keep them; here is what the operations share.
//
// bucket/     a bucket's configuration and the operations on it
// object/     versions of objects: reading, writing, copying, deleting, tagging
// listing/    the three list operations
// lifecycle/  rules that expire and move objects
// cors/       what browsers are told
// lock/       retention and legal holds
// logging/    access logs, recorded and delivered
// multipart/  uploads in parts
// requirements.h  what each operation needs to be allowed
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "account/directory/directory.h"
#include "account/gate.h"
#include "model/s3.h"
#include "service/call.h"
#include "service/kms/kms.h"
#include "service/s3/bucket/buckets.h"
#include "service/s3/logging/access_log.h"
#include "service/s3/object/index.h"

namespace gatehouse::service::s3 {

namespace m = model::s3;

class S3 {
 public:
  static Result<std::unique_ptr<S3>> open(store::Records& records, store::Blobs& blobs,
                                          const account::Directory& directory, const account::Gate& gate,
                                          kms::Kms& kms, const Clock& clock, Random& random);

  Buckets& buckets() { return buckets_; }
  Index& index() { return index_; }
  AccessLog& access_log() { return access_log_; }
  store::Records& records() const { return records_; }
  store::Blobs& blobs() const { return blobs_; }
  const account::Directory& directory() const { return directory_; }
  const account::Gate& gate() const { return gate_; }
  kms::Kms& kms() const { return kms_; }
  const std::string& sealing_key() const { return sealing_key_; }  // what objects' keys are wrapped with
  const Clock& clock() const { return clock_; }
  Random& random() const { return random_; }

  // Collects blobs that no object and no part names: what a crash or a failed deletion left. Reads every
  // record; meant for the time after a start, beside the calls.
  Result<size_t> sweep();

 private:
  S3(store::Records& records, store::Blobs& blobs, const account::Directory& directory,
     const account::Gate& gate, kms::Kms& kms, const Clock& clock, Random& random);

  store::Records& records_;
  store::Blobs& blobs_;
  const account::Directory& directory_;
  const account::Gate& gate_;
  kms::Kms& kms_;
  const Clock& clock_;
  Random& random_;
  std::string sealing_key_;
  Buckets buckets_;
  Index index_;
  AccessLog access_log_;
};

Service make_service(S3& s3);

struct WriteKey;  // object/sealing.h

// What resolving a call found: pinned, so that what was authorised is what is read or changed.
struct Target {
  BucketPtr bucket;
  ObjectPtr object;         // of reads: the version asked for; null where there is none
  BucketPtr source_bucket;  // of copies
  ObjectPtr source;
  std::shared_ptr<const WriteKey> write_key{};  // of writes: what the data are encrypted with
  bool creates = false;   // of writes: allowed by a list, which is for new objects and the caller's own
  bool bypasses = false;  // of deletions: s3:BypassGovernanceRetention was decided for the version
};

inline const Target& target(const Call& call) { return *static_cast<const Target*>(call.pinned.get()); }
inline const Bucket& bucket_of(const Call& call) { return *target(call).bucket; }

// Asks the gate in the middle of an operation: for each key of a multi-object deletion, or whether the caller
// may know that a key is missing. The decision goes to the trail.
Result<void> require(const S3& s3, Call& call, const account::Requirement& requirement);

// NoSuchKey, or AccessDenied where the caller may not list the bucket.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html#API_GetObject_RequestSyntax, Permissions
Error missing_key(const S3& s3, Call& call, const Bucket& bucket, std::string_view key);

// The account that owns an object, or kAnonymous.
std::string_view owner_of(const Bucket& bucket, const Object& object);

// <Owner> of an account.
wire::Value owner_value(const S3& s3, std::string_view account);

// <Owner> of a bucket's objects, of which most have one.
class ObjectOwners {
 public:
  ObjectOwners(const S3& s3, const Bucket& bucket)
      : s3_(s3), bucket_(bucket), own_(owner_value(s3, bucket.account)) {}
  wire::Value of(const Object& object) const {
    const std::string_view owner = owner_of(bucket_, object);
    return owner == bucket_.account ? own_ : owner_value(s3_, owner);
  }

 private:
  const S3& s3_;
  const Bucket& bucket_;
  wire::Value own_;
};

inline std::string quoted(std::string_view etag) { return '"' + std::string(etag) + '"'; }

}  // namespace gatehouse::service::s3
