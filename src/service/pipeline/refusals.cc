#include "service/pipeline/refusals.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"

namespace gatehouse::service {
namespace {

json::object items(json::array list) { return {{"items", std::move(list)}}; }

json::object condition(const account::Requirement::Key& key) {
  json::array values;
  for (const std::string& value : key.values) values.push_back(json::object{{"value", value}});
  return {{"key", key.name}, {"values", items(std::move(values))}};
}

bool among(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Result<void> check_session_use(const account::Caller& caller, const wire::ServiceModel& service,
                               const wire::OperationModel* operation) {
  using Kind = account::Session::Kind;
  if (caller.session == nullptr) return {};
  const std::string_view name = operation != nullptr ? operation->name : std::string_view();
  if (service.id == "sts" && among(name, {"GetSessionToken", "GetFederationToken"}))
    return fail("AccessDenied", fmt::format("Cannot call {} with session credentials", name), 403);
  const Kind kind = caller.session->kind;
  if (kind == Kind::role) return {};
  // Without a second factor IAM knows neither.
  const bool proven = kind == Kind::user && caller.session->second_factor != Time{};
  if (service.id == "iam" && !proven)
    return fail("InvalidClientTokenId", "The security token included in the request is invalid", 403);
  const bool granted = name == "GetCallerIdentity" || (kind == Kind::user && name == "AssumeRole");
  if (service.id == "sts" && !name.empty() && !granted)
    return fail("AccessDenied", fmt::format("Cannot call {} with session credentials", name), 403);
  return {};
}

Result<void> check_head_size(const wire::Head& head) {
  constexpr size_t kMost = 8 * 1024;
  const std::string_view query = head.query();
  size_t size = query.size();
  if (const auto token = query.find("X-Amz-Security-Token="); token != std::string_view::npos)
    size -= query.substr(token, query.find('&', token) - token).size();
  for (const auto& [name, value] : head.headers.fields) {
    if (name != "x-amz-security-token") size += name.size() + value.size();
  }
  if (size <= kMost) return {};
  return fail(Error{"RequestHeaderSectionTooLarge",
                    "Your request header section exceeds the maximum allowed size.",
                    400,
                    {{"MaxSizeAllowed", std::to_string(kMost)}}});
}

std::unexpected<Error> closed_account(identity::Family family) {
  switch (family) {
    case identity::Family::s3:
      return fail("AccountProblem",
                  "There is a problem with your AWS account that prevents the action from completing "
                  "successfully. Contact AWS Support for further assistance.",
                  403);
    case identity::Family::ec2:
      return fail("OptInRequired",
                  "You are not subscribed to this service. Please go to http://aws.amazon.com to subscribe.",
                  401);
    case identity::Family::json:
      return fail("AccessDeniedException", "The account is suspended.", 400);
    case identity::Family::rest_json:
      return fail("AccessDeniedException", "The account is suspended.", 403);
    default:
      return fail("AccessDenied", "The account is suspended.", 403);
  }
}

std::string decoded_message(const account::Caller& caller, const account::Requirement& requirement,
                            const account::DecisionRecord& decision) {
  const bool explicitly = decision.outcome == policy::Outcome::explicitly_denied;
  json::array matched;
  if (explicitly && decision.statement >= 0) {
    matched.push_back(json::object{{"statementId", decision.sid},
                                   {"effect", "DENY"},
                                   {"sourcePolicyId", decision.policy},
                                   {"sourcePolicyType", policy::to_string(decision.decided_by)}});
  }
  json::array conditions;
  for (const account::Requirement::Key& key : requirement.keys) conditions.push_back(condition(key));
  const json::object principal{{"id", caller.user_id}, {"name", caller.name}, {"arn", caller.arn}};
  const json::object context{{"principal", principal},
                             {"action", requirement.action},
                             {"resource", requirement.resource},
                             {"conditions", items(std::move(conditions))}};
  return json::dump(json::object{{"allowed", false},
                                 {"explicitDeny", explicitly},
                                 {"matchedStatements", items(std::move(matched))},
                                 {"failures", items({})},
                                 {"context", context}});
}

}  // namespace gatehouse::service
