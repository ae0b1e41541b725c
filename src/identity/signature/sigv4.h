// AWS Signature Version 4, the server's side: who says they signed this, and did they.
//
// Two steps, since the secret is looked up between them by others:
//
//   parse_claim()  reads the Authorization header or the presigned query. No claim is no error: the caller is
//                  anonymous, and whether that will do is decided elsewhere.
//   verify()       computes the signature with the secret and compares, in constant time.
//
// The payload's hash. S3 clients declare it in x-amz-content-sha256, so verify() runs before the body is
// read, with claim.payload_hash, and check_payload() compares at the end. Elsewhere it is that of the body,
// which is read first: verify() then gets hex(sha256(body)).
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "identity/signature/auth_errors.h"
#include "identity/signature/signing_keys.h"
#include "wire/http.h"

namespace gatehouse::identity {

inline constexpr std::chrono::minutes kMaxSkew{15};

// What the body is, by S3's x-amz-content-sha256. Always `hash` outside S3.
enum class PayloadMode : std::uint8_t {
  hash,
  unsigned_payload,
  signed_chunks,          // STREAMING-AWS4-HMAC-SHA256-PAYLOAD
  signed_chunks_trailer,  // STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER
  unsigned_trailer,       // STREAMING-UNSIGNED-PAYLOAD-TRAILER
};

struct Claim {
  std::string access_key_id;
  std::string date, region, service;  // of the credential's scope
  std::vector<std::string> signed_headers;
  std::string signature;  // 64 hex digits
  std::string session_token;
  std::string amz_date;  // as signed: "20150830T123600Z"
  Time signed_at{};
  bool presigned = false;
  std::int64_t expires = 0;  // seconds, of a presigned URL
  PayloadMode payload_mode = PayloadMode::hash;
  std::string payload_hash;  // S3: what stands in the canonical request; "" elsewhere

  std::string scope() const;  // "20150830/us-east-1/iam/aws4_request"
  KeyScope key_scope() const { return {date, region, service}; }
};

Result<std::optional<Claim>> parse_claim(const wire::Head& head, Family family);

// For endpoints whose host name tells region and service. An empty `region` or `service` is not checked.
Result<void> check_scope(const Claim& claim, Family family, std::string_view region,
                         std::string_view service);

struct Verification {
  std::string_view secret;
  std::string_view payload_hash;
  Time now;
  Family family;
};
Result<void> verify(const Claim& claim, const wire::Head& head, const Verification& with, SigningKeys& keys);

// S3, when the body is read whole: is it what was declared? Only where claim.payload_mode is `hash`.
Result<void> check_payload(const Claim& claim, const Sha256& body);

}  // namespace gatehouse::identity
