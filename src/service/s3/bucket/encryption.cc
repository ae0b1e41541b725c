// A bucket's default encryption.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-bucket-encryption.html
#include <algorithm>

#include "service/s3/bucket/operations.h"
#include "service/s3/errors.h"

namespace gatehouse::service::s3 {
namespace {

// What is not said stays as it is.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html
Result<bool> blocks_customer_keys(const wire::Value& rule, bool now) {
  const auto& blocked = rule[m::BlockedEncryptionTypes];
  if (!blocked) return now;
  const auto& types = blocked[m::EncryptionType].list();
  if (types.size() != 1) return fail(error::malformed_xml());
  if (types.front().text() == "SSE-C") return true;
  if (types.front().text() == "NONE") return false;
  return fail(error::malformed_xml());
}

// S3's first rule, the only one there may be.
Result<Encryption> read_encryption(const wire::Value& configuration, const Encryption& now) {
  const auto& rules = configuration[m::Rules].list();
  if (rules.size() != 1) return fail(error::malformed_xml());
  const wire::Value& rule = rules.front();
  const auto& by_default = rule[m::ApplyServerSideEncryptionByDefault];
  Encryption encryption;
  encryption.algorithm = by_default[m::SSEAlgorithm].text_or("AES256");
  encryption.kms_key = by_default[m::KMSMasterKeyID].text();
  encryption.bucket_key = rule[m::BucketKeyEnabled].boolean();
  TRY(encryption.blocks_customer_keys, blocks_customer_keys(rule, now.blocks_customer_keys));
  if (encryption.algorithm == "aws:kms") return encryption;
  if (encryption.algorithm == "aws:kms:dsse") return fail(error::not_implemented("SSEAlgorithm"));
  if (encryption.algorithm != "AES256") return fail(error::malformed_xml());
  if (encryption.kms_key.empty()) return encryption;
  return fail(
      error::invalid_argument("a KMSMasterKeyID is not applicable if the default sse algorithm is not "
                              "aws:kms or aws:kms:dsse",
                              "ApplyServerSideEncryptionByDefault", ""));
}

}  // namespace

Result<wire::Value> put_bucket_encryption(S3& s3, Call& call) {
  TRY(auto encryption, read_encryption(call.in[m::ServerSideEncryptionConfiguration],
                                       bucket_of(call).encryption.value_or(Encryption{})));
  CHECK_OK(
      s3.buckets().update(bucket_of(call), [&](Bucket& next) { next.encryption = std::move(encryption); }));
  return wire::Value();
}

// Every bucket encrypts with S3's own keys unless told otherwise.
Result<wire::Value> get_bucket_encryption(S3&, Call& call) {
  const Encryption e = bucket_of(call).encryption.value_or(Encryption{});
  wire::Value by_default = wire::structure({{m::SSEAlgorithm, e.algorithm}});
  if (!e.kms_key.empty()) by_default.set(m::KMSMasterKeyID, e.kms_key);
  wire::Value rule = wire::structure(
      {{m::ApplyServerSideEncryptionByDefault, std::move(by_default)}, {m::BucketKeyEnabled, e.bucket_key}});
  if (e.blocks_customer_keys) {
    rule.set(m::BlockedEncryptionTypes, wire::structure({{m::EncryptionType, wire::Value::List{"SSE-C"}}}));
  }
  return wire::structure({{m::ServerSideEncryptionConfiguration,
                           wire::structure({{m::Rules, wire::Value::List{std::move(rule)}}})}});
}

Result<wire::Value> delete_bucket_encryption(S3& s3, Call& call) {
  if (!bucket_of(call).encryption) return wire::Value();
  CHECK_OK(s3.buckets().update(bucket_of(call), [](Bucket& next) {
    const bool blocked = next.encryption->blocks_customer_keys;
    next.encryption.reset();
    if (!blocked) next.encryption = Encryption{.blocks_customer_keys = false};
  }));
  return wire::Value();
}

}  // namespace gatehouse::service::s3
