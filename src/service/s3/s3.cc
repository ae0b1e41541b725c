#include "service/s3/s3.h"

#include <set>

#include "account/installation_key.h"
#include "service/s3/acl/asked.h"
#include "service/s3/errors.h"
#include "service/s3/requirements.h"

namespace gatehouse::service::s3 {
namespace {

// The blobs of every record of one kind.
Result<void> add_blobs(const store::Records& records, std::string_view kind,
                       std::set<std::string, std::less<>>& to) {
  Result<void> outcome;
  CHECK_OK(records.visit(kind, "", [&](std::string_view, std::string_view value, store::Revision revision) {
    auto object = object_from_record(value, revision, With::header);
    if (!object) {
      // Without knowing all names nothing may be swept.
      outcome = std::unexpected(object.error());
      return false;
    }
    for (auto& segment : object->segments) to.insert(std::move(segment.blob));
    return true;
  }));
  return outcome;
}

}  // namespace

S3::S3(store::Records& records, store::Blobs& blobs, const account::Directory& directory,
       const account::Gate& gate, kms::Kms& kms, const Clock& clock, Random& random)
    : records_(records),
      blobs_(blobs),
      directory_(directory),
      gate_(gate),
      kms_(kms),
      clock_(clock),
      random_(random),
      buckets_(records),
      index_(records, blobs, buckets_, clock, random) {}

Result<std::unique_ptr<S3>> S3::open(store::Records& records, store::Blobs& blobs,
                                     const account::Directory& directory, const account::Gate& gate,
                                     kms::Kms& kms, const Clock& clock, Random& random) {
  std::unique_ptr<S3> s3(new S3(records, blobs, directory, gate, kms, clock, random));
  TRY(s3->sealing_key_, account::installation_key(records, random, "object-key"));
  CHECK_OK(s3->buckets_.load());
  return s3;
}

Result<size_t> S3::sweep() {
  std::set<std::string, std::less<>> named;
  bool read = false;
  Result<void> outcome;
  const auto is_named = [&](std::string_view blob) {
    // Read at the first question, not before: the store's blobs are listed by then.
    if (!std::exchange(read, true)) {
      for (const std::string_view kind : {"object/", "version/", "part/"}) {
        if (outcome) outcome = add_blobs(records_, kind, named);
      }
    }
    return !outcome || named.contains(blob);
  };
  auto swept = blobs_.sweep(is_named);
  CHECK_OK(outcome);
  return swept;
}

Result<void> require(const S3& s3, Call& call, const account::Requirement& requirement) {
  auto verdict = s3.gate().check(call.caller, call.circumstances, requirement, {.quote_resource = true});
  call.decisions.push_back(std::move(verdict.record));
  if (verdict.decision.allowed()) return {};
  // Strangers are not told why.
  return fail(verdict.acquainted ? error::access_denied(verdict.message) : error::access_denied());
}

Error missing_key(const S3& s3, Call& call, const Bucket& bucket, std::string_view key) {
  const auto listing = bucket_requirement(call, bucket, "s3:ListBucket");
  if (auto allowed = require(s3, call, listing); !allowed) return std::move(allowed).error();
  return error::no_such_key(key);
}

std::string_view owner_of(const Bucket& bucket, const Object& object) {
  return bucket.has_lists() && !object.owner.empty() ? std::string_view(object.owner) : bucket.account;
}

wire::Value owner_value(const S3& s3, std::string_view account) {
  const std::string id = canonical_id(s3, account);
  return wire::structure({{m::ID, id.empty() ? wire::Value() : wire::Value(id)}});
}

}  // namespace gatehouse::service::s3
