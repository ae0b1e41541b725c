// What an account consists of, as immutable values. Each knows how to become a record and back; compiled
// policies are made when an entity is read or changed, never while deciding.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "account/caller.h"
#include "base/json.h"
#include "policy/policy.h"
#include "store/store.h"

namespace gatehouse::account {

struct PolicyText {
  std::string text;
  policy::CompiledPtr compiled;
};

struct Account {
  std::string id, name, email, canonical_id;
  Time created{};
  store::Revision revision = 0;
};

struct PolicyVersion {
  std::string id;  // "v1"
  PolicyText document;
  Time created{};
};

// A customer managed policy, or one of AWS's (account "aws").
struct ManagedPolicy {
  std::string account, name, path, arn, id, description;
  Time created{}, updated{};
  std::vector<Tag> tags;
  std::vector<PolicyVersion> versions;  // oldest first
  std::string default_version;
  int last_version = 0;  // numbers are never reused
  store::Revision revision = 0;

  const PolicyVersion* version(std::string_view version_id) const;
  const PolicyVersion& current() const;
};

// What users, groups and roles have in common.
struct Grants {
  std::map<std::string, PolicyText> inline_policies;
  std::vector<std::string> attached;  // ARNs, in the order of attachment
  std::string boundary;               // an ARN, or empty
};

struct Role {
  std::string account, name, path, arn, id, description;
  Time created{};
  int max_session_seconds = 3600;
  PolicyText trust;
  std::vector<Tag> tags;
  Grants grants;
  store::Revision revision = 0;
};

struct User {
  std::string account, name, path, arn, id;
  Time created{};
  std::vector<Tag> tags;
  std::vector<std::string> groups;
  std::vector<std::string> access_keys;  // their ids
  Grants grants;
  store::Revision revision = 0;
};

struct Group {
  std::string account, name, path, arn, id;
  Time created{};
  Grants grants;
  store::Revision revision = 0;
};

struct AccessKey {
  std::string id, secret, account;
  std::string user;  // empty: the account's root
  bool active = true;
  Time created{};
  store::Revision revision = 0;
};

struct OidcProvider {
  std::string account, arn;
  std::string url;  // host and path, without scheme, ":443" and trailing slash
  std::vector<std::string> client_ids, thumbprints;
  Time created{};
  std::vector<Tag> tags;
  store::Revision revision = 0;
};

// To the record's JSON (with its version "v") and back. A record of a version from the future, or one that
// does not parse, is an InternalFailure that the log explains.
std::string to_record(const Account& e);
std::string to_record(const ManagedPolicy& e);
std::string to_record(const Role& e);
std::string to_record(const User& e);
std::string to_record(const Group& e);
std::string to_record(const AccessKey& e);
std::string to_record(const OidcProvider& e);
template <typename T>
Result<T> from_record(std::string_view record, store::Revision revision);

}  // namespace gatehouse::account
