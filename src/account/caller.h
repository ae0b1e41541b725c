// Who is calling, as the gate sees it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "policy/policy.h"

namespace gatehouse::account {

using Tag = std::pair<std::string, std::string>;

// What a temporary credential carries. Sealed into the session token, so that no store write is needed to
// make one.
struct Session {
  // Whose it is: a role's (AssumeRole…), a user's own (GetSessionToken), or that of somebody whom a user
  // vouches for (GetFederationToken). Root counts as a user without a name.
  enum class Kind : std::uint8_t { role, user, federated };
  Kind kind = Kind::role;
  std::string access_key_id;
  std::string secret;
  std::string account;
  std::string role, user;  // the name of the one or the other
  std::string owner_id;    // AROA…, AIDA…: one that was made again is not the one the session is of
  std::string name;        // RoleSessionName, or the federated user's
  Time issued{};
  Time expires{};
  Time second_factor{};               // when an MFA device was proven; never: the epoch
  std::vector<std::string> policies;  // inline session policy, as text
  std::vector<std::string> policy_arns;
  bool has_session_policy = false;
  std::vector<policy::CompiledPtr> compiled;  // `policies`, once opened; not part of the token
  std::vector<Tag> tags;                      // aws:PrincipalTag, over the role's own
  std::vector<std::string> transitive_tags;
  std::string source_identity;
  std::string federated_provider;  // the provider's ARN for web identity sessions
};

struct Caller {
  policy::PrincipalType type = policy::PrincipalType::anonymous;
  std::string account;
  std::string arn;           // as GetCallerIdentity says it
  std::string role_arn;      // a session's role, with its path
  std::string unique_id;     // AIDA…, AROA…; the account's id for root
  std::string user_id;       // as GetCallerIdentity says it: "AROA…:session"
  std::string canonical_id;  // the account\'s, as S3 names it
  std::string name;          // of the user or the role
  std::string access_key_id;
  std::vector<Tag> tags;
  std::shared_ptr<const Session> session;  // of temporary credentials
  // Condition keys that only this kind of caller has (a web identity's claims), name and values.
  std::vector<std::pair<std::string, std::vector<std::string>>> keys;

  bool anonymous() const { return type == policy::PrincipalType::anonymous; }
  policy::Principal principal() const { return {type, account, arn, role_arn, unique_id, canonical_id}; }
};

}  // namespace gatehouse::account
