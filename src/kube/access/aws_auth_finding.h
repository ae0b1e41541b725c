// What is wrong with an aws-auth, or lost by changing it.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::kube {

struct AwsAuthFinding {
  // The words of Access Analyzer's ValidatePolicy, as the policies' linter has them.
  enum class Severity : std::uint8_t { error, security_warning, warning, suggestion };

  std::string_view code;  // "AWS_AUTH_ROLE_PATH"; lives for ever
  Severity severity = Severity::error;
  std::string message;       // what is wrong, a sentence without its stop
  std::string help;          // what to do about it
  std::string list{};        // "mapRoles": the key under which it stands; "" for the whole
  int line = 0, column = 1;  // in that list's text (of the whole: in the manifest), from 1; line 0: unknown

  std::string text() const { return help.empty() ? message : message + "; " + help; }
};

}  // namespace gatehouse::kube
