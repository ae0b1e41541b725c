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
#include "identity/token/jwt.h"
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

// A claim of AWS's namespace: a string, or a list of one.
Result<std::string> one_string(const json::value& claim) {
  const json::value* one = &claim;
  if (const json::array* list = claim.if_array(); list != nullptr && list->size() == 1) one = &list->front();
  if (!one->is_string())
    return invalid_token("The session tags of the web identity token are not valid: one value is expected.");
  return std::string(one->get_string());
}

constexpr std::string_view kTags = "https://aws.amazon.com/tags";
constexpr std::string_view kFlatTag = "https://aws.amazon.com/tags/principal_tags/";
constexpr std::string_view kFlatTransitive = "https://aws.amazon.com/tags/transitive_tag_keys";
constexpr std::string_view kSourceIdentity = "https://aws.amazon.com/source_identity";

Result<void> add_transitive(const json::value& keys, Assumption& assumption) {
  if (!keys.is_array())
    return invalid_token("The transitive tag keys of the web identity token are no list.");
  for (const json::value& key : keys.get_array()) {
    TRY(assumption.transitive.emplace_back(), one_string(key));
  }
  return {};
}

Result<void> add_tag(std::string_view key, const json::value& value, Assumption& assumption) {
  TRY(std::string text, one_string(value));
  assumption.tags.emplace_back(key, std::move(text));
  return {};
}

// The session's tags and source identity, which the issuer puts in the token, nested or flat.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp
Result<void> read_claims(const json::object& claims, Assumption& assumption) {
  for (const auto& [name, value] : claims) {
    const std::string_view claim(name);
    if (claim.starts_with(kFlatTag)) {
      CHECK_OK(add_tag(claim.substr(kFlatTag.size()), value, assumption));
    } else if (claim == kFlatTransitive) {
      CHECK_OK(add_transitive(value, assumption));
    } else if (claim == kSourceIdentity) {
      TRY(assumption.source_identity, one_string(value));
      CHECK_OK(check_source_identity(assumption.source_identity));
    } else if (claim == kTags) {
      if (!value.is_object())
        return invalid_token("The session tags of the web identity token are no object.");
      const json::object& tags = value.get_object();
      if (const json::value* all = tags.if_contains("principal_tags"); all != nullptr && all->is_object()) {
        for (const auto& [key, of] : all->get_object()) CHECK_OK(add_tag(key, of, assumption));
      }
      if (const json::value* keys = tags.if_contains("transitive_tag_keys"))
        CHECK_OK(add_transitive(*keys, assumption));
    }
  }
  return check_session_tags(assumption.tags);
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
  Assumption assumption;
  // A role that is not there is refused as one that does not trust: the message must not tell them apart.
  assumption.role = role_of(sts, role_arn);
  CHECK_OK(read_claims(claims.all, assumption));
  account::Requirement r;
  r.action = "sts:AssumeRoleWithWebIdentity";
  r.resource = role_arn;
  r.resource_account = account;
  r.key("sts:RoleSessionName", std::string(call.in[m::RoleSessionName].text()));
  if (!assumption.tags.empty()) r.request_tags(assumption.tags);
  if (!assumption.transitive.empty()) r.keys_of("sts:TransitiveTagKeys", assumption.transitive);
  return requirements_of(call, std::move(r), std::move(assumption));
}

Result<wire::Value> assume_role_with_web_identity(Sts& sts, Call& call) {
  const auto assumption = call.pin<Assumption>();
  if (assumption->role == nullptr) return internal_failure();  // the gate has refused it
  TRY(account::Session session, new_session(sts, call, *assumption));
  session.federated_provider = call.caller.arn;
  const auto audience = std::find_if(call.caller.keys.begin(), call.caller.keys.end(),
                                     [](const auto& key) { return key.first.ends_with(":aud"); });
  wire::Value out = wire::structure({{m::Credentials, credentials_value(sts, session)},
                                     {m::SubjectFromWebIdentityToken, call.caller.name},
                                     {m::AssumedRoleUser, assumed_role_value(session, *assumption->role)},
                                     {m::Provider, call.caller.arn},
                                     {m::Audience, audience->second.front()}});
  if (!session.source_identity.empty()) out.set(m::SourceIdentity, session.source_identity);
  return out;
}

}  // namespace gatehouse::service::sts
