#include <fmt/format.h>

#include "base/time.h"
#include "service/s3/errors.h"
#include "service/s3/lifecycle/lifecycle.h"
#include "service/s3/object/checksum.h"

namespace gatehouse::service::s3 {
namespace {

constexpr std::string_view kNoSmall = "all_storage_classes_128K";
constexpr std::string_view kVaries = "varies_by_storage_class";

}  // namespace

Result<wire::Value> put_bucket_lifecycle(S3& s3, Call& call) {
  CHECK_OK(verify_body(*call.head, call.body));
  TRY(auto lifecycle, read_lifecycle(call.in[m::LifecycleConfiguration], s3.random()));
  const std::string_view small = call.in[m::TransitionDefaultMinimumObjectSize].text_or(kNoSmall);
  if (small != kNoSmall && small != kVaries) {
    return fail(error::invalid_argument("Invalid TransitionDefaultMinimumObjectSize found",
                                        "x-amz-transition-default-minimum-object-size", small));
  }
  lifecycle.small_objects_move = small == kVaries;
  const auto kept = std::make_shared<const Lifecycle>(std::move(lifecycle));
  CHECK_OK(s3.buckets().update(bucket_of(call), [&](Bucket& next) { next.lifecycle = kept; }));
  return wire::structure({{m::TransitionDefaultMinimumObjectSize, small}});
}

Result<wire::Value> get_bucket_lifecycle(S3&, Call& call) {
  const Bucket& bucket = bucket_of(call);
  if (bucket.lifecycle == nullptr) {
    return fail(error::not_configured("NoSuchLifecycleConfiguration",
                                      "The lifecycle configuration does not exist", bucket.name));
  }
  wire::Value out = lifecycle_value(*bucket.lifecycle);
  out.set(m::TransitionDefaultMinimumObjectSize, bucket.lifecycle->small_objects_move ? kVaries : kNoSmall);
  return out;
}

Result<wire::Value> delete_bucket_lifecycle(S3& s3, Call& call) {
  if (bucket_of(call).lifecycle == nullptr) return wire::Value();
  CHECK_OK(s3.buckets().update(bucket_of(call), [](Bucket& next) { next.lifecycle = nullptr; }));
  return wire::Value();
}

void set_expiration(wire::Value& out, const Bucket& bucket, std::string_view key, const Object& object) {
  if (bucket.lifecycle == nullptr) return;
  const Expiry expiry = expiry_of(*bucket.lifecycle, key, object);
  if (expiry.rule == nullptr) return;
  out.set(m::Expiration,
          fmt::format(R"(expiry-date="{}", rule-id="{}")", http_date(expiry.at), expiry.rule->id));
}

void set_abort(wire::Value& out, const Bucket& bucket, std::string_view key, const Object& upload) {
  if (bucket.lifecycle == nullptr) return;
  const Expiry expiry = abort_of(*bucket.lifecycle, key, upload);
  if (expiry.rule == nullptr) return;
  out.set(m::AbortDate, expiry.at);
  out.set(m::AbortRuleId, expiry.rule->id);
}

}  // namespace gatehouse::service::s3
