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

// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PasswordPolicy.html
struct PasswordPolicy {
  bool set = false;
  int minimum_length = 6, max_age_days = 0, reuse_prevention = 0;
  bool symbols = false, numbers = false, upper = false, lower = false;
  bool users_may_change = false, hard_expiry = false;
};

struct Account {
  static constexpr std::string_view kKind = "account";
  std::string id, name, email, canonical_id;
  Time created{};
  PasswordPolicy passwords;
  Time credential_report{};  // when it was last asked for
  store::Revision revision = 0;
};

// Unique over all accounts, so a record of its own.
struct AccountAlias {
  static constexpr std::string_view kKind = "iam-alias";
  std::string account, alias;
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
  static constexpr std::string_view kKind = "iam-policy";
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
  static constexpr std::string_view kKind = "iam-role";
  std::string account, name, path, arn, id, description;
  Time created{};
  int max_session_seconds = 3600;
  PolicyText trust;
  std::vector<Tag> tags;
  Grants grants;
  store::Revision revision = 0;
};

// A console password; kept to be compared with, never to be read.
struct LoginProfile {
  std::string hash, salt;  // hexadecimal; no hash: there is no profile
  std::vector<std::string> earlier;
  bool reset_required = false;
  Time created{}, changed{};
};

// An SSH public key, a signing certificate, or a credential for one service.
struct UserCredential {
  std::string id;
  std::string text;            // the key or the certificate, in PEM; of a password the salted hash
  std::string service, login;  // of a service's: "codecommit.amazonaws.com" and the name for it
  std::string fingerprint;
  bool active = true;
  Time created{};
};

struct User {
  static constexpr std::string_view kKind = "iam-user";
  std::string account, name, path, arn, id;
  Time created{};
  std::vector<Tag> tags;
  std::vector<std::string> groups;       // unique ids: a renamed group keeps its members
  std::vector<std::string> access_keys;  // their ids
  std::vector<UserCredential> ssh_keys, certificates, service_credentials;
  LoginProfile login;
  std::string renamed_from;  // a record of that name with this id is what a crash left of a rename
  Grants grants;
  store::Revision revision = 0;
};

struct Group {
  static constexpr std::string_view kKind = "iam-group";
  std::string account, name, path, arn, id;
  Time created{};
  std::string renamed_from;
  Grants grants;
  store::Revision revision = 0;
};

struct AccessKey {
  static constexpr std::string_view kKind = "access-key";
  std::string id, secret, account;
  std::string user;  // the unique id; empty: the account's root
  bool active = true;
  Time created{};
  store::Revision revision = 0;
};

struct InstanceProfile {
  static constexpr std::string_view kKind = "iam-instance-profile";
  std::string account, name, path, arn, id;
  std::string role;  // the unique id, or empty
  Time created{};
  std::vector<Tag> tags;
  store::Revision revision = 0;
};

struct OidcProvider {
  static constexpr std::string_view kKind = "iam-oidc-provider";
  std::string account, arn;
  std::string url;  // host and path, without scheme, ":443" and trailing slash
  std::vector<std::string> client_ids, thumbprints;
  Time created{};
  std::vector<Tag> tags;
  store::Revision revision = 0;
};

struct SamlProvider {
  static constexpr std::string_view kKind = "iam-saml-provider";
  std::string account, name, arn, uuid, metadata;
  Time created{}, valid_until{};
  std::vector<Tag> tags;
  store::Revision revision = 0;
};

struct ServerCertificate {
  static constexpr std::string_view kKind = "iam-server-certificate";
  std::string account, name, path, arn, id;
  std::string body, chain, private_key, renamed_from;
  Time uploaded{}, expires{};
  std::vector<Tag> tags;
  store::Revision revision = 0;
};

struct MfaDevice {
  static constexpr std::string_view kKind = "iam-mfa-device";
  std::string account, name, arn, seed;  // the seed in hexadecimal
  std::string user;                      // the unique id it is enabled for, or empty
  Time enabled{};
  int used = 0;  // the step of the newest code that was taken: none is good twice
  std::vector<Tag> tags;
  store::Revision revision = 0;
};

// Something IAM was asked to do and may be asked about: the deletion of a service-linked role, a report of
// who used what.
struct Job {
  static constexpr std::string_view kKind = "iam-job";
  std::string account, id, subject, detail;
  Time created{};
  store::Revision revision = 0;
};

// Where it is found: ACCOUNT/name in lower case, for all that have a name.
template <typename T>
std::string key_of(const T& entity);
std::string named_key(std::string_view account, std::string_view name);

// To the record's JSON (with its version "v") and back. A member that is absent reads as its default; a
// record of a version from the future, or one that does not parse, is an InternalFailure that the log
// explains.
template <typename T>
std::string to_record(const T& entity);
template <typename T>
Result<T> from_record(std::string_view record, store::Revision revision);

// X(T) for every kind of entity.
#define GATEHOUSE_ENTITIES(X) \
  X(Account)                  \
  X(AccountAlias)             \
  X(AccessKey)                \
  X(Role)                     \
  X(User)                     \
  X(Group)                    \
  X(ManagedPolicy)            \
  X(InstanceProfile)          \
  X(OidcProvider)             \
  X(SamlProvider)             \
  X(ServerCertificate)        \
  X(MfaDevice)                \
  X(Job)

}  // namespace gatehouse::account
