// Encryption at rest: each object has a random key, and each blob of it a key derived from that. The object's
// key is kept sealed: by a key of the installation (SSE-S3), by KMS (SSE-KMS), or by the customer's key,
// which is kept nowhere (SSE-C). https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingEncryption.html
#pragma once

#include <memory>

#include "service/kms/kms.h"
#include "service/s3/s3.h"
#include "service/upload.h"

namespace gatehouse::service::s3 {

// The key that a call writes under.
struct WriteKey {
  Sealing sealing;  // without the wrapped key while that is not stored yet
  std::string key;
  std::string salt;  // of the blob that the payload becomes

  std::string blob_key() const;
};

// For resolve functions. What the headers, or the bucket's default, ask for; adds what KMS needs to be
// allowed, and lets the payload be encrypted as it comes.
Result<std::shared_ptr<const WriteKey>> key_for_write(S3& s3, Call& call, const Bucket& bucket,
                                                      Requirements& requirements);
// The same under the key of an upload that is under way.
Result<std::shared_ptr<const WriteKey>> key_for_part(S3& s3, Call& call, const Bucket& bucket,
                                                     const Sealing& sealing, Requirements& requirements);
// What reading the data needs beyond S3's own actions: kms:Decrypt.
void need_decrypt(const S3& s3, const Call& call, const Bucket& bucket, std::string_view key,
                  const Sealing& sealing, Requirements& requirements);

// The sealing with its key wrapped, once the call is allowed. KMS.DisabledException and the like.
Result<Sealing> wrapped(const S3& s3, const Call& call, const Bucket& bucket, std::string_view key,
                        const WriteKey& writing);

// Where a customer's key stands: the headers of a read or a write, and those of a copy's source.
struct CustomerHeaders {
  wire::Member algorithm, key, md5;
};
inline constexpr CustomerHeaders kOwnHeaders{m::SSECustomerAlgorithm, m::SSECustomerKey,
                                             m::SSECustomerKeyMD5};
inline constexpr CustomerHeaders kSourceHeaders{m::CopySourceSSECustomerAlgorithm,
                                                m::CopySourceSSECustomerKey, m::CopySourceSSECustomerKeyMD5};

// The object's key, opened; empty where its data lie plain. InvalidRequest where the customer's key is
// missing or needless, AccessDenied where it is another.
Result<std::string> opened_key(const S3& s3, const Call& call, const Bucket& bucket, std::string_view key,
                               const Sealing& sealing, const CustomerHeaders& headers);
// The same for whoever has no call: not for what a customer's key sealed.
Result<std::string> stored_key(const S3& s3, const Bucket& bucket, std::string_view key,
                               const Sealing& sealing);
// For looking at an object without its data: only a customer's key is asked for.
Result<void> check_customer_key(const S3& s3, const Call& call, const Bucket& bucket, std::string_view key,
                                const Sealing& sealing, const CustomerHeaders& headers);

std::string blob_key(std::string_view object_key, std::string_view salt);

// Takes the payload as the object's data. `keep` is to live until the record is stored.
Result<void> take_payload(const WriteKey& writing, Upload& payload, Object& object);

// With a customer's key or KMS the tag is not the MD5 of the data, which would tell something about them.
std::string etag_of(const WriteKey& writing, std::string_view md5);

// x-amz-server-side-encryption and its kin in an answer.
void set_encryption(wire::Value& out, const Sealing& sealing);

}  // namespace gatehouse::service::s3
