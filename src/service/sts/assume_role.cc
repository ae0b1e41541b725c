// AssumeRole, and the small questions one may ask of STS.
#include <fmt/format.h>

#include <algorithm>

#include "base/arn.h"
#include "service/sts/sts.h"

namespace gatehouse::service::sts {
namespace {

std::vector<std::string> transitive_keys(const Call& call) {
  std::vector<std::string> keys;
  for (const wire::Value& key : call.in[m::TransitiveTagKeys].list()) keys.emplace_back(key.text());
  return keys;
}

// 2 to 1224 of [\w+=,.@:\/-]
Result<void> check_external_id(std::string_view id) {
  const auto refuse = [&](std::string_view rule) {
    return fail(
        "ValidationError",
        fmt::format(
            "1 validation error detected: Value '{}' at 'externalId' failed to satisfy constraint: {}", id,
            rule));
  };
  if (id.size() < 2) return refuse("Member must have length greater than or equal to 2");
  if (id.size() > 1224) return refuse("Member must have length less than or equal to 1224");
  const bool good = std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("_+=,.@:/-").find(static_cast<char>(c)) != std::string_view::npos;
  });
  if (!good) return refuse("Member must satisfy regular expression pattern: [\\w+=,.@:\\/-]*");
  return {};
}

bool has_key(const std::vector<account::Tag>& tags, std::string_view key) {
  const std::string folded = account::named_key("", key);
  return std::any_of(tags.begin(), tags.end(),
                     [&](const auto& t) { return account::named_key("", t.first) == folded; });
}

// Tags that a session passes on to the sessions made from it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining
void inherit(const account::Caller& caller, Assumption& assumption) {
  if (!caller.session) return;
  assumption.transitive = caller.session->transitive_tags;
  for (const account::Tag& tag : caller.session->tags) {
    if (std::find(assumption.transitive.begin(), assumption.transitive.end(), tag.first) !=
        assumption.transitive.end())
      assumption.tags.push_back(tag);
  }
}

// The tags of the call, over those inherited.
Result<void> add_tags(const Call& call, const std::vector<account::Tag>& passed, Assumption& assumption) {
  CHECK_OK(check_session_tags(passed));
  for (const account::Tag& tag : passed) {
    if (has_key(assumption.tags, tag.first)) {
      return fail("InvalidParameterValue",
                  "One of the specified transitive tag keys can't be set because it conflicts with a "
                  "transitive tag key from the calling session.");
    }
  }
  for (std::string& key : transitive_keys(call)) {
    if (!has_key(passed, key)) {
      return fail("InvalidParameterValue",
                  "The specified transitive tag key must be included in the requested tags.");
    }
    assumption.transitive.push_back(std::move(key));
  }
  assumption.tags.insert(assumption.tags.end(), passed.begin(), passed.end());
  return {};
}

// Once set it stays for the whole chain of sessions.
Result<std::string> source_identity(const Call& call) {
  const std::string kept = call.caller.session ? call.caller.session->source_identity : "";
  if (!call.in[m::SourceIdentity]) return kept;
  std::string asked(call.in[m::SourceIdentity].text());
  CHECK_OK(check_source_identity(asked));
  if (!kept.empty() && kept != asked) {
    return fail("AccessDenied",
                "The source identity of the calling session is set and cannot be changed to another.", 403);
  }
  return asked;
}

}  // namespace

