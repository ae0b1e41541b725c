// Who a statement's Principal names, and how closely.
//
// How close matters: a resource policy that names the caller itself grants by itself, one that names the
// caller's role grants within boundary and session policy, and one that names the account only lets the
// account's own policies decide.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "policy/document/document.h"
#include "policy/policy.h"

namespace gatehouse::policy {

// Ordered: the greater needs less besides.
enum class Closeness : std::uint8_t {
  none,
  account,  // needs identity policy, boundary and session policy
  role,     // the role of a session, the user of a federated session: needs boundary and session policy
  self,     // the caller itself, or everyone: needs nothing else
};

enum class PrincipalKind : std::uint8_t { everyone, account, aws, service, federated, canonical };

struct PrincipalPattern {
  PrincipalKind kind = PrincipalKind::aws;
  std::string_view text;
  std::uint64_t hash = 0;
};

// A Principal of the policy language as IAM reads it; nullopt where IAM refuses it.
std::optional<PrincipalPattern> parse_principal(std::string_view type, std::string_view text);

// The caller, with what comparing needs computed once.
struct Caller {
  const Principal* who = nullptr;
  bool has_boundary = false;
  std::uint64_t account_hash = 0, arn_hash = 0, role_hash = 0, id_hash = 0, canonical_hash = 0;

  // `compared`: whether any policy with a Principal is in play; the hashes stay zero if not.
  Caller(const Principal& principal, bool boundary, bool compared);
};

Closeness closeness(const PrincipalPattern& pattern, const Caller& caller);
Closeness closeness(std::span<const PrincipalPattern> patterns, const Caller& caller);

// Whether NotPrincipal with this list covers the caller.
bool outside(std::span<const PrincipalPattern> patterns, const Caller& caller, bool deny);

}  // namespace gatehouse::policy
