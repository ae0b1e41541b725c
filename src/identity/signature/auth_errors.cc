#include "identity/signature/auth_errors.h"

#include <fmt/format.h>

#include "base/time.h"

namespace gatehouse::identity {
namespace {

using std::chrono::minutes;

constexpr minutes kSkew{15};

// The JSON protocols put "Exception" behind the names that the query protocol has; json 1.0 and 1.1 answer
// client errors with 400, rest-json with the status of its kind.
Error json_error(Family family, std::string code, std::string message) {
  return {std::move(code), std::move(message), family == Family::json ? 400 : 403, {}};
}

bool is_json(Family family) { return family == Family::json || family == Family::rest_json; }

Error s3_error(AuthFailure failure, std::string_view access_key_id) {
  Error error;
  switch (failure) {
    case AuthFailure::missing_credentials:
      return {"AccessDenied", "Access Denied", 403, {}};
    case AuthFailure::unknown_key:
      error = {
          "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403, {}};
      break;
    case AuthFailure::invalid_token:
      return {"InvalidToken", "The provided token is malformed or otherwise invalid.", 400, {}};
    case AuthFailure::expired_token:
      return {"ExpiredToken", "The provided token has expired.", 400, {}};
    case AuthFailure::wrong_signature:
      error = {
          "SignatureDoesNotMatch",
          "The request signature we calculated does not match the signature you provided. Check your key and "
          "signing method.",
          403,
          {}};
      break;
  }
  error.details.emplace_back("AWSAccessKeyId", access_key_id);
  return error;
}

Error ec2_error(AuthFailure failure) {
  switch (failure) {
    case AuthFailure::unknown_key:
    case AuthFailure::invalid_token:
      return {"AuthFailure", "AWS was not able to validate the provided access credentials", 401, {}};
    case AuthFailure::expired_token:
      return {"RequestExpired", "Request has expired.", 400, {}};
    default:
      return error_for(failure, Family::query);
  }
}

constexpr std::string_view kMismatch =
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access "
    "Key and signing method. Consult the service documentation for details.";

}  // namespace

Error error_for(AuthFailure failure, Family family, std::string_view access_key_id) {
  if (family == Family::s3) return s3_error(failure, access_key_id);
  if (family == Family::ec2) return ec2_error(failure);
  const bool json = is_json(family);
  switch (failure) {
    case AuthFailure::missing_credentials:
      if (json)
        return json_error(family, "MissingAuthenticationTokenException", "Missing Authentication Token");
      return {"MissingAuthenticationToken", "Request is missing Authentication Token", 403, {}};
    case AuthFailure::unknown_key:
    case AuthFailure::invalid_token:
      if (json)
        return json_error(family, "UnrecognizedClientException",
                          "The security token included in the request is invalid.");
      return {"InvalidClientTokenId", "The security token included in the request is invalid", 403, {}};
    case AuthFailure::expired_token:
      if (json)
        return json_error(family, "ExpiredTokenException",
                          "The security token included in the request is expired");
      return {"ExpiredToken", "The security token included in the request is expired", 403, {}};
    case AuthFailure::wrong_signature:
      break;
  }
  return invalid_signature(family, std::string(kMismatch));
}

Error incomplete_signature(Family family, std::string text) {
  if (family == Family::s3) return s3_malformed(false, text);
  if (is_json(family)) return json_error(family, "IncompleteSignatureException", std::move(text));
  return {"IncompleteSignature", std::move(text), 400, {}};
}

Error invalid_signature(Family family, std::string text) {
  if (is_json(family)) return json_error(family, "InvalidSignatureException", std::move(text));
  return {"SignatureDoesNotMatch", std::move(text), 403, {}};
}

Error skewed(Family family, Time signed_at, Time now) {
  if (family == Family::s3) {
    return {"RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
            403,
            {{"RequestTime", basic_iso8601(signed_at)},
             {"ServerTime", iso8601(now)},
             {"MaxAllowedSkewMilliseconds", "900000"}}};
  }
  if (family == Family::ec2) return {"RequestExpired", "Request has expired.", 400, {}};
  const bool past = signed_at < now;
  const Time limit = past ? now - kSkew : now + kSkew;
  return invalid_signature(family, fmt::format("{}: {} is {} than {} ({} {} 15 min.)",
                                               past ? "Signature expired" : "Signature not yet current",
                                               basic_iso8601(signed_at), past ? "now earlier" : "still later",
                                               basic_iso8601(limit), basic_iso8601(now), past ? '-' : '+'));
}

Error url_expired(Family family, Time signed_at, Time end, std::int64_t expires, Time now) {
  if (family != Family::s3) return skewed(family, signed_at, now);
  return {
      "AccessDenied",
      "Request has expired",
      403,
      {{"X-Amz-Expires", std::to_string(expires)}, {"Expires", iso8601(end)}, {"ServerTime", iso8601(now)}}};
}

Error s3_malformed(bool presigned, std::string_view what) {
  if (presigned) return {"AuthorizationQueryParametersError", std::string(what), 400, {}};
  return {"AuthorizationHeaderMalformed",
          fmt::format("The authorization header is malformed; {}", what),
          400,
          {}};
}

}  // namespace gatehouse::identity
