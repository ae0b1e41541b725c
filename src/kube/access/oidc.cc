#include "kube/access/oidc.h"

#include <fmt/format.h>

#include <chrono>

namespace gatehouse::kube {
namespace {

std::unexpected<std::string> refused(std::string why) { return std::unexpected(std::move(why)); }

const json::value* claim(const identity::Claims& claims, std::string_view name) {
  return claims.all.if_contains(name);
}

// The name and what tells it from those of other issuers: the issuer itself, unless it is an e-mail address
// or the prefix says otherwise.
std::expected<std::string, std::string> username(const OidcProvider& provider,
                                                 const identity::Claims& claims) {
  const std::string name = provider.username_claim.empty() ? "sub" : provider.username_claim;
  const json::value* value = claim(claims, name);
  if (value == nullptr || !value->is_string() || value->get_string().empty())
    return refused(fmt::format("the token has no claim {} that is a text", name));
  const bool email = name == "email";
  if (const json::value* verified = claim(claims, "email_verified");
      email && verified != nullptr && *verified != json::value(true))
    return refused("the e-mail address is not verified");
  std::string prefix = provider.username_prefix;
  if (prefix.empty() && !email) prefix = provider.issuer + "#";
  if (prefix == "-") prefix.clear();
  return prefix + std::string(value->get_string());
}

std::expected<std::vector<std::string>, std::string> groups(const OidcProvider& provider,
                                                            const identity::Claims& claims) {
  std::vector<std::string> out;
  const json::value* value = provider.groups_claim.empty() ? nullptr : claim(claims, provider.groups_claim);
  if (value == nullptr) return out;
  const json::array one{*value};
  for (const json::value& group : value->is_array() ? value->get_array() : one) {
    if (!group.is_string()) return refused("a group of the token is no text");
    out.push_back(provider.groups_prefix + std::string(group.get_string()));
  }
  return out;
}

}  // namespace

std::expected<User, std::string> oidc_user(const OidcProvider& provider, const identity::Jwt& token,
                                           const OidcKeys& keys, Time now) {
  const auto known = keys ? keys(provider.issuer, token.kid()) : fail("", "nobody knows its keys");
  if (!known) return refused(known.error().message);
  const auto verified = token.verify(**known);
  if (!verified) return refused(verified.error().detail);
  const identity::Claims& claims = **verified;
  if (const auto times = identity::check_times(claims, now, std::chrono::seconds(10)); !times)
    return refused(times.error().detail);
  if (!claims.for_audience(provider.client_id)) return refused("the token is for another client");
  for (const auto& [name, wanted] : provider.required_claims) {
    if (const json::value* value = claim(claims, name); value == nullptr || *value != json::value(wanted))
      return refused(fmt::format("the token's claim {} is not {}", name, wanted));
  }
  auto name = username(provider, claims);
  if (!name) return refused(name.error());
  auto member_of = groups(provider, claims);
  if (!member_of) return refused(member_of.error());
  User user{std::move(*name), "", std::move(*member_of), {}};
  user.groups.emplace_back(kAuthenticated);
  return user;
}

}  // namespace gatehouse::kube
