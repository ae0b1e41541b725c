// How large a policy may be, as AWS counts: white space outside of strings does not.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
#include "policy/lint/check.h"

namespace gatehouse::policy::lint {
namespace {

// Characters, that is bytes that do not continue one.
std::size_t counted(std::string_view text) {
  std::size_t n = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' && (i == 0 || text[i - 1] != '\\')) in_string = !in_string;
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if ((blank && !in_string) || (static_cast<unsigned char>(c) & 0xC0) == 0x80) continue;
    ++n;
  }
  return n;
}

template <std::size_t limit>
void exceeds(const Subject& subject, Report& report) {
  const std::size_t size = counted(subject.document.source());
  if (size <= limit) return;
  report.add(0,
             "The policy has " + std::to_string(size) + " characters without white space; the quota is " +
                 std::to_string(limit) + ".",
             "Split it into several, or use wildcards for actions that belong together.");
}

constexpr Check kChecks[] = {
    {"POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", Severity::warning, kIdentityLike, exceeds<6144>},
    {"POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA", Severity::warning, kTrust, exceeds<2048>},
    {"POLICY_SIZE_EXCEEDS_SCP_QUOTA", Severity::error, bit(Kind::scp), exceeds<5120>},
    {"POLICY_SIZE_EXCEEDS_RCP_QUOTA", Severity::error, bit(Kind::rcp), exceeds<5120>},
};

}  // namespace

std::span<const Check> size_checks() { return kChecks; }

}  // namespace gatehouse::policy::lint
