// An AWS access-denied message, taken apart.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "policy/policy.h"

namespace gatehouse::policy {

struct AwsDenial {
  std::string principal;  // an ARN; empty for a web identity
  std::string action;
  std::string resource;        // empty where the message names none
  std::optional<Layer> layer;  // nullopt where it gives no reason
  bool explicitly = false;
  std::string policy_arn;  // newer messages append it
};

// Takes the bare message or what a client printed around it; ValidationError if there is none in it.
Result<AwsDenial> parse_aws_denial(std::string_view text);

// What the message means and where to look, in sentences.
std::string describe(const AwsDenial& denial);

}  // namespace gatehouse::policy
