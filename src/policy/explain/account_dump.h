// What `aws iam get-account-authorization-details` prints, as a source of policies: who has what, without a
// server.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "policy/compiled.h"
#include "policy/explain/report.h"
#include "policy/policy.h"

namespace gatehouse::policy {

struct DumpQuestion {
  std::string principal;  // an ARN of a user, a role or a role's session, or a user's or role's name
  std::string action;
  std::string resource = "*";
  std::vector<std::pair<std::string, std::string>> context;  // beside what follows from the principal
};

class AccountDump {
 public:
  static Result<AccountDump> parse(std::string_view text);

  // The identity policies (the groups' too), the boundary and, for sts:AssumeRole on a role of the dump, its
  // trust policy are put to the question. Resource policies are not in such a dump.
  Result<Report> explain(const DumpQuestion& question) const;

 private:
  friend class DumpReader;
  json::value root_;
};

}  // namespace gatehouse::policy
