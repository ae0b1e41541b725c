// `gatehouse policy eval`: one case a line in, one decision a line out.
//
//   {"id", "request": {"principal", "action", "resource", "resourceAccount"?, "sessionIssuer"?,
//   "canonicalId"?,
//                      "context": {key: string | [string]}},
//    "policies": {"identity": [doc…], "resource": doc?, "boundary": [doc…]?, "session": [doc…]?,
//                 "scp": [[doc…]…]?, "rcp": [[doc…]…]?, "endpoint": [doc…]?}}
//   → {"id", "decision", "decidedBy", "matched": [{"layer", "policy", "statement", "sid"?}], "message"?}
//
// The context holds what it says and nothing is added to it: a key that is not there is missing.
// sessionIssuer is the ARN of the role, or of a federated user's user, that gave the session; without it a
// role's is taken from aws:PrincipalArn or from the session's own ARN. canonicalId is the caller's account,
// for CanonicalUser.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "policy/compiled.h"
#include "policy/policy.h"

namespace gatehouse::policy {

inline constexpr std::size_t kMaxCase = 16u << 20;  // bytes; a larger one is an error

struct EvalLine {
  std::string text;  // a line of JSON, without its end
  bool ok = true;    // false for a case that could not be evaluated: {"id", "error"}
};

EvalLine evaluate_case(std::string_view line);

// A case made ready for deciding. It owns all that its request and view look at.
class Case {
 public:
  static Result<std::unique_ptr<Case>> parse(std::string_view json);

  const Request& request() const { return request_; }
  const PolicyView& policies() const { return view_; }
  const std::string& id_json() const { return id_json_; }  // as JSON; "null" where there is none
  const Compiled& policy(const StatementRef& at) const;
  MessageStyle message_style() const;

 private:
  friend class CaseReader;

  std::string source_;
  Arena arena_;
  std::deque<std::string> texts_;
  std::string id_json_ = "null";
  Request request_;
  Context context_;
  PolicyView view_;
  std::vector<CompiledPtr> owned_;
  std::deque<std::vector<const Compiled*>> layers_;
  std::deque<std::vector<std::span<const Compiled* const>>> levels_;
};

// Who an ARN, "*" or a service's name stands for. The views are of `text`; a session's role is left to the
// caller.
Principal read_principal(std::string_view text, std::string_view action);

// "arn:aws:iam::A:role/R" for "arn:aws:sts::A:assumed-role/R/S"; empty for anything else.
std::string role_of_session(std::string_view session_arn);

}  // namespace gatehouse::policy
