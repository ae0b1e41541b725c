#include "service/eks/roles.h"

#include <algorithm>

#include "base/arn.h"

namespace gatehouse::service::eks {

Result<account::Requirement> pass_role(const Call& call, std::string_view role_arn,
                                       std::string_view service) {
  if (const auto arn = Arn::parse(role_arn); arn && arn->service == "iam" && arn->account != call.account)
    return fail("AccessDeniedException", "Cross-account pass role is not allowed.", 403);
  account::Requirement pass;
  pass.action = "iam:PassRole";
  pass.resource = role_arn;
  pass.key("iam:PassedToService", std::string(service));
  return pass;
}

std::shared_ptr<const account::Role> find_role(const Eks& eks, std::string_view text) {
  const auto arn = Arn::parse(text);
  if (!arn || arn->service != "iam" || !arn->resource.starts_with("role/")) return nullptr;
  auto role = eks.rooms().directory.role(arn->account, arn->resource.substr(arn->resource.rfind('/') + 1));
  return role != nullptr && role->arn == text ? role : nullptr;
}

bool trusts(const Eks& eks, Call& call, const account::Role& role, std::string_view service,
            std::initializer_list<std::string_view> actions,
            const std::vector<account::Requirement::Key>& keys) {
  account::Caller caller;
  caller.type = policy::PrincipalType::service;
  caller.arn = service;
  return std::ranges::all_of(actions, [&](std::string_view action) {
    account::Requirement assume;
    assume.action = action;
    assume.resource = role.arn;
    assume.resource_account = role.account;
    assume.resource_policy = role.trust.compiled;
    assume.keys = keys;
    const auto verdict = eks.rooms().gate.check(caller, call.circumstances, assume, {});
    call.decisions.push_back(verdict.record);
    return verdict.decision.allowed();
  });
}

Result<void> check_role_arn(std::string_view text) {
  const auto arn = Arn::parse(text);
  if (arn && arn->service == "iam" && arn->resource.starts_with("role/")) return {};
  return error::invalid_parameter(fmt::format("Role ARN is invalid: {}", text));
}

}  // namespace gatehouse::service::eks
