#include "policy/explain/aws_error.h"

#include <algorithm>

namespace gatehouse::policy {
namespace {

struct PolicyType {
  std::string_view words;
  Layer layer;
};

// AWS's page says "sessions policy" once; both are taken.
constexpr PolicyType kTypes[] = {
    {"service control policy", Layer::scp},    {"resource control policy", Layer::rcp},
    {"VPC endpoint policy", Layer::endpoint},  {"resource-based policy", Layer::resource},
    {"role trust policy", Layer::trust},       {"identity-based policy", Layer::identity},
    {"permissions boundary", Layer::boundary}, {"session policy", Layer::session},
    {"sessions policy", Layer::session},
};

std::string_view between(std::string_view text, std::string_view before, std::string_view stop_at) {
  const std::size_t at = text.find(before);
  if (at == text.npos) return {};
  text.remove_prefix(at + before.size());
  while (!text.empty() && (text[0] == ' ' || text[0] == '\n' || text[0] == '\r')) text.remove_prefix(1);
  return text.substr(0, text.find_first_of(stop_at));
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '.' || text.back() == ',' || text.back() == '"'))
    text.remove_suffix(1);
  return text;
}

void read_reason(std::string_view text, AwsDenial& denial) {
  const std::size_t explicit_at = text.find("with an explicit deny in ");
  const std::size_t implicit_at = text.find("because no ");
  const std::size_t at = std::min(explicit_at, implicit_at);
  if (at == text.npos) return;
  denial.explicitly = explicit_at < implicit_at;
  const std::string_view rest = text.substr(at);
  std::size_t first = rest.npos;
  for (const PolicyType& type : kTypes) {
    const std::size_t found = rest.find(type.words);
    if (found >= first) continue;
    first = found;
    denial.layer = type.layer;
    const std::string_view behind = rest.substr(found + type.words.size());
    if (behind.starts_with(": arn:")) denial.policy_arn = trimmed(between(behind, ": ", " \n\t"));
  }
}

std::string_view where_to_look(Layer layer) {
  switch (layer) {
    case Layer::scp:
      return "the service control policies of the caller's account and of every unit above it";
    case Layer::rcp:
      return "the resource control policies of the account that owns the resource";
    case Layer::endpoint:
      return "the policy of the VPC endpoint that the call came through";
    case Layer::resource:
      return "the policy attached to the resource";
    case Layer::trust:
      return "the role's trust policy";
    case Layer::identity:
      return "the policies attached to the caller, its groups or its role";
    case Layer::boundary:
      return "the caller's permissions boundary";
    case Layer::session:
      return "the policies passed when the session was made";
  }
  return "";
}

}  // namespace

Result<AwsDenial> parse_aws_denial(std::string_view text) {
  constexpr std::string_view kBlank = " \n\r\t";
  AwsDenial denial;
  if (const auto action = between(text, "is not authorized to perform:", kBlank); !action.empty()) {
    denial.principal = trimmed(between(text, "User:", kBlank));
    denial.action = trimmed(action);
  } else {
    denial.action = trimmed(between(text, "ot authorized to perform ", kBlank));
  }
  if (denial.action.find(':') == denial.action.npos) {
    return fail("ValidationError", "This is not an access-denied message of AWS: it names no action.");
  }
  std::string_view resource = between(text, "on resource:", kBlank);
  if (resource.starts_with('"')) resource.remove_prefix(1);
  denial.resource = trimmed(resource);
  read_reason(text, denial);
  return denial;
}

std::string describe(const AwsDenial& d) {
  const std::string who = d.principal.empty() ? std::string("The web identity") : d.principal;
  std::string out = who + " asked for " + d.action + (d.resource.empty() ? "" : " on " + d.resource) + ".\n";
  if (!d.layer) {
    if (d.action.starts_with("sts:AssumeRole")) {
      return out +
             "The message gives no reason: either the role's trust policy does not allow it, or the role "
             "does not "
             "exist. Look at the trust policy's Principal and conditions.\n";
    }
    return out +
           "The message gives no reason, as between accounts of different organizations. Look at the "
           "caller's "
           "policies and at the resource's.\n";
  }
  const std::string where(where_to_look(*d.layer));
  if (*d.layer == Layer::scp) {
    out +=
        "A service control policy stopped it: there is a Deny, or no Allow at one level (AWS's message is "
        "the same). ";
  } else if (d.explicitly) {
    out += "A Deny statement struck. No Allow anywhere outweighs it. ";
  } else {
    out += "Nothing denies it, but an Allow is missing. ";
  }
  out += "Look at " + where + ".\n";
  if (!d.policy_arn.empty()) out += "The policy is " + d.policy_arn + ".\n";
  return out;
}

}  // namespace gatehouse::policy
