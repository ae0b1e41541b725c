#include "identity/signature/signer.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/time.h"
#include "identity/signature/canonical.h"

namespace gatehouse::identity {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::vector<std::string> header_names(const wire::Headers& headers) {
  std::vector<std::string> names;
  for (const auto& [name, value] : headers.fields) names.push_back(name);
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string scope_of(const SigningContext& context, std::string_view amz_date) {
  return fmt::format("{}/{}/{}/aws4_request", amz_date.substr(0, 8), context.region, context.service);
}

std::string signature(const CanonicalInput& input, const Credentials& credentials,
                      const SigningContext& context) {
  const std::string amz_date = basic_iso8601(context.now);
  const Sha256 key =
      derive_signing_key(credentials.secret_access_key,
                         {std::string_view(amz_date).substr(0, 8), context.region, context.service});
  const std::string to_sign = string_to_sign(amz_date, scope_of(context, amz_date), canonical_request(input));
  return hex(as_bytes(hmac_sha256(as_bytes(key), to_sign)));
}

}  // namespace

std::string sign(wire::Head& head, std::string_view payload_hash, const Credentials& credentials,
                 const SigningContext& context) {
  const std::string amz_date = basic_iso8601(context.now);
  const bool s3 = context.service == "s3";
  head.headers.add("x-amz-date", amz_date);
  if (!credentials.session_token.empty()) head.headers.add("x-amz-security-token", credentials.session_token);
  if (s3) head.headers.add("x-amz-content-sha256", payload_hash);
  const auto names = header_names(head.headers);
  std::string made = signature({head, names, payload_hash, false, s3}, credentials, context);
  head.headers.add("authorization", fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}",
                                                kAlgorithm, credentials.access_key_id,
                                                scope_of(context, amz_date), fmt::join(names, ";"), made));
  return made;
}

void presign(wire::Head& head, std::chrono::seconds expires, const Credentials& credentials,
             const SigningContext& context) {
  const std::string amz_date = basic_iso8601(context.now);
  const bool s3 = context.service == "s3";
  const auto names = header_names(head.headers);
  const std::string credential = credentials.access_key_id + "/" + scope_of(context, amz_date);
  head.target += head.query().empty() ? "?" : "&";
  head.target += fmt::format(
      "X-Amz-Algorithm={}&X-Amz-Credential={}&X-Amz-Date={}&X-Amz-Expires={}&X-Amz-SignedHeaders={}",
      kAlgorithm, percent_encode(credential), amz_date, expires.count(),
      percent_encode(fmt::format("{}", fmt::join(names, ";"))));
  if (!credentials.session_token.empty())
    head.target += "&X-Amz-Security-Token=" + percent_encode(credentials.session_token);
  const std::string payload = s3 ? "UNSIGNED-PAYLOAD" : hex(as_bytes(sha256("")));
  head.target += "&X-Amz-Signature=" + signature({head, names, payload, true, s3}, credentials, context);
}

}  // namespace gatehouse::identity
