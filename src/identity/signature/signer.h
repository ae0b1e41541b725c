// AWS Signature Version 4, the client's side: for our own calls, tests and benchmarks.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/hash.h"
#include "identity/signature/signing_keys.h"
#include "wire/http.h"

namespace gatehouse::identity {

struct Credentials {
  std::string access_key_id, secret_access_key;
  std::string session_token;  // "" for a user's key
};

struct SigningContext {
  std::string region, service;
  Time now;
};

// Signs every header that is there. Adds x-amz-date, x-amz-security-token for a session, authorization, and
// for S3 x-amz-content-sha256. `payload_hash` is hex(sha256(body)), or one of S3's words for it. Returns the
// signature, which seeds signed chunks.
std::string sign(wire::Head& head, std::string_view payload_hash, const Credentials& credentials,
                 const SigningContext& context);

// Makes head.target a presigned one. Signs every header that is there.
void presign(wire::Head& head, std::chrono::seconds expires, const Credentials& credentials,
             const SigningContext& context);

}  // namespace gatehouse::identity
