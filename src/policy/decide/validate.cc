// The wording and the order of the checks follow what IAM answers, as others have recorded it in the issue
// trackers of their tools (for example Terraform's AWS provider 10419, 13449; CDK 7615; cfn-lint 708, 1376).
#include "policy/decide/validate.h"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_set>

#include "base/arn.h"
#include "policy/condition/condition.h"
#include "policy/condition/values.h"
#include "policy/decide/principal.h"
#include "policy/match/arn_pattern.h"

namespace gatehouse::policy {
namespace {

constexpr std::string_view kLegacy = "The policy failed legacy parsing";

std::unexpected<Error> malformed(std::string message) {
  return fail("MalformedPolicyDocument", std::move(message));
}

class Validator {
 public:
  Validator(const Document& document, Kind kind) : document_(document), kind_(kind) {}

  Result<void> run() {
    CHECK_OK(syntax());
    for (const Statement& s : document_.statements()) CHECK_OK(statement_syntax(s));
    for (const Statement& s : document_.statements()) CHECK_OK(legacy(s));
    for (const Statement& s : document_.statements()) CHECK_OK(principals(s));
    CHECK_OK(sids());
    for (const Statement& s : document_.statements()) CHECK_OK(presence(s));
    for (const Statement& s : document_.statements()) CHECK_OK(resources(s));
    for (const Statement& s : document_.statements()) CHECK_OK(actions(s));
    return {};
  }

 private:
  std::unexpected<Error> syntax_error(std::uint32_t offset, std::string_view what) {
    const Position at = document_.position(offset);
    return malformed("Syntax errors in policy. Line " + std::to_string(at.line) + ", column " +
                     std::to_string(at.column) + ": " + std::string(what));
  }

  Result<void> syntax() {
    if (!document_.problems().empty()) {
      const DocumentProblem& first = document_.problems()[0];
      if (kind_ == Kind::trust && document_.has_syntax_errors()) {
        const Position at = document_.position(first.offset);
        return malformed("This policy contains invalid Json. Line " + std::to_string(at.line) + ", column " +
                         std::to_string(at.column) + ": " + first.message);
      }
      return syntax_error(first.offset, first.message);
    }
    if (const auto& version = document_.version();
        version && version->text != "2012-10-17" && version->text != "2008-10-17") {
      return syntax_error(version->offset, "Version is 2012-10-17 or 2008-10-17.");
    }
    if (document_.statements().empty()) {
      if (kind_ == Kind::trust) return malformed("Could not parse the policy: Statement is empty!");
      return syntax_error(document_.tree().begin, "A policy needs at least one Statement.");
    }
    return {};
  }

  Result<void> statement_syntax(const Statement& s) {
    if (!s.effect) return syntax_error(s.offset, "The statement has no Effect.");
    if (!equal_ignoring_case(s.effect->text, "Allow") && !equal_ignoring_case(s.effect->text, "Deny")) {
      return syntax_error(s.effect->offset, "Effect is Allow or Deny.");
    }
    if (s.action.present && s.not_action.present) {
      return syntax_error(s.not_action.key_offset, "A statement has either Action or NotAction.");
    }
    if (s.resource.present && s.not_resource.present) {
      return syntax_error(s.not_resource.key_offset, "A statement has either Resource or NotResource.");
    }
    if (s.principal.present && s.not_principal.present) {
      return syntax_error(s.not_principal.key_offset, "A statement has either Principal or NotPrincipal.");
    }
    for (const ConditionOperator& op : s.condition.operators) {
      if (!op.entries.empty() && !OperatorName::parse(op.name)) {
        return syntax_error(op.name_offset, "\"" + std::string(op.name) + "\" is not a condition operator.");
      }
    }
    return {};
  }

