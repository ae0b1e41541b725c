// GetSessionToken and GetFederationToken: temporary credentials of a user, and of those a user vouches for.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html
#include <fmt/format.h>

#include <algorithm>

#include "service/sts/sts.h"

namespace gatehouse::service::sts {
namespace {

constexpr std::int64_t kUsual = 43200;
constexpr std::int64_t kLongest = 129600;
constexpr std::int64_t kLongestOfRoot = 3600;

// Root's credentials last an hour at most; what asks for more gets the hour.
std::int64_t seconds_of(const Call& call) {
  const std::int64_t asked = call.in[m::DurationSeconds].number(kUsual);
  return call.caller.type == policy::PrincipalType::root ? std::min(asked, kLongestOfRoot) : asked;
}

account::Session session_of_caller(Sts& sts, const Call& call, account::Session::Kind kind) {
  account::Session session;
  session.kind = kind;
  session.access_key_id = access_key_id(sts.random, id_prefix::kTemporaryKey);
  session.secret = sts.random.secret(40);
  session.account = call.caller.account;
  session.user = call.caller.name;
  session.owner_id = call.caller.unique_id;
  session.issued = call.now();
  session.expires = call.now() + std::chrono::seconds(seconds_of(call));
  return session;
}

std::string federated_arn(const Call& call) {
  return fmt::format("arn:aws:sts::{}:federated-user/{}", call.caller.account, call.in[m::Name].text());
}

}  // namespace

// "No permissions are required": https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
Result<wire::Value> get_session_token(Sts& sts, Call& call) {
  CHECK_OK(check_duration(call, kLongest));
  auto session = session_of_caller(sts, call, account::Session::Kind::user);
  TRY(auto device, proven_device(sts, call));
  if (device) {
    CHECK_OK(spend_code(sts, std::move(*device)));
    session.second_factor = call.now();
  }
  return wire::structure({{m::Credentials, credentials_value(sts, session)}});
}

Result<Requirements> federation_token_needs(Sts&, Call& call) {
  CHECK_OK(check_session_name(call.in[m::Name].text(), "name", 32));
  CHECK_OK(check_duration(call, kLongest));
  const std::vector<account::Tag> tags = read_tags(call.in[m::Tags]);
  CHECK_OK(check_session_tags(tags));
  account::Requirement r;
  r.action = "sts:GetFederationToken";
  r.resource = federated_arn(call);
  r.resource_account = call.caller.account;
  r.request_tags(tags);
  Requirements all{r};
  if (!tags.empty()) {
    all.push_back(r);
    all.back().action = "sts:TagSession";
  }
  return all;
}

Result<wire::Value> get_federation_token(Sts& sts, Call& call) {
  account::Session session = session_of_caller(sts, call, account::Session::Kind::federated);
  session.name = call.in[m::Name].text();
  session.tags = read_tags(call.in[m::Tags]);
  CHECK_OK(take_session_policies(sts, call, session));
  const wire::Value user =
      wire::structure({{m::FederatedUserId, fmt::format("{}:{}", session.account, session.name)},
                       {m::Arn, federated_arn(call)}});
  return wire::structure({{m::Credentials, credentials_value(sts, session)}, {m::FederatedUser, user}});
}

}  // namespace gatehouse::service::sts
