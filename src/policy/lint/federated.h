// Identity providers as principals, and the condition keys that their claims become.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
#pragma once

#include <optional>
#include <string_view>

#include "policy/lint/text.h"

namespace gatehouse::policy::lint {

inline constexpr std::string_view kGitHub = "token.actions.githubusercontent.com";

struct Provider {
  enum class Type : std::uint8_t { oidc, saml, domain, unknown };
  Type type = Type::unknown;
  std::string_view issuer;  // host and path, without https://, as its condition keys begin
};

// arn:aws:iam::A:oidc-provider/ISSUER, arn:aws:iam::A:saml-provider/NAME, or the domain of one that needs no
// ARN.
inline Provider provider_of(std::string_view principal) {
  const auto arn = ArnPattern::parse(principal);
  if (!arn) {
    const bool domain = principal.find('.') != std::string_view::npos &&
                        principal.find('/') == std::string_view::npos &&
                        principal.find(':') == std::string_view::npos && !has_wildcard(principal);
    return domain ? Provider{Provider::Type::domain, principal} : Provider{};
  }
  if (arn->parts < 6 || arn->service != "iam") return {};
  constexpr std::string_view kOidc = "oidc-provider/", kSaml = "saml-provider/";
  if (arn->resource.starts_with(kOidc) && arn->resource.size() > kOidc.size()) {
    return {Provider::Type::oidc, arn->resource.substr(kOidc.size())};
  }
  if (arn->resource.starts_with(kSaml) && arn->resource.size() > kSaml.size())
    return {Provider::Type::saml, {}};
  return {};
}

// "oidc.eks.us-east-1.amazonaws.com/id/ABC:sub" -> its two halves; nullopt where the key is no claim of an
// issuer.
struct Claim {
  std::string_view issuer, name;
};
inline std::optional<Claim> claim_of(std::string_view key) {
  const auto colon = key.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const Claim claim{key.substr(0, colon), key.substr(colon + 1)};
  const bool issuer = claim.issuer.find('.') != std::string_view::npos ||
                      claim.issuer.find('/') != std::string_view::npos || has_placeholder(claim.issuer);
  return issuer ? std::optional(claim) : std::nullopt;
}

}  // namespace gatehouse::policy::lint