  // An Effect in the wrong case, dates that are none, ARNs whose account cannot be one.
  Result<void> legacy(const Statement& s) {
    if (s.effect->text != "Allow" && s.effect->text != "Deny") return malformed(std::string(kLegacy));
    for (const ConditionOperator& op : s.condition.operators) {
      const auto name = OperatorName::parse(op.name);
      if (!name || name->family != Family::date) continue;
      for (const ConditionEntry& entry : op.entries) {
        for (const Scalar& value : entry.list.values) {
          if (!Moment::parse(value.text).readable) return malformed(std::string(kLegacy));
        }
      }
    }
    for (const ValueList* list : {&s.resource, &s.not_resource}) {
      for (const Scalar& value : list->values) {
        const auto parts = cut_arn(value.text);
        if (parts[0] != "arn" || parts.size() < 4) continue;
        const bool vendor_missing = parts[2].empty();
        const bool account_missing = parts.size() == 5 && !is_account_part(parts[4]);
        const bool odd_account = parts.size() == 6 && parts[4].find_first_of("${}<>") != value.text.npos;
        if (vendor_missing || account_missing || odd_account) return malformed(std::string(kLegacy));
      }
    }
    return {};
  }

  static bool is_account_part(std::string_view text) {
    return text.empty() || text == "aws" || text.find_first_not_of("0123456789*?") == text.npos;
  }

  Result<void> principals(const Statement& s) {
    if (!takes_principal(kind_)) {
      if (!s.principal.present && !s.not_principal.present) return {};
      return malformed("Policy document should not specify a principal.");
    }
    if (!s.principal.present && !s.not_principal.present)
      return malformed("Missing required field Principal");
    if (s.not_principal.present && s.effect->text == "Allow" && kind_ == Kind::trust) {
      return malformed("Allow with NotPrincipal is not allowed.");
    }
    const PrincipalElement& p = s.principal.present ? s.principal : s.not_principal;
    if (p.scalar) {
      if (p.scalar->text == "*") return {};
      return malformed("Invalid principal in policy: \"" + std::string(p.scalar->text) + "\"");
    }
    if (p.groups.empty()) return malformed("Missing required field Principal cannot be empty!");
    for (const PrincipalGroup& group : p.groups) {
      for (const Scalar& value : group.list.values) {
        if (!parse_principal(group.type, value.text)) {
          return malformed("Invalid principal in policy: \"" + std::string(group.type) + "\":\"" +
                           std::string(value.text) + "\"");
        }
      }
    }
    return {};
  }

  // Resource policies may have anything in a Sid: the examples of S3 and KMS have blanks.
  Result<void> sids() {
    const bool strict = kind_ == Kind::identity || kind_ == Kind::boundary || kind_ == Kind::session;
    std::unordered_set<std::string_view> seen;
    for (const Statement& s : document_.statements()) {
      if (!s.sid || s.sid->text.empty()) continue;
      if (!seen.insert(s.sid->text).second)
        return malformed("Statement IDs (SID) in a single policy must be unique.");
      const bool plain = std::ranges::all_of(s.sid->text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
      });
      if (strict && !plain) {
        return malformed(
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular "
            "expression "
            "[0-9A-Za-z]*");
      }
    }
    return {};
  }

  Result<void> presence(const Statement& s) {
    if (s.action.values.empty() && s.not_action.values.empty()) {
      return malformed(kind_ == Kind::trust ? "Missing required field Action"
                                            : "Policy statement must contain actions.");
    }
    if (kind_ == Kind::trust) {
      if (s.resource.present) return malformed("Has prohibited field Resource");
      if (s.not_resource.present) return malformed("AssumeRole policy must not contain resources.");
    } else if (s.resource.values.empty() && s.not_resource.values.empty()) {
      return malformed("Policy statement must contain resources.");
    }
    return {};
  }

  Result<void> resources(const Statement& s) {
    for (const ValueList* list : {&s.resource, &s.not_resource}) {
      for (const Scalar& value : list->values) CHECK_OK(resource(value.text));
    }
    return {};
  }