Result<Requirements> assume_role_needs(Sts& sts, Call& call) {
  CHECK_OK(check_session_parameters(call));
  if (call.caller.type == policy::PrincipalType::root) {
    return fail("AccessDenied", "Roles may not be assumed by root accounts.", 403);
  }
  const std::string_view role_arn = call.in[m::RoleArn].text();
  Assumption assumption;
  assumption.role = role_of(sts, role_arn);

  account::Requirement assume;
  assume.action = "sts:AssumeRole";
  assume.resource = role_arn;
  assume.resource_account = std::string(Arn::parse(role_arn)->account);
  assume.key("sts:RoleSessionName", std::string(call.in[m::RoleSessionName].text()));
  if (const wire::Value& id = call.in[m::ExternalId]; id) {
    CHECK_OK(check_external_id(id.text()));
    assume.key("sts:ExternalId", std::string(id.text()));
  }
  if (assumption.role != nullptr) assume.resource_tags(assumption.role->tags);
  const std::vector<account::Tag> passed = read_tags(call.in[m::Tags]);
  assume.request_tags(passed);
  if (auto keys = transitive_keys(call); !keys.empty())
    assume.keys_of("sts:TransitiveTagKeys", std::move(keys));
  TRY(const auto device, proven_device(sts, call));
  if (device) assume.key("aws:MultiFactorAuthPresent", "true").key("aws:MultiFactorAuthAge", "0");
  inherit(call.caller, assumption);
  CHECK_OK(add_tags(call, passed, assumption));
  TRY(assumption.source_identity, source_identity(call));
  return requirements_of(call, std::move(assume), std::move(assumption));
}

// What a second factor proved here counts for this call alone: the session is the role's.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
Result<wire::Value> assume_role(Sts& sts, Call& call) {
  const auto assumption = call.pin<Assumption>();
  if (assumption->role == nullptr) return internal_failure();  // the gate has refused it
  TRY(const account::Session session, new_session(sts, call, *assumption));
  TRY(auto device, proven_device(sts, call));
  if (device) CHECK_OK(spend_code(sts, std::move(*device)));
  wire::Value out = wire::structure({{m::Credentials, credentials_value(sts, session)},
                                     {m::AssumedRoleUser, assumed_role_value(session, *assumption->role)}});
  if (!session.source_identity.empty()) out.set(m::SourceIdentity, session.source_identity);
  return out;
}

Result<wire::Value> get_caller_identity(Sts&, Call& call) {
  return wire::structure(
      {{m::UserId, call.caller.user_id}, {m::Account, call.caller.account}, {m::Arn, call.caller.arn}});
}

Result<wire::Value> get_access_key_info(Sts& sts, Call& call) {
  const std::string_view id = call.in[m::AccessKeyId].text();
  const auto key = sts.directory.access_key(id);
  if (key == nullptr) return fail("ValidationError", fmt::format("Invalid AccessKeyId: {}", id));
  return wire::structure({{m::Account, key->account}});
}

Result<wire::Value> decode_authorization_message(Sts& sts, Call& call) {
  auto message = sts.sessions.open_message(call.in[m::EncodedMessage].text());
  if (!message) return fail("InvalidAuthorizationMessageException", "Message is not valid", 400);
  return wire::structure({{m::DecodedMessage, std::move(*message)}});
}

// Assertions are not verified here, so none is accepted: the call ends where its requirements are looked up.
Result<Requirements> saml_needs(Sts&, Call&) {
  return fail("InvalidIdentityToken", "Invalid SAML response: SAML federation is not built in Gatehouse.",
              400);
}

Result<wire::Value> assume_role_with_saml(Sts&, Call&) { return internal_failure(); }

Service make_service(Sts& sts) {
  static const Row<Sts> rows[] = {
      {"AssumeRole", assume_role, resolved<Sts>(assume_role_needs), Blocking::cold},
      {"AssumeRoleWithWebIdentity", assume_role_with_web_identity,
       resolved<Sts>(web_identity_needs).open_to_anonymous(), Blocking::cold},
      {"GetCallerIdentity", get_caller_identity, authenticated<Sts>(), Blocking::no},
      {"GetAccessKeyInfo", get_access_key_info, needs<Sts>("sts:GetAccessKeyInfo"), Blocking::no},
      {"GetSessionToken", get_session_token, authenticated<Sts>(), Blocking::cold},
      {"GetFederationToken", get_federation_token, resolved<Sts>(federation_token_needs), Blocking::no},
      {"DecodeAuthorizationMessage", decode_authorization_message,
       needs<Sts>("sts:DecodeAuthorizationMessage"), Blocking::no},
      {"AssumeRoleWithSAML", assume_role_with_saml, resolved<Sts>(saml_needs).open_to_anonymous(),
       Blocking::no},
  };
  return Service("sts", sts, std::span<const Row<Sts>>(rows));
}

}  // namespace gatehouse::service::sts
