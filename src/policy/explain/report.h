// A decision told to a person, or to a program as JSON with the same contents: what each layer said, which
// statements mattered, which nearly did and what failed in them, and which single change would alter the
// answer.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/policy.h"

namespace gatehouse::policy {

struct FailedCondition {
  std::string op, key;
  int line = 0;
  std::vector<std::string> wanted;  // as the policy writes it
  bool missing = true;              // the request does not have the key
  std::vector<std::string> found;
};

struct ReportStatement {
  StatementRef at;
  bool allow = true;
  std::string sid;
  int line = 0;
  std::string policy_name;
  bool principal_failed = false;
  bool not_principal = false;           // its principals are those of NotPrincipal
  std::vector<FailedCondition> failed;  // of those that nearly matched
  // Of those that are about this action and other resources: what they name, and which variables in it have
  // no value in the request.
  std::vector<std::string> resources, valueless;
  bool not_resource = false;  // they are those of NotResource
};

struct ReportLayer {
  Layer layer = Layer::identity;
  enum class Says : std::uint8_t { allows, nothing, denies, absent } says = Says::nothing;
  std::string detail;  // of an organization's levels: which do not allow it
};

// Each was tried: with it the decision is the other one.
struct Change {
  enum class Kind : std::uint8_t { remove_statement, match_statement, add_allow } kind = Kind::add_allow;
  Layer layer = Layer::identity;
  StatementRef at;  // unless add_allow
  std::string text;
};

struct Report {
  std::string principal, action, resource;
  Decision decision;
  std::string message;  // AWS's, for denials
  std::vector<ReportLayer> layers;
  std::vector<ReportStatement> matched, nearly;
  std::vector<Change> changes;
  std::vector<std::string> notes;  // what else a reader must know
};

// A name for a policy, "identity policy 2" where the caller knows none (an empty answer).
using PolicyNames = std::function<std::string(Layer, std::uint32_t policy)>;

Report make_report(const Request& request, const PolicyView& policies, MessageStyle style = {},
                   const PolicyNames& names = nullptr);

std::string report_text(const Report& report);
std::string report_json(const Report& report);  // pretty, with a final newline

}  // namespace gatehouse::policy
