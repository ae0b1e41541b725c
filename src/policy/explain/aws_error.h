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
  // Another policy type that the message names behind the first ("transitively through …").
  std::optional<Layer> through;
  bool decoded = false;  // from decode-authorization-message, which lists the statements that matched
  // What stands there instead of all this: S3's bare "Access Denied", or EC2's encoded reason.
  enum class Withheld : std::uint8_t { no, bare, encoded } withheld = Withheld::no;
};

// Takes the bare message or what a client printed around it, or what aws sts decode-authorization-message
// printed; ValidationError if there is none in it.
Result<AwsDenial> parse_aws_denial(std::string_view text);

// What the message means and where to look, in sentences.
std::string describe(const AwsDenial& denial);

}  // namespace gatehouse::policy
