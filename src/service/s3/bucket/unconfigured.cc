#include "service/s3/bucket/unconfigured.h"

#include "service/s3/errors.h"

namespace gatehouse::service::s3 {
namespace {

std::unexpected<Error> none(const Call& call, std::string_view code, std::string_view message) {
  return fail(error::not_configured(code, message, bucket_of(call).name));
}

}  // namespace

Result<wire::Value> get_bucket_website(S3&, Call& call) {
  return none(call, "NoSuchWebsiteConfiguration",
              "The specified bucket does not have a website configuration");
}

Result<wire::Value> get_bucket_replication(S3&, Call& call) {
  return none(call, "ReplicationConfigurationNotFoundError", "The replication configuration was not found");
}

Result<wire::Value> get_bucket_request_payment(S3&, Call&) {
  return wire::structure({{m::Payer, "BucketOwner"}});
}

Result<wire::Value> nothing_configured(S3&, Call&) { return wire::Value(wire::Value::Structure()); }

Result<wire::Value> no_configurations(S3&, Call&) { return wire::structure({{m::IsTruncated, false}}); }

}  // namespace gatehouse::service::s3
