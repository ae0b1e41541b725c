#include "policy/explain/aws_error.h"

#include <algorithm>

#include "base/json.h"

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
  }
  // "…policy: arn:…", or behind the action where an Allow is missing.
  for (std::size_t colon = rest.find(": arn:"); colon != rest.npos; colon = rest.find(": arn:", colon + 1)) {
    const std::string_view arn = trimmed(between(rest.substr(colon), ": ", " \n\t"));
    if (arn.find(":policy/") != arn.npos) denial.policy_arn = arn;
  }
  const std::size_t through = rest.find("transitively through a");
  if (through == rest.npos) return;
  for (const PolicyType& type : kTypes) {
    if (rest.substr(through).find(type.words) != rest.npos) denial.through = type.layer;
  }
}

// XML's quotation marks, as S3's answers have them.
std::string without_entities(std::string_view text) {
  constexpr std::string_view kQuote = "&quot;";
  std::string out;
  while (!text.empty()) {
    const std::size_t at = text.find(kQuote);
    out += text.substr(0, at);
    if (at == text.npos) break;
    out += '"';
    text.remove_prefix(at + kQuote.size());
  }
  return out;
}

std::string text_at(const json::object& o, std::string_view object, std::string_view key) {
  const json::value* inner = o.if_contains(object);
  return inner != nullptr && inner->is_object() ? json::string_or(inner->get_object(), key, "") : "";
}

// {"allowed": false, "explicitDeny": …, "context": {"principal": {"arn"}, "action", "resource"}}, or that as
// the text of {"DecodedMessage"}.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
std::optional<AwsDenial> decoded(std::string_view text) {
  const auto parsed = json::parse(text);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  const json::object& o = parsed->get_object();
  if (const std::string inner = json::string_or(o, "DecodedMessage", ""); !inner.empty())
    return decoded(inner);
  const json::value* context = o.if_contains("context");
  if (context == nullptr || !context->is_object() || !o.contains("explicitDeny")) return std::nullopt;
  AwsDenial denial;
  denial.decoded = true;
  denial.principal = text_at(context->get_object(), "principal", "arn");
  denial.action = json::string_or(context->get_object(), "action", "");
  denial.resource = json::string_or(context->get_object(), "resource", "");
  denial.explicitly = json::bool_or(o, "explicitDeny", false);
  return denial;
}

std::string withheld(const AwsDenial& d) {
  if (d.withheld == AwsDenial::Withheld::encoded) {
    return "EC2 has encoded the reason. This shows it, to whoever has sts:DecodeAuthorizationMessage:\n"
           "  aws sts decode-authorization-message --encoded-message … --query DecodedMessage --output text\n"
           "What it prints can be given to this command.\n";
  }
  return "The message says only that access is denied. S3 names no caller, action or reason to anonymous "
         "callers, and across accounts that are not of one organization. Look at the bucket's policy and at "
         "the "
         "caller's; at Block Public Access if the caller is anonymous; and at the key's policy if the bucket "
         "is "
         "encrypted with one. An object that is not there is denied too, to callers without s3:ListBucket.\n";
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

Result<AwsDenial> parse_aws_denial(std::string_view given) {
  constexpr std::string_view kBlank = " \n\r\t";
  if (auto denial = decoded(given)) return *std::move(denial);
  const std::string text = without_entities(given);
  AwsDenial denial;
  if (const auto action = between(text, "is not authorized to perform:", kBlank); !action.empty()) {
    denial.principal = trimmed(between(text, "User:", kBlank));
    denial.action = trimmed(action);
  } else {
    denial.action = trimmed(between(text, "ot authorized to perform ", kBlank));
  }
  if (denial.action.find(':') == denial.action.npos) {
    denial.action.clear();
    if (text.find("Encoded authorization failure message:") != text.npos) {
      denial.withheld = AwsDenial::Withheld::encoded;
      return denial;
    }
    if (text.find("Access Denied") != text.npos || text.find("AccessDenied") != text.npos) {
      denial.withheld = AwsDenial::Withheld::bare;
      return denial;
    }
    return fail("ValidationError", "This is not an access-denied message of AWS: it names no action.");
  }
  std::string_view resource = between(text, "on resource:", kBlank);
  if (resource.starts_with('"')) resource.remove_prefix(1);
  denial.resource = trimmed(resource);
  read_reason(text, denial);
  return denial;
}

std::string describe(const AwsDenial& d) {
  if (d.withheld != AwsDenial::Withheld::no) return withheld(d);
  const std::string who = d.principal.empty() ? std::string("The web identity") : d.principal;
  std::string out = who + " asked for " + d.action + (d.resource.empty() ? "" : " on " + d.resource) + ".\n";
  if (!d.layer) {
    if (d.decoded) {
      return out + (d.explicitly
                        ? "A Deny statement struck: it is among the decoded matchedStatements.\n"
                        : "Nothing denies it, but an Allow is missing: in the caller's policies, its "
                          "boundary or session policy, or an SCP.\n");
    }
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
  out += "Look at " + where + (d.through ? ", and at " + std::string(where_to_look(*d.through)) : "") + ".\n";
  if (!d.policy_arn.empty()) out += "The policy is " + d.policy_arn + ".\n";
  return out;
}

}  // namespace gatehouse::policy
