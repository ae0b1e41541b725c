// How a check is written: a row (code, severity, kinds, function) in the table of its theme.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "policy/lint/subject.h"

namespace gatehouse::policy::lint {

using Kinds = std::uint16_t;
constexpr Kinds bit(Kind kind) { return static_cast<Kinds>(1u << static_cast<unsigned>(kind)); }
inline constexpr Kinds kAll = 0x1ff;
inline constexpr Kinds kIdentityLike =
    static_cast<Kinds>(bit(Kind::identity) | bit(Kind::boundary) | bit(Kind::session));
inline constexpr Kinds kOrganization = static_cast<Kinds>(bit(Kind::scp) | bit(Kind::rcp));
inline constexpr Kinds kTrust = bit(Kind::trust);
inline constexpr Kinds kResourceLike =
    static_cast<Kinds>(bit(Kind::resource) | bit(Kind::key) | bit(Kind::endpoint));
// Written without a Principal.
inline constexpr Kinds kWithoutPrincipal = static_cast<Kinds>(kIdentityLike | bit(Kind::scp));

// Where findings go. Everything a check reports carries the code and severity of its row.
class Report {
 public:
  explicit Report(const Document& document) : document_(document) {}
  void add(std::uint32_t offset, std::string message, std::string help);
  bool full() const { return findings_.size() >= kMaxFindings; }

 private:
  friend Result lint(std::string_view, const Options&);
  const Document& document_;
  std::string_view code_;
  Severity severity_ = Severity::error;
  std::vector<std::pair<std::uint32_t, Finding>> findings_;
};

struct Check {
  std::string_view code;
  Severity severity;
  Kinds kinds;
  void (*run)(const Subject&, Report&);
};

// The themes; each is a table in checks/. Those of Access Analyzer first.
std::span<const Check> structure_checks();
std::span<const Check> empty_checks();
std::span<const Check> action_checks();
std::span<const Check> arn_checks();
std::span<const Check> variable_checks();
std::span<const Check> operator_checks();
std::span<const Check> key_checks();
std::span<const Check> value_checks();
std::span<const Check> address_checks();
std::span<const Check> tag_checks();
std::span<const Check> principal_checks();
std::span<const Check> trust_checks();
std::span<const Check> organization_checks();
std::span<const Check> role_checks();
std::span<const Check> redundancy_checks();
std::span<const Check> size_checks();
// Ours.
std::span<const Check> match_checks();
std::span<const Check> federation_checks();
std::span<const Check> exposure_checks();
std::span<const Check> leftover_checks();
std::span<const Check> companion_checks();
std::span<const Check> attaching_checks();
std::span<const Check> agreement_checks();

// For messages.
std::string quoted(std::string_view text);                  // "text", cut where it is long
std::string joined(const std::vector<std::string>& words);  // a, b and c

}  // namespace gatehouse::policy::lint
