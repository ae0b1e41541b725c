// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
#include <string>

#include "policy/document/json_tree.h"
#include "policy/policy.h"

namespace gatehouse::policy {
namespace {

std::string_view policy_name(Layer layer) {
  switch (layer) {
    case Layer::scp:
      return "service control policy";
    case Layer::rcp:
      return "resource control policy";
    case Layer::endpoint:
      return "VPC endpoint policy";
    case Layer::resource:
      return "resource-based policy";
    case Layer::trust:
      return "role trust policy";
    case Layer::identity:
      return "identity-based policy";
    case Layer::boundary:
      return "permissions boundary";
    case Layer::session:
      return "session policy";
  }
  return "";
}

// "When an SCP denies access, the error message always includes the phrase … an explicit deny …, even if the
// denial is implicit." A trust policy that does not allow is not mentioned at all.
std::string reason(const Request& request, const Decision& decision) {
  const std::string name(policy_name(decision.decided_by));
  if (decision.outcome == Outcome::explicitly_denied || decision.decided_by == Layer::scp) {
    if (decision.decided_by == Layer::trust) return " with an explicit deny in the role trust policy";
    return (decision.decided_by == Layer::identity ? " with an explicit deny in an "
                                                   : " with an explicit deny in a ") +
           name;
  }
  if (decision.decided_by == Layer::trust) return "";
  return " because no " + name + " allows the " + std::string(request.action) + " action";
}

}  // namespace

std::string denial_message(const Request& request, const Decision& decision, MessageStyle style) {
  if (request.principal.type == PrincipalType::federated) {
    return "Not authorized to perform " + std::string(request.action);
  }
  const std::string_view who = request.principal.type == PrincipalType::anonymous
                                   ? std::string_view("anonymous")
                                   : request.principal.arn;
  std::string message =
      "User: " + std::string(who) + " is not authorized to perform: " + std::string(request.action);
  // IAM names even "*" ("iam:ListAccountAliases on resource: *", modernisation-platform#1676).
  const bool named = request.resource != "*" || request.action.starts_with("iam:");
  if (style.with_resource && !request.resource.empty() && named) {
    const std::string_view quote = style.quote_resource ? "\"" : "";
    message.append(" on resource: ").append(quote).append(request.resource).append(quote);
  }
  return message + reason(request, decision);
}

}  // namespace gatehouse::policy
