// What AWS answers to credentials it does not accept. The same cause has another code, wording and status in
// each family of protocols.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace gatehouse::identity {

enum class Family : std::uint8_t { query, ec2, json, rest_json, s3 };

enum class AuthFailure : std::uint8_t {
  missing_credentials,  // nothing was sent, and the operation does not take anonymous callers
  unknown_key,          // no such access key, or an inactive one
  invalid_token,        // the session token is not the key's
  expired_token,        // the session is over
  wrong_signature,
};

// `access_key_id` goes into S3's answers.
Error error_for(AuthFailure failure, Family family, std::string_view access_key_id = {});

// The request cannot be read as signed. `text` is the whole message for all but S3, which has its own.
Error incomplete_signature(Family family, std::string text);
// Signed, but for another moment, place or purpose; the message says which. S3 words these differently and
// does not come here.
Error invalid_signature(Family family, std::string text);

// The request's time is more than 15 minutes from ours.
Error skewed(Family family, Time signed_at, Time now);
// A presigned URL after its end.
Error url_expired(Family family, Time signed_at, Time end, std::int64_t expires, Time now);

// "The authorization header is malformed; …" of S3.
Error s3_malformed(bool presigned, std::string_view what);

}  // namespace gatehouse::identity
