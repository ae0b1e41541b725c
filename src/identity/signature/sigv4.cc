#include "identity/signature/sigv4.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/time.h"
#include "identity/signature/canonical.h"

namespace gatehouse::identity {

std::string Claim::scope() const { return fmt::format("{}/{}/{}/aws4_request", date, region, service); }

Result<void> check_scope(const Claim& claim, Family family, std::string_view region,
                         std::string_view service) {
  const bool wrong_region = !region.empty() && claim.region != region;
  const bool wrong_service = !service.empty() && claim.service != service;
  if (family == Family::s3) {
    if (wrong_region) {
      Error error = s3_malformed(
          claim.presigned, fmt::format("the region '{}' is wrong; expecting '{}'", claim.region, region));
      error.details.emplace_back("Region", region);
      return fail(std::move(error));
    }
    if (wrong_service)
      return fail(s3_malformed(
          claim.presigned,
          fmt::format("incorrect service \"{}\". This endpoint belongs to \"{}\".", claim.service, service)));
    return {};
  }
  std::string text;
  if (wrong_region)
    text = fmt::format("Credential should be scoped to a valid region, not '{}'. ", claim.region);
  if (wrong_service) text += fmt::format("Credential should be scoped to correct service: '{}'. ", service);
  if (!text.empty()) return fail(invalid_signature(family, std::move(text)));
  return {};
}

namespace {

Result<void> check_time(const Claim& claim, const Verification& with) {
  if (claim.signed_at > with.now + kMaxSkew) return fail(skewed(with.family, claim.signed_at, with.now));
  // STS holds presigned URLs to 15 minutes whatever X-Amz-Expires says; S3 to what it says.
  if (claim.presigned && with.family == Family::s3) {
    const Time end = claim.signed_at + std::chrono::seconds(claim.expires);
    if (with.now > end) return fail(url_expired(with.family, claim.signed_at, end, claim.expires, with.now));
    return {};
  }
  if (claim.signed_at < with.now - kMaxSkew) return fail(skewed(with.family, claim.signed_at, with.now));
  return {};
}

bool is_signed(const Claim& claim, std::string_view name) {
  for (const std::string& header : claim.signed_headers)
    if (header == name) return true;
  return false;
}

// A header that a proxy or a thief can change must not change what the request does.
Result<void> check_signed_headers(const Claim& claim, const wire::Head& head, Family family) {
  if (family != Family::s3) {
    if (is_signed(claim, "host")) return {};
    return fail(invalid_signature(
        family, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."));
  }
  std::string missing;
  for (const auto& [name, value] : head.headers.fields) {
    // The payload's hash is in the canonical request in its own right.
    const bool must = name == "host" || (name.starts_with("x-amz-") && name != "x-amz-content-sha256");
    if (must && !is_signed(claim, name)) missing += (missing.empty() ? "" : ", ") + name;
  }
  if (missing.empty()) return {};
  return std::unexpected(Error{"AccessDenied",
                               "There were headers present in the request which were not signed",
                               403,
                               {{"HeadersNotSigned", missing}}});
}

std::string spaced_hex(std::string_view text) {
  const std::string digits = hex(text);
  std::string out;
  for (size_t i = 0; i < digits.size(); i += 2) out.append(out.empty() ? "" : " ").append(digits, i, 2);
  return out;
}

// S3 shows what it signed, which is what people debug with.
Error mismatch(const Claim& claim, Family family, const std::string& to_sign, const std::string& canonical) {
  Error error = error_for(AuthFailure::wrong_signature, family, claim.access_key_id);
  if (family != Family::s3) return error;
  error.details.emplace_back("StringToSign", to_sign);
  error.details.emplace_back("SignatureProvided", claim.signature);
  error.details.emplace_back("StringToSignBytes", spaced_hex(to_sign));
  error.details.emplace_back("CanonicalRequest", canonical);
  error.details.emplace_back("CanonicalRequestBytes", spaced_hex(canonical));
  return error;
}

}  // namespace

Result<void> verify(const Claim& claim, const wire::Head& head, const Verification& with, SigningKeys& keys) {
  CHECK_OK(check_time(claim, with));
  CHECK_OK(check_signed_headers(claim, head, with.family));
  const std::string canonical = canonical_request(
      {head, claim.signed_headers, with.payload_hash, claim.presigned, with.family == Family::s3});
  const std::string to_sign = string_to_sign(claim.amz_date, claim.scope(), canonical);
  const Sha256 key = keys.get(with.secret, claim.key_scope());
  const std::string expected = hex(as_bytes(hmac_sha256(as_bytes(key), to_sign)));
  if (!equal_constant_time(expected, claim.signature))
    return fail(mismatch(claim, with.family, to_sign, canonical));
  return {};
}

Result<void> check_payload(const Claim& claim, const Sha256& body) {
  if (claim.payload_mode != PayloadMode::hash) return {};
  const std::string computed = hex(as_bytes(body));
  if (computed == claim.payload_hash) return {};
  return std::unexpected(
      Error{"XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
            400,
            {{"ClientComputedContentSHA256", claim.payload_hash}, {"S3ComputedContentSHA256", computed}}});
}

}  // namespace gatehouse::identity
