#include "policy/decide/principal.h"

#include <algorithm>
#include <optional>

#include "base/arn.h"
#include "policy/match/text.h"

namespace gatehouse::policy {
namespace {

bool is_unique_id(std::string_view text) {
  return text.size() >= 16 && text.size() <= 128 && text.starts_with('A') &&
         std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

PrincipalPattern make(PrincipalKind kind, std::string_view text) { return {kind, text, hash_text(text)}; }

std::optional<PrincipalPattern> parse_aws(std::string_view text) {
  if (text == "*") return make(PrincipalKind::everyone, text);
  if (is_account_id(text)) return make(PrincipalKind::account, text);
  if (is_unique_id(text)) return make(PrincipalKind::aws, text);
  const auto arn = Arn::parse(text);
  if (!arn || text.find_first_of("*?") != text.npos || arn->resource.empty()) return std::nullopt;
  if (arn->service == "iam" && arn->resource == "root") {
    return is_account_id(arn->account) ? std::optional(make(PrincipalKind::account, arn->account))
                                       : std::nullopt;
  }
  if (arn->service != "iam" && arn->service != "sts") return std::nullopt;
  return make(PrincipalKind::aws, text);
}

bool same(const PrincipalPattern& pattern, std::uint64_t hash, std::string_view text) {
  return pattern.hash == hash && same_text(pattern.text, text) && !text.empty();
}

bool belongs_to_account(PrincipalType type) {
  return type == PrincipalType::root || type == PrincipalType::user || type == PrincipalType::assumed_role ||
         type == PrincipalType::federated_user;
}

bool is_session(PrincipalType type) {
  return type == PrincipalType::assumed_role || type == PrincipalType::federated_user;
}

}  // namespace

std::optional<PrincipalPattern> parse_principal(std::string_view type, std::string_view text) {
  if (type == "AWS") return parse_aws(text);
  const bool plain = !text.empty() && text.find_first_of("*?") == text.npos;
  if (type == "Service") return plain ? std::optional(make(PrincipalKind::service, text)) : std::nullopt;
  if (type == "Federated") return plain ? std::optional(make(PrincipalKind::federated, text)) : std::nullopt;
  if (type == "CanonicalUser")
    return plain ? std::optional(make(PrincipalKind::canonical, text)) : std::nullopt;
  return std::nullopt;
}

Caller::Caller(const Principal& principal, bool boundary, bool compared)
    : who(&principal), has_boundary(boundary) {
  if (!compared) return;
  const auto hash = [](std::string_view text) { return text.empty() ? 0 : hash_text(text); };
  account_hash = hash(principal.account);
  arn_hash = hash(principal.arn);
  role_hash = hash(principal.role_arn);
  id_hash = hash(principal.unique_id);
  canonical_hash = hash(principal.canonical_id);
}

Closeness closeness(const PrincipalPattern& pattern, const Caller& caller) {
  const Principal& who = *caller.who;
  switch (pattern.kind) {
    case PrincipalKind::everyone:
      return Closeness::self;
    case PrincipalKind::account:
      return belongs_to_account(who.type) && same(pattern, caller.account_hash, who.account)
                 ? Closeness::account
                 : Closeness::none;
    case PrincipalKind::canonical:
      return belongs_to_account(who.type) && same(pattern, caller.canonical_hash, who.canonical_id)
                 ? Closeness::account
                 : Closeness::none;
    case PrincipalKind::service:
      return who.type == PrincipalType::service && same(pattern, caller.arn_hash, who.arn) ? Closeness::self
                                                                                           : Closeness::none;
    case PrincipalKind::federated:
      return who.type == PrincipalType::federated && same(pattern, caller.arn_hash, who.arn)
                 ? Closeness::self
                 : Closeness::none;
    case PrincipalKind::aws:
      break;
  }
  if (!belongs_to_account(who.type)) return Closeness::none;
  // The role first: a session may be told by its role's ARN alone.
  if (same(pattern, caller.role_hash, who.role_arn)) return Closeness::role;
  if (same(pattern, caller.arn_hash, who.arn)) return Closeness::self;
  if (same(pattern, caller.id_hash, who.unique_id))
    return is_session(who.type) ? Closeness::role : Closeness::self;
  return Closeness::none;
}

Closeness closeness(std::span<const PrincipalPattern> patterns, const Caller& caller) {
  Closeness best = Closeness::none;
  for (const PrincipalPattern& pattern : patterns) best = std::max(best, closeness(pattern, caller));
  return best;
}

// AWS looks at the account, then the role, then the session, and Deny with NotPrincipal strikes unless each
// of them is listed; a caller under a permissions boundary is always struck.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
bool outside(std::span<const PrincipalPattern> patterns, const Caller& caller, bool deny) {
  const PrincipalType type = caller.who->type;
  bool account = false, role = false, self = false;
  for (const PrincipalPattern& pattern : patterns) {
    if (pattern.kind == PrincipalKind::everyone) return false;
    const Closeness one = closeness(pattern, caller);
    account = account || one == Closeness::account;
    role = role || one == Closeness::role;
    self = self || one == Closeness::self;
  }
  if (!deny) return !account && !role && !self;
  if (!belongs_to_account(type)) return !self;
  if (type == PrincipalType::root) return !account;
  if (caller.has_boundary) return true;
  if (type == PrincipalType::assumed_role) return !(account && role && self);
  return !(account && self);
}

}  // namespace gatehouse::policy
