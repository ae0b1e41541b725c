// AssumeRoleWithWebIdentity: a token of a registered issuer, for a role whose trust policy accepts what it
// says.
//
// The call is not signed; the token is the credential. It is verified here, before the gate is asked, because
// the condition keys of the trust policy are its claims: ISSUER:aud, ISSUER:sub, ISSUER:amr.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
#include <fmt/format.h>

#include <algorithm>

#include "base/arn.h"
#include "base/time.h"
#include "identity/jwt.h"
#include "service/sts/sts.h"

namespace gatehouse::service::sts {
namespace {

constexpr auto kSkew = std::chrono::seconds(300);

std::unexpected<Error> invalid_token(std::string message) {
  return fail("InvalidIdentityToken", std::move(message), 400);
}

// AWS documents the codes, not every sentence; those that users have met are kept
// (aws-sdk-js-v3#5083, amazon-eks-irsa-cfn#18, aws-cli#7194), the others say what is wrong.
std::unexpected<Error> worded(const identity::JwtError& error, const identity::Claims& claims, Time now) {
  using Kind = identity::JwtError::Kind;
  switch (error.kind) {
    case Kind::expired:
      return fail(
          "ExpiredTokenException",
          fmt::format("Token expired: current date/time {} must be before the expiration date/time {}",
                      unix_seconds(now), claims.expires ? unix_seconds(*claims.expires) : 0),
          400);
    case Kind::not_yet_valid:
      return invalid_token("The web identity token is not valid yet: " + error.detail);
    case Kind::bad_algorithm:
      return invalid_token("The web identity token is signed with an unsupported algorithm: " + error.detail);
    case Kind::bad_signature:
      return invalid_token("The signature of the web identity token is not valid.");
    case Kind::unknown_key:
      return invalid_token(
          "Couldn't retrieve verification key from your identity provider,  please reference "
          "AssumeRoleWithWebIdentity "
          "documentation for requirements");
    default:
      return invalid_token(
          "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)");
  }
}

// With `azp`, AWS takes it for the audience and calls the token's own audience oaud.
std::vector<std::string> effective_audience(const identity::Claims& claims) {
  if (claims.authorized_party) return {*claims.authorized_party};
  return claims.audience;
}

account::Caller federated_caller(const account::OidcProvider& provider, const identity::Claims& claims,
                                 const std::vector<std::string>& audience) {
  account::Caller caller;
  caller.type = policy::PrincipalType::federated;
  caller.account = provider.account;
  caller.arn = provider.arn;
  caller.name = claims.subject;
  caller.user_id = fmt::format("{}:{}:{}", provider.arn, audience.front(), claims.subject);
  caller.keys.push_back({provider.url + ":aud", {audience.front()}});
  caller.keys.push_back({provider.url + ":sub", {claims.subject}});
  if (claims.authorized_party && !claims.audience.empty()) {
    caller.keys.push_back({provider.url + ":oaud", {claims.audience.front()}});
  }
  if (const json::value* amr = claims.all.if_contains("amr"); amr != nullptr && amr->is_array()) {
    std::vector<std::string> methods;
    for (const json::value& method : amr->get_array()) {
      if (method.is_string()) methods.emplace_back(method.get_string());
    }
    caller.keys.push_back({provider.url + ":amr", std::move(methods)});
  }
  return caller;
}

}  // namespace

Result<Requirements> web_identity_needs(Sts& sts, Call& call) {
  CHECK_OK(check_session_parameters(call));
  const std::string_view role_arn = call.in[m::RoleArn].text();
  const std::string account(Arn::parse(role_arn)->account);

  const auto token = identity::Jwt::read(call.in[m::WebIdentityToken].text());
  if (!token) return worded(token.error(), {}, call.now());
  const identity::Claims& said = token->unverified();
  for (const auto& [claim, there] : {std::pair("iss", !said.issuer.empty()),
                                     {"sub", !said.subject.empty()},
                                     {"aud", !said.audience.empty()},
                                     {"exp", said.expires.has_value()}}) {
    if (!there) return invalid_token(fmt::format("Missing a required claim: {}", claim));
  }

  const auto provider = sts.directory.oidc_provider(account, account::normalized_issuer(said.issuer));
  if (provider == nullptr || !said.issuer.starts_with("https://")) {
    return invalid_token(fmt::format("No OpenIDConnect provider found in your account for {}", said.issuer));
  }
  TRY(const auto keys, sts.keys.keys_of(*provider, token->kid(), call.reach));
  const auto verified = token->verify(*keys);
  if (!verified) return worded(verified.error(), said, call.now());
  const identity::Claims& claims = **verified;
  if (const auto in_time = identity::check_times(claims, call.now(), kSkew); !in_time) {
    return worded(in_time.error(), claims, call.now());
  }
  std::vector<std::string> audience = effective_audience(claims);
  std::erase_if(audience, [&](const std::string& a) {
    return std::find(provider->client_ids.begin(), provider->client_ids.end(), a) ==
           provider->client_ids.end();
  });
  if (audience.empty()) return invalid_token("Incorrect token audience");

  call.caller = federated_caller(*provider, claims, audience);
  call.account = account;
  const auto role = role_of(sts, role_arn);
  call.pinned = role;
  account::Requirement r;
  r.action = "sts:AssumeRoleWithWebIdentity";
  r.resource = role_arn;
  r.resource_account = account;
  r.key("sts:RoleSessionName", std::string(call.in[m::RoleSessionName].text()));
  // A role that is not there is refused as one that does not trust: the message must not tell them apart.
  if (role != nullptr) r.resource_policy = role->trust.compiled;
  return Requirements{std::move(r)};
}

Result<wire::Value> assume_role_with_web_identity(Sts& sts, Call& call) {
  const auto role = call.pin<account::Role>();
  if (role == nullptr) return internal_failure();  // the gate has refused it
  TRY(account::Session session, new_session(sts, call, *role));
  session.federated_provider = call.caller.arn;
  const auto audience = std::find_if(call.caller.keys.begin(), call.caller.keys.end(),
                                     [](const auto& key) { return key.first.ends_with(":aud"); });
  return wire::structure({{m::Credentials, credentials_value(sts, session)},
                          {m::SubjectFromWebIdentityToken, call.caller.name},
                          {m::AssumedRoleUser, assumed_role_value(session, *role)},
                          {m::Provider, call.caller.arn},
                          {m::Audience, audience->second.front()}});
}

}  // namespace gatehouse::service::sts
