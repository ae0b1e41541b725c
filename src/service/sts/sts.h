// STS: credentials for those whom a role's trust policy lets in.
// https://docs.aws.amazon.com/STS/latest/APIReference/
#pragma once

#include <memory>
#include <string_view>

#include "account/directory/directory.h"
#include "account/sessions.h"
#include "identity/token/jwks.h"
#include "model/sts.h"
#include "service/call.h"

namespace gatehouse::service::sts {

namespace m = model::sts;

// Where an issuer's public keys come from: our clusters know theirs, others are asked for theirs.
class IssuerKeys {
 public:
  virtual ~IssuerKeys() = default;
  // The keys of the provider's issuer, if possible with the one named. InvalidIdentityToken or
  // IDPCommunicationError if they cannot be had; kNotInMemory if they would have to be fetched beyond
  // `reach`.
  virtual Result<std::shared_ptr<const identity::Jwks>> keys_of(const account::OidcProvider& provider,
                                                                const std::optional<std::string>& kid,
                                                                store::Reach reach) const = 0;
};

struct Sts {
  account::Directory& directory;
  account::Sessions& sessions;
  const IssuerKeys& keys;
  Random& random;
};

Service make_service(Sts& sts);

Result<Requirements> web_identity_needs(Sts& sts, Call& call);
Result<wire::Value> assume_role_with_web_identity(Sts& sts, Call& call);
Result<Requirements> assume_role_needs(Sts& sts, Call& call);
Result<wire::Value> assume_role(Sts& sts, Call& call);
Result<wire::Value> get_caller_identity(Sts& sts, Call& call);
Result<wire::Value> get_access_key_info(Sts& sts, Call& call);
Result<wire::Value> get_session_token(Sts& sts, Call& call);
Result<Requirements> federation_token_needs(Sts& sts, Call& call);
Result<wire::Value> get_federation_token(Sts& sts, Call& call);
Result<wire::Value> decode_authorization_message(Sts& sts, Call& call);
Result<Requirements> saml_needs(Sts& sts, Call& call);
Result<wire::Value> assume_role_with_saml(Sts& sts, Call& call);

// What both ways of assuming a role share, found before the gate is asked and pinned to the call.
struct Assumption {
  std::shared_ptr<const account::Role> role;  // null: it is not there, and the gate refuses
  std::vector<account::Tag> tags;             // of the session: inherited ones and those passed
  std::vector<std::string> transitive;        // keys of the tags that sessions made from this one inherit
  std::string source_identity;
};
Result<void> check_session_parameters(const Call& call);
Result<void> check_session_name(std::string_view name, std::string_view field, size_t longest);
Result<void> check_source_identity(std::string_view name);
Result<void> check_duration(const Call& call, std::int64_t longest_seconds);
Result<void> check_session_tags(const std::vector<account::Tag>& tags);
// The assumption itself, and the permissions that its tags and its source identity need. Pins it.
Requirements requirements_of(Call& call, account::Requirement assume, Assumption assumption);
// Policy and PolicyArns of the call, into the session.
Result<void> take_session_policies(const Sts& sts, const Call& call, account::Session& session);
Result<account::Session> new_session(Sts& sts, const Call& call, const Assumption& assumption);
wire::Value credentials_value(Sts& sts, const account::Session& session);
wire::Value assumed_role_value(const account::Session& session, const account::Role& role);

// The role that RoleArn names, if it is there under that very ARN.
std::shared_ptr<const account::Role> role_of(const Sts& sts, std::string_view arn);

// The caller's MFA device that SerialNumber and TokenCode prove, the code marked as used; none if the call
// has neither. AccessDenied 403 if they prove nothing.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
Result<std::optional<account::MfaDevice>> proven_device(const Sts& sts, const Call& call);
// Keeps the mark: of two calls with one code the second is refused.
Result<void> spend_code(Sts& sts, account::MfaDevice device);

}  // namespace gatehouse::service::sts
