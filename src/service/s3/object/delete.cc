#include <algorithm>

#include "service/s3/bucket/names.h"
#include "service/s3/errors.h"
#include "service/s3/lock/lock.h"
#include "service/s3/logging/operations.h"
#include "service/s3/object/checksum.h"
#include "service/s3/object/objects.h"
#include "service/s3/object/preconditions.h"
#include "service/s3/requirements.h"

namespace gatehouse::service::s3 {
namespace {

constexpr size_t kMostDeletes = 1000;

Result<Removed> remove(S3& s3, const Call& call, std::string_view key, std::string_view version,
                       const Condition& condition, bool bypass) {
  const Bucket& bucket = bucket_of(call);
  const WriteGuard writing(bucket);
  if (!writing) return fail(error::operation_aborted());
  if (version.empty()) return s3.index().remove(bucket, key, condition);
  const auto let_go = [&, unlocked = removable(call.now(), bypass)](const Object* named) -> Result<void> {
    if (condition) CHECK_OK(condition(named));
    return unlocked(named);
  };
  return s3.index().remove_version(bucket, key, version, let_go);
}

// One key of a multi-object deletion, decided and done.
Result<Removed> remove_one(S3& s3, Call& call, const wire::Value& one) {
  const std::string_view key = one[m::Key].text();
  const std::string_view version = one[m::VersionId].text();
  CHECK_OK(check_key(key));
  const Bucket& bucket = bucket_of(call);
  auto r =
      object_requirement(call, bucket, key, version.empty() ? "s3:DeleteObject" : "s3:DeleteObjectVersion");
  if (!version.empty()) r.key("s3:VersionId", std::string(version));
  // As the If-Match of DeleteObject:
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
  const std::string_view match = one[m::ETag].text();
  if (!match.empty()) r.key("s3:if-match", std::string(match));
  CHECK_OK(add_deleting_list(s3, call, bucket, key, r));
  CHECK_OK(require(s3, call, r));
  if (!match.empty() && match != "*")
    CHECK_OK(require(s3, call, object_requirement(call, bucket, key, "s3:GetObject")));
  bool bypasses = false;
  if (!version.empty() && call.in[m::BypassGovernanceRetention].boolean()) {
    TRY(const auto object, s3.index().version(bucket, key, version));
    Requirements bypass;
    bypasses = object != nullptr && need_bypass(call, bucket, key, *object, bypass);
    for (const auto& needed : bypass) CHECK_OK(require(s3, call, needed));
  }
  return remove(s3, call, key, version, delete_condition(one[m::ETag], key), bypasses);
}

wire::Value deleted_value(const wire::Value& asked, const Removed& removed) {
  wire::Value out = wire::structure({{m::Key, asked[m::Key]}, {m::VersionId, asked[m::VersionId]}});
  if (removed.marker) {
    out.set(m::DeleteMarker, true);
    out.set(m::DeleteMarkerVersionId, removed.version);
  }
  return out;
}

wire::Value error_value(const wire::Value& asked, const Error& e) {
  return wire::structure({{m::Key, asked[m::Key]},
                          {m::VersionId, asked[m::VersionId]},
                          {m::Code, e.code},
                          {m::Message, e.message}});
}

}  // namespace

Result<wire::Value> delete_object(S3& s3, Call& call) {
  const std::string_view key = call.in[m::Key].text();
  const Condition condition = delete_condition(call.in[m::IfMatch], key);
  TRY(const auto removed,
      remove(s3, call, key, call.in[m::VersionId].text(), condition, target(call).bypasses));
  wire::Value out;
  if (removed.marker) out.set(m::DeleteMarker, true);
  if (!removed.version.empty()) out.set(m::VersionId, removed.version);
  return out;
}

Result<wire::Value> delete_objects(S3& s3, Call& call) {
  CHECK_OK(verify_body(*call.head, call.body));
  const auto& asked = call.in[m::Delete][m::Objects].list();
  if (asked.empty() || asked.size() > kMostDeletes) return fail(error::malformed_xml());
  const bool quiet = call.in[m::Delete][m::Quiet].boolean();
  wire::Value::List deleted;
  wire::Value::List errors;
  for (const wire::Value& one : asked) {
    const auto removed = remove_one(s3, call, one);
    record_deletion(s3, call, one[m::Key].text(), one[m::VersionId].text(),
                    removed ? nullptr : &removed.error());
    if (!removed) {
      errors.push_back(error_value(one, removed.error()));
    } else if (!quiet) {
      deleted.push_back(deleted_value(one, *removed));
    }
  }
  wire::Value out;
  if (!deleted.empty()) out.set(m::Deleted, std::move(deleted));
  if (!errors.empty()) out.set(m::Errors, std::move(errors));
  return out;
}

}  // namespace gatehouse::service::s3
