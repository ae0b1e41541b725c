#include <algorithm>
#include <set>

#include "service/organizations/organizations.h"

namespace gatehouse::service::organizations {
namespace {

constexpr size_t kTags = 50;

bool lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool digit(char c) { return c >= '0' && c <= '9'; }

template <typename Of>
bool made_of(std::string_view text, size_t least, size_t most, Of of) {
  return text.size() >= least && text.size() <= most && std::all_of(text.begin(), text.end(), of);
}

bool prefixed(std::string_view text, std::string_view prefix, size_t least, size_t most) {
  return text.starts_with(prefix) && made_of(text.substr(prefix.size()), least, most, lower_or_digit);
}

bool is_root(std::string_view text) { return prefixed(text, "r-", 4, 32); }
bool is_account(std::string_view text) { return made_of(text, 12, 12, digit); }

bool is_unit(std::string_view text) {
  const auto dash = text.rfind('-');
  return dash != std::string_view::npos && dash > 3 && prefixed(text.substr(0, dash), "ou-", 4, 32) &&
         made_of(text.substr(dash + 1), 8, 32, lower_or_digit);
}

bool is_policy(std::string_view text) {
  return text.starts_with("p-") && made_of(text.substr(2), 8, 128, [](char c) {
           return lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '_';
         });
}

bool fits(std::string_view text, Id id) {
  switch (id) {
    case Id::root:
      return is_root(text);
    case Id::unit:
      return is_unit(text);
    case Id::account:
      return is_account(text);
    case Id::policy:
      return is_policy(text);
    case Id::parent:
      return is_root(text) || is_unit(text);
    case Id::child:
      return is_account(text) || is_unit(text);
    case Id::target:
      return is_root(text) || is_unit(text) || is_account(text);
    case Id::taggable:
      return is_root(text) || is_unit(text) || is_account(text) || is_policy(text);
    case Id::handshake:
      return prefixed(text, "h-", 8, 32);
    case Id::request:
      return prefixed(text, "car-", 8, 32);
  }
  return false;
}

}  // namespace

namespace error {
std::unexpected<Error> not_in_use() {
  return fail("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.");
}
std::unexpected<Error> access_denied() {
  return fail("AccessDeniedException", "You don't have permissions to access this resource.");
}
std::unexpected<Error> account_not_found() {
  return fail("AccountNotFoundException", "You specified an account that doesn't exist.");
}
std::unexpected<Error> parent_not_found() {
  return fail("ParentNotFoundException", "You specified a parent that doesn't exist.");
}
std::unexpected<Error> target_not_found() {
  return fail("TargetNotFoundException", "You specified a target that doesn't exist.");
}
std::unexpected<Error> policy_not_found() {
  return fail("PolicyNotFoundException", "You specified a policy that doesn't exist.");
}
std::unexpected<Error> unit_not_found() {
  return fail("OrganizationalUnitNotFoundException",
              "You specified an organizational unit that doesn't exist.");
}
std::unexpected<Error> root_not_found() {
  return fail("RootNotFoundException", "You specified a root that doesn't exist.");
}
}  // namespace error

Result<void> check_id(std::string_view text, Id id) {
  if (fits(text, id)) return {};
  return error::invalid("INVALID_PATTERN", "You provided a value that does not match the required pattern.");
}

// Characters, not bytes.
Result<void> check_length(std::string_view text, size_t least, size_t most) {
  const auto length =
      static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
  if (length < least)
    return error::invalid("MIN_LENGTH_EXCEEDED",
                          "You provided a value that is shorter than the minimum length.");
  if (length > most)
    return error::invalid("MAX_LENGTH_EXCEEDED", "You provided a value that exceeds the maximum length.");
  return {};
}

// Those whose policies are documents of another language. Not built.
bool is_other_type(std::string_view type) {
  static constexpr std::string_view kOther[] = {"TAG_POLICY",
                                                "BACKUP_POLICY",
                                                "AISERVICES_OPT_OUT_POLICY",
                                                "BEDROCK_POLICY",
                                                "CHATBOT_POLICY",
                                                "DECLARATIVE_POLICY_EC2",
                                                "GUARDDUTY_POLICY",
                                                "INSPECTOR_POLICY",
                                                "NETWORK_SECURITY_DIRECTOR_POLICY",
                                                "S3_POLICY",
                                                "SECURITYHUB_CSPM_POLICY",
                                                "SECURITYHUB_POLICY",
                                                "UPGRADE_ROLLOUT_POLICY"};
  return std::find(std::begin(kOther), std::end(kOther), type) != std::end(kOther);
}

Result<ControlType> check_type(const wire::Value& type) {
  if (const auto known = account::control_type(type.text())) return *known;
  if (is_other_type(type.text())) {
    return fail("PolicyTypeNotAvailableForOrganizationException",
                "You can't use the specified policy type with the feature set currently enabled for this "
                "organization.");
  }
  return error::invalid("INVALID_ENUM_POLICY_TYPE");
}

Result<std::vector<account::Tag>> check_tags(const wire::Value& tags) {
  std::vector<account::Tag> out = read_tags(tags);
  std::set<std::string_view> seen;
  for (const auto& [key, value] : out) {
    CHECK_OK(check_length(key, 1, 128));
    CHECK_OK(check_length(value, 0, 256));
    if (key.starts_with("aws:"))
      return error::invalid("INVALID_SYSTEM_TAGS_PARAMETER",
                            "You specified a tag key that is a system tag. You can't add, edit, or delete "
                            "system tag keys because they're reserved for AWS use.");
    if (!seen.insert(key).second)
      return error::invalid("DUPLICATE_TAG_KEY",
                            "Tag keys must be unique among the tags attached to the "
                            "same entity.");
  }
  if (out.size() > kTags)
    return error::constraint("MAX_TAG_LIMIT_EXCEEDED",
                             "You have exceeded the number of tags allowed on this resource.");
  return out;
}

}  // namespace gatehouse::service::organizations
