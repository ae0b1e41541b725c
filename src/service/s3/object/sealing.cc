#include "service/s3/object/sealing.h"

#include <fmt/format.h>

#include "base/cipher.h"
#include "base/encoding.h"
#include "base/hash.h"
#include "base/json.h"
#include "service/s3/bucket/names.h"
#include "service/s3/errors.h"
#include "store/sealed_blobs.h"

namespace gatehouse::service::s3 {
namespace {

constexpr size_t kSalt = 16;
constexpr std::string_view kKms = "aws:kms";
constexpr std::string_view kEncryption = "x-amz-server-side-encryption";
constexpr std::string_view kCustomer = "x-amz-server-side-encryption-customer-algorithm";

// --- the customer's key

bool has_customer_key(const wire::Value& in, const CustomerHeaders& h) {
  return in[h.algorithm] || in[h.key] || in[h.md5];
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
Result<std::string> customer_key(const Call& call, const CustomerHeaders& h) {
  const wire::Value& in = call.in;
  if (!call.head->tls) {
    return fail(error::invalid_request(
        "Requests specifying Server Side Encryption with Customer provided keys must be made over a secure "
        "connection."));
  }
  if (!in[h.algorithm]) {
    return fail(error::invalid_argument(
        "Requests specifying Server Side Encryption with Customer provided keys must provide a valid "
        "encryption algorithm.",
        kCustomer, ""));
  }
  if (in[h.algorithm].text() != "AES256") {
    return fail(Error{"InvalidEncryptionAlgorithmError",
                      "The Encryption request you specified is not valid. Supported value: AES256.",
                      400,
                      {}});
  }
  const auto key = unbase64(in[h.key].text());
  if (!key || key->size() != kCipherKey) {
    return fail(error::invalid_argument(
        in[h.key] ? "The secret key was invalid for the specified algorithm."
                  : "Requests specifying Server Side Encryption with Customer provided keys must provide an "
                    "appropriate secret key.",
        "x-amz-server-side-encryption-customer-key", ""));
  }
  if (!in[h.md5]) {
    return fail(error::invalid_argument(
        "Requests specifying Server Side Encryption with Customer provided keys must provide the client "
        "calculated MD5 of the secret key.",
        "x-amz-server-side-encryption-customer-key-MD5", ""));
  }
  if (base64(md5(*key)) != in[h.md5].text()) {
    return fail(error::invalid_argument(
        "The calculated MD5 hash of the key did not match the hash that was provided.",
        "x-amz-server-side-encryption-customer-key-MD5", in[h.md5].text()));
  }
  return *key;
}

// --- KMS

bool is_kms(const Sealing& sealing) { return sealing.algorithm == kKms; }

// The caller's own pairs, and the ARN that S3 adds.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#encryption-context
kms::Context context_of(const Sealing& sealing, std::string_view bucket, std::string_view key) {
  kms::Context context;
  if (const auto own = json::parse(sealing.context); own && own->is_object()) {
    for (const auto& [name, value] : own->get_object()) {
      if (value.is_string()) context.emplace(name, value.get_string());
    }
  }
  context.insert_or_assign("aws:s3:arn", sealing.bucket_key ? bucket_arn(bucket) : object_arn(bucket, key));
  return context;
}

Result<std::string> read_context(std::string_view sent) {
  const auto text = unbase64(sent);
  const auto parsed = text ? json::parse(*text) : json::parse("");
  bool strings = parsed && parsed->is_object();
  if (strings) {
    for (const auto& [name, value] : parsed->get_object()) strings = strings && value.is_string();
  }
  if (strings) return *text;
  return fail(error::invalid_argument(
      "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON "
      "which represents a string-string map",
      "x-amz-server-side-encryption-context", sent));
}

account::Requirement kms_requirement(const S3& s3, const Call& call, const Bucket& bucket,
                                     std::string_view key, const kms::Key& kms_key, const Sealing& sealing,
                                     std::string_view action) {
  auto r = kms::requirement(s3.kms(), call.caller.account, kms_key, action);
  r.key("kms:ViaService", fmt::format("s3.{}.amazonaws.com", bucket.region));
  kms::add_context(context_of(sealing, bucket.name, key), r);
  return r;
}

// What KMS says, as S3 passes it on: KMS.NotFoundException.
Error from_kms(Error e) {
  if (e.status < 500) e.code = "KMS." + e.code;
  return e;
}

Result<void> signed_for_kms(const Call& call) {
  if (!call.caller.anonymous()) return {};
  return fail(error::invalid_argument(
      "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.",
      "Authorization", "null"));
}

// The key as the request or the bucket names it. A name without an account is one of the caller's account.
Result<kms::KeyPtr> named_key(const S3& s3, const Call& call, const Bucket& bucket, std::string_view name) {
  CHECK_OK(signed_for_kms(call));
  auto found = name.empty() ? s3.kms().draft_of_service(call.caller.account, bucket.region, "s3")
                            : s3.kms().find(call.caller.account, bucket.region, name);
  if (!found) return fail(from_kms(found.error()));
  return found;
}

// --- what a write asks for

Result<Sealing> by_default(const Bucket& bucket) {
  const Encryption e = bucket.encryption.value_or(Encryption{});
  return Sealing{e.algorithm, e.kms_key, e.algorithm == kKms && e.bucket_key, "", "", ""};
}

Result<Sealing> asked(const Call& call, const Bucket& bucket) {
  const wire::Value& in = call.in;
  const auto& sent = in[m::ServerSideEncryption];
  if (has_customer_key(in, kOwnHeaders)) {
    if (sent) {
      return fail(error::invalid_argument(
          "Server Side Encryption with Customer provided key is incompatible with the encryption method "
          "specified",
          kEncryption, sent.text()));
    }
    CHECK_OK(customer_key(call, kOwnHeaders));
    if (bucket.encryption.value_or(Encryption{}).blocks_customer_keys) return fail(error::access_denied());
    return Sealing{"", "", false, "", std::string(in[m::SSECustomerKeyMD5].text()), ""};
  }
  if (!sent && in[m::SSEKMSKeyId]) {
    return fail(error::invalid_argument(
        "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : "
        "aws:kms",
        kEncryption, "null"));
  }
  if (!sent) {
    TRY(auto sealing, by_default(bucket));
    const auto& bucket_key = in[m::BucketKeyEnabled];
    if (bucket_key && sealing.algorithm == kKms) sealing.bucket_key = bucket_key.boolean();
    return sealing;
  }
  if (sent.text() == "AES256") {
    if (in[m::SSEKMSKeyId]) {
      return fail(
          error::invalid_argument("Server Side Encryption with AWS KMS managed key requires HTTP header "
                                  "x-amz-server-side-encryption : aws:kms",
                                  kEncryption, sent.text()));
    }
    return Sealing{};
  }
  if (sent.text() == "aws:kms:dsse") return fail(error::not_implemented(kEncryption));
  if (sent.text() != kKms) {
    return fail(error::invalid_argument("The encryption method specified is not supported", kEncryption,
                                        sent.text()));
  }
  Sealing sealing{std::string(kKms),
                  std::string(in[m::SSEKMSKeyId].text()),
                  in[m::BucketKeyEnabled].boolean(),
                  "",
                  "",
                  ""};
  if (const auto& context = in[m::SSEKMSEncryptionContext]) {
    TRY(sealing.context, read_context(context.text()));
  }
  return sealing;
}

void take_payload_under(const WriteKey& writing, Call& call) {
  if (call.upload != nullptr) call.upload->seal_under(writing.blob_key());
}

std::string bound_to(const Bucket& bucket, std::string_view key) { return object_arn(bucket.name, key); }

}  // namespace

std::string blob_key(std::string_view object_key, std::string_view salt) {
  return std::string(as_bytes(hmac_sha256(object_key, salt)));
}

std::string WriteKey::blob_key() const { return s3::blob_key(key, salt); }

Result<std::shared_ptr<const WriteKey>> key_for_write(S3& s3, Call& call, const Bucket& bucket,
                                                      Requirements& requirements) {
  WriteKey writing;
  TRY(writing.sealing, asked(call, bucket));
  writing.key = s3.random().bytes(kCipherKey);
  writing.salt = s3.random().bytes(kSalt);
  if (writing.sealing.algorithm == kKms) {
    TRY(const auto key, named_key(s3, call, bucket, writing.sealing.kms_key));
    // The service's own key is made once the call is allowed.
    writing.sealing.kms_key = key->revision == 0 ? "" : key->arn();
    requirements.push_back(kms_requirement(s3, call, bucket, call.in[m::Key].text(), *key, writing.sealing,
                                           "kms:GenerateDataKey"));
  }
  take_payload_under(writing, call);
  return std::make_shared<const WriteKey>(std::move(writing));
}

Result<std::shared_ptr<const WriteKey>> key_for_part(S3& s3, Call& call, const Bucket& bucket,
                                                     const Sealing& sealing, Requirements& requirements) {
  if (!sealing.customer_md5.empty() && !has_customer_key(call.in, kOwnHeaders)) {
    return fail(error::invalid_request(
        "The multipart upload initiate requested encryption. Subsequent part requests must include the "
        "appropriate encryption parameters."));
  }
  const std::string_view key = call.in[m::Key].text();
  WriteKey writing;
  writing.sealing = sealing;
  writing.salt = s3.random().bytes(kSalt);
  if (is_kms(sealing)) CHECK_OK(signed_for_kms(call));
  need_decrypt(s3, call, bucket, key, sealing, requirements);
  auto opened = opened_key(s3, call, bucket, key, sealing, kOwnHeaders);
  // What is wrong with a KMS key is for those to know who may use it: the operation opens it again.
  if (!opened && !is_kms(sealing)) return std::unexpected(std::move(opened).error());
  if (opened && opened->empty()) return std::make_shared<const WriteKey>(std::move(writing));
  writing.key = opened ? std::move(*opened) : s3.random().bytes(kCipherKey);
  take_payload_under(writing, call);
  return std::make_shared<const WriteKey>(std::move(writing));
}

void need_decrypt(const S3& s3, const Call& call, const Bucket& bucket, std::string_view key,
                  const Sealing& sealing, Requirements& requirements) {
  if (!is_kms(sealing) || call.caller.anonymous()) return;
  // A key that is gone is told by the operation, to those who may know.
  if (const auto found = s3.kms().find("", bucket.region, sealing.kms_key))
    requirements.push_back(kms_requirement(s3, call, bucket, key, **found, sealing, "kms:Decrypt"));
}

Result<Sealing> wrapped(const S3& s3, const Call& call, const Bucket& bucket, std::string_view key,
                        const WriteKey& writing) {
  Sealing out = writing.sealing;
  const std::string bound = bound_to(bucket, key);
  if (!out.customer_md5.empty()) {
    TRY(const auto customer, customer_key(call, kOwnHeaders));
    out.wrapped = seal_text(s3.random(), customer, bound, writing.key);
  } else if (!is_kms(out)) {
    out.wrapped = seal_text(s3.random(), s3.sealing_key(), bound, writing.key);
  } else {
    TRY(auto kms_key, named_key(s3, call, bucket, out.kms_key));
    if (kms_key->revision == 0) {
      TRY(kms_key, s3.kms().of_service(call.caller.account, bucket.region, "s3"));
      out.kms_key = kms_key->arn();
    }
    auto sealed = s3.kms().seal(*kms_key, context_of(out, bucket.name, key), writing.key);
    if (!sealed) return fail(from_kms(sealed.error()));
    out.wrapped = std::move(*sealed);
  }
  return out;
}

Result<std::string> opened_key(const S3& s3, const Call& call, const Bucket& bucket, std::string_view key,
                               const Sealing& sealing, const CustomerHeaders& headers) {
  CHECK_OK(check_customer_key(s3, call, bucket, key, sealing, headers));
  if (is_kms(sealing)) CHECK_OK(signed_for_kms(call));
  if (sealing.customer_md5.empty()) return stored_key(s3, bucket, key, sealing);
  TRY(const auto customer, customer_key(call, headers));
  auto opened = open_text(customer, bound_to(bucket, key), sealing.wrapped);
  if (!opened) return internal_failure();
  return std::move(*opened);
}

Result<std::string> stored_key(const S3& s3, const Bucket& bucket, std::string_view key,
                               const Sealing& sealing) {
  if (sealing.wrapped.empty()) return std::string();
  if (!is_kms(sealing)) {
    auto opened = open_text(s3.sealing_key(), bound_to(bucket, key), sealing.wrapped);
    if (!opened) return internal_failure();
    return std::move(*opened);
  }
  const auto kms_key = s3.kms().find("", bucket.region, sealing.kms_key);
  if (!kms_key) return fail(from_kms(kms_key.error()));
  auto text = s3.kms().open_sealed(**kms_key, context_of(sealing, bucket.name, key), sealing.wrapped);
  if (!text) return fail(from_kms(text.error()));
  return std::move(*text);
}

Result<void> check_customer_key(const S3&, const Call& call, const Bucket& bucket, std::string_view key,
                                const Sealing& sealing, const CustomerHeaders& headers) {
  const bool sent = has_customer_key(call.in, headers);
  if (sealing.customer_md5.empty()) {
    if (!sent) return {};
    return fail(error::invalid_request("The encryption parameters are not applicable to this object."));
  }
  if (!sent) {
    return fail(error::invalid_request(
        "The object was stored using a form of Server Side Encryption. The correct parameters must be "
        "provided to retrieve the object."));
  }
  TRY(const auto customer, customer_key(call, headers));
  if (!open_text(customer, bound_to(bucket, key), sealing.wrapped)) return fail(error::access_denied());
  return {};
}

Result<void> take_payload(const WriteKey& writing, Upload& payload, Object& object) {
  object.size = payload.size();
  object.etag = etag_of(writing, payload.digest(Digest::Kind::md5));
  if (payload.is_inline()) {
    object.salt = writing.salt;
    object.data = store::seal_frame(writing.blob_key(), payload.data());
    return {};
  }
  TRY(auto blob, payload.seal());
  object.segments.push_back({std::move(blob), object.size, writing.salt});
  return {};
}

std::string etag_of(const WriteKey& writing, std::string_view md5_of_data) {
  if (!is_kms(writing.sealing) && writing.sealing.customer_md5.empty()) return hex(md5_of_data);
  return hex(md5(writing.key + std::string(md5_of_data)));
}

void set_encryption(wire::Value& out, const Sealing& sealing) {
  if (!sealing.customer_md5.empty()) {
    out.set(m::SSECustomerAlgorithm, "AES256");
    out.set(m::SSECustomerKeyMD5, sealing.customer_md5);
    return;
  }
  out.set(m::ServerSideEncryption, sealing.algorithm);
  if (!is_kms(sealing)) return;
  out.set(m::SSEKMSKeyId, sealing.kms_key);
  if (sealing.bucket_key) out.set(m::BucketKeyEnabled, true);
}

}  // namespace gatehouse::service::s3
