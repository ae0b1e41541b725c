// Reads a policy and says what is wrong with it, where, and what to do.
//
// Three sources: the grammar and advice that AWS publishes for IAM Access Analyzer, under its codes and with
// its severities
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html); the action
// catalogue, which knows what an action can act on and which keys its requests carry; and what only shows
// across elements: an issuer that is not the provider's, a placeholder left in, a grant that leads to
// everything. docs/lint.md lists the codes that are ours alone.
//
// A library function without I/O. Any text is answered, in time bounded by kMaxPolicy and kMaxFindings.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/policy.h"

namespace gatehouse::policy::lint {

// The words of Access Analyzer's ValidatePolicy.
enum class Severity : std::uint8_t { error, security_warning, warning, suggestion };
std::string_view to_string(Severity severity);  // "ERROR", "SECURITY_WARNING", "WARNING", "SUGGESTION"

struct Finding {
  int line = 1, column = 1;  // from 1, in characters
  std::string_view code;     // "INVALID_ACTION"; lives for ever
  Severity severity = Severity::error;
  std::string message;  // what is wrong, in a sentence
  std::string help;     // what to do about it
};

struct Options {
  std::optional<Kind> kind;  // recognised where it is not given
  std::string account;       // the caller's own, if known: twelve digits
};

struct Result {
  Kind kind = Kind::identity;
  std::vector<Finding> findings;  // in the order of their places
  bool has_errors() const;
};

inline constexpr std::size_t kMaxPolicy =
    256 * 1024;  // larger than any policy that AWS takes; more is not read
inline constexpr std::size_t kMaxFindings = 500;

Result lint(std::string_view text, const Options& options = {});

std::string_view to_string(Kind kind);  // "identity", …
std::optional<Kind> kind_from(std::string_view name);

// Every check there is, for documentation and for tests that count them.
struct CheckInfo {
  std::string_view code;
  Severity severity;
  bool of_access_analyzer;
};
std::vector<CheckInfo> all_checks();

// FILE:LINE:COLUMN: severity: message [CODE], the source line, a caret, the help.
std::string render_text(std::string_view file, std::string_view source, std::span<const Finding> findings);
// One JSON object a line: {"file","line","column","code","severity","message","help"}.
std::string render_json_lines(std::string_view file, std::span<const Finding> findings);

struct FileFindings {
  std::string file;
  std::vector<Finding> findings;
};
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
std::string render_sarif(std::span<const FileFindings> files);

}  // namespace gatehouse::policy::lint