  Result<void> resource(std::string_view text) {
    if (text == "*") return {};
    const auto parts = cut_arn(text);
    if (parts.size() == 1)
      return malformed("Resource " + std::string(text) + " must be in ARN format or \"*\".");
    if (!is_partition(parts[1]) || parts[0] != "arn") {
      std::string filled = "arn";
      for (std::size_t i = 1; i < 6; ++i) filled.append(":").append(i < parts.size() ? parts[i] : "*");
      return malformed("Partition \"" + std::string(parts[1]) + "\" is not valid for resource \"" + filled +
                       "\".");
    }
    if (parts.size() == 2 || parts[2].find_first_of("*?") != text.npos) {
      return malformed("Resource vendor must be fully qualified and cannot contain regexes.");
    }
    if (parts.size() < 6) return {};
    if (parts[2] == "iam") return iam_resource(text, parts[3], parts[5]);
    if (parts[2] == "s3" && parts[5].find(':') == text.npos && !parts[3].empty() &&
        !parts[5].starts_with("accesspoint") && parts[3] != "*") {
      return malformed("Resource " + std::string(text) + " can not contain region information.");
    }
    return {};
  }

  static Result<void> iam_resource(std::string_view text, std::string_view region, std::string_view path) {
    static constexpr std::array<std::string_view, 13> kPaths = {"user/",
                                                                "federated-user/",
                                                                "role/",
                                                                "group/",
                                                                "instance-profile/",
                                                                "mfa/",
                                                                "server-certificate/",
                                                                "policy/",
                                                                "sms-mfa/",
                                                                "saml-provider/",
                                                                "oidc-provider/",
                                                                "report/",
                                                                "access-report/"};
    if (!region.empty() && region != "*") {
      return malformed("IAM resource " + std::string(text) + " cannot contain region information.");
    }
    const bool known =
        path == "*" || std::ranges::any_of(kPaths, [&](auto p) { return path.starts_with(p); });
    if (known) return {};
    std::string list;
    for (const std::string_view p : kPaths) list.append(list.empty() ? "" : ", ").append(p);
    return malformed("IAM resource path must either be \"*\" or start with " + list + ".");
  }

  static bool is_partition(std::string_view text) {
    static constexpr std::array<std::string_view, 9> kKnown = {
        "aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc", "*"};
    return std::ranges::find(kKnown, text) != kKnown.end() || text.find_first_of("*?") != text.npos;
  }

  Result<void> actions(const Statement& s) {
    for (const ValueList* list : {&s.action, &s.not_action}) {
      for (const Scalar& value : list->values) CHECK_OK(action(value.text));
    }
    return {};
  }

  Result<void> action(std::string_view text) {
    if (kind_ == Kind::trust && !equal_ignoring_case(text.substr(0, 4), "sts:")) {
      return malformed("AssumeRole policy may only specify STS AssumeRole actions.");
    }
    if (text == "*") return {};
    const std::size_t colon = text.find(':');
    if (colon == text.npos) {
      return malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    }
    if (text.find(':', colon + 1) != text.npos)
      return malformed("Actions/Condition can contain only one colon.");
    const std::string_view vendor = text.substr(0, colon);
    const bool valid = !vendor.empty() && std::ranges::all_of(vendor, [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
             c == '_';
    });
    if (!valid && text != "*:*") return malformed("Vendor " + std::string(vendor) + " is not valid");
    return {};
  }

  const Document& document_;
  Kind kind_;
};

}  // namespace

bool takes_principal(Kind kind) {
  switch (kind) {
    case Kind::resource:
    case Kind::trust:
    case Kind::key:
    case Kind::rcp:
    case Kind::endpoint:
      return true;
    case Kind::identity:
    case Kind::boundary:
    case Kind::session:
    case Kind::scp:
      return false;
  }
  return false;
}

bool takes_resource(Kind kind) { return kind != Kind::trust; }

Result<void> validate(const Document& document, Kind kind) { return Validator(document, kind).run(); }

}  // namespace gatehouse::policy
