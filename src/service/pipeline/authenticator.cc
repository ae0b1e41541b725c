#include "service/pipeline/authenticator.h"

#include "base/encoding.h"
#include "identity/signature/post_policy.h"

namespace gatehouse::service {
namespace {

// AKIA…/20260131/us-east-1/iam/aws4_request
std::string service_in(std::string_view credential) {
  for (int slashes = 0; slashes < 3; ++slashes) {
    const auto slash = credential.find('/');
    if (slash == std::string_view::npos) return "";
    credential.remove_prefix(slash + 1);
  }
  return std::string(credential.substr(0, credential.find('/')));
}

// The Directory speaks as the query services do; each family has its own words for the same failure.
Error worded(const Error& error, std::string_view access_key_id, Family family) {
  using identity::AuthFailure;
  if (error.code == "ExpiredToken")
    return identity::error_for(AuthFailure::expired_token, family, access_key_id);
  if (error.code != "InvalidClientTokenId") return error;
  const bool temporary = access_key_id.starts_with("ASIA");
  return identity::error_for(temporary ? AuthFailure::invalid_token : AuthFailure::unknown_key, family,
                             access_key_id);
}

}  // namespace

Family family_of(const wire::ServiceModel& model) {
  switch (model.protocol) {
    case wire::Protocol::query:
      return Family::query;
    case wire::Protocol::ec2:
      return Family::ec2;
    case wire::Protocol::rest_xml:
      return Family::s3;
    case wire::Protocol::rest_json:
      return Family::rest_json;
    default:
      return Family::json;
  }
}

std::string scope_service(const wire::Head& head) {
  constexpr std::string_view kHeader = "Credential=";
  const std::string_view authorization = head.headers.get("authorization");
  if (const auto at = authorization.find(kHeader); at != std::string_view::npos) {
    const std::string_view rest = authorization.substr(at + kHeader.size());
    return service_in(rest.substr(0, rest.find_first_of(", ")));
  }
  constexpr std::string_view kQuery = "X-Amz-Credential=";
  const std::string_view query = head.query();
  if (const auto at = query.find(kQuery); at != std::string_view::npos) {
    const std::string_view rest = query.substr(at + kQuery.size());
    return service_in(percent_decode(rest.substr(0, rest.find('&'))).value_or(""));
  }
  return "";
}

Result<Authenticator::Signer> Authenticator::signer_of(const Claim& claim, const wire::Head& head,
                                                       std::string_view body_hash, Time now,
                                                       Family family) const {
  const auto credentials = sessions_.find(claim.access_key_id, claim.session_token);
  if (!credentials) return fail(worded(credentials.error(), claim.access_key_id, family));
  const std::string& secret = (*credentials)->secret;
  const std::string_view hash = claim.payload_hash.empty() ? body_hash : std::string_view(claim.payload_hash);
  CHECK_OK(identity::verify(claim, head, {secret, hash, now, family}, keys_));
  return Signer{(*credentials)->caller, keys_.get(secret, claim.key_scope())};
}

Result<account::Caller> Authenticator::caller_of(const Claim& claim, const wire::Head& head,
                                                 std::string_view body_hash, Time now, Family family) const {
  TRY(Signer signer, signer_of(claim, head, body_hash, now, family));
  return std::move(signer.caller);
}

Result<account::Caller> Authenticator::signer_of_form(const Claim& claim,
                                                      std::string_view encoded_policy) const {
  const auto credentials = sessions_.find(claim.access_key_id, claim.session_token);
  if (!credentials) return fail(worded(credentials.error(), claim.access_key_id, Family::s3));
  const Sha256 key = keys_.get((*credentials)->secret, claim.key_scope());
  if (identity::is_signed_by(claim, encoded_policy, key)) return (*credentials)->caller;
  return fail(identity::error_for(identity::AuthFailure::wrong_signature, Family::s3, claim.access_key_id));
}

}  // namespace gatehouse::service
