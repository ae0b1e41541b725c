// One table of fields an entity, which serves reading and writing.
#include "account/directory/entities.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "account/directory/record_fields.h"
#include "base/log.h"

namespace gatehouse::account {
namespace {

constexpr std::int64_t kVersion = 1;

// `E` is T to read into, const T to write from.
template <typename E, typename T>
concept Is = std::is_same_v<std::remove_const_t<E>, T>;

template <Is<Grants> E, typename F>
void describe(E& e, F& f) {
  f("inline", e.inline_policies)("attached", e.attached)("boundary", e.boundary);
}

template <Is<PolicyVersion> E, typename F>
void describe(E& e, F& f) {
  f("id", e.id)("document", e.document, policy::Kind::identity)("created", e.created);
}

template <Is<PasswordPolicy> E, typename F>
void describe(E& e, F& f) {
  f("set", e.set)("length", e.minimum_length)("maxAge", e.max_age_days)("reuse", e.reuse_prevention);
  f("symbols", e.symbols)("numbers", e.numbers)("upper", e.upper)("lower", e.lower);
  f("mayChange", e.users_may_change)("hardExpiry", e.hard_expiry);
}

template <Is<LoginProfile> E, typename F>
void describe(E& e, F& f) {
  f("hash", e.hash)("salt", e.salt)("earlier", e.earlier)("reset", e.reset_required);
  f("created", e.created)("changed", e.changed);
}

template <Is<UserCredential> E, typename F>
void describe(E& e, F& f) {
  f("id", e.id)("text", e.text)("service", e.service)("login", e.login);
  f("fingerprint", e.fingerprint)("active", e.active)("created", e.created);
}

// What everything with a name and an ARN has.
template <typename E, typename F>
void describe_named(E& e, F& f) {
  f("account", e.account)("name", e.name)("path", e.path)("arn", e.arn)("id", e.id);
}

template <Is<Account> E, typename F>
void describe(E& e, F& f) {
  f("id", e.id)("name", e.name)("email", e.email)("canonicalId", e.canonical_id)("created", e.created);
  f("passwords", e.passwords)("credentialReport", e.credential_report);
}

template <Is<AccountAlias> E, typename F>
void describe(E& e, F& f) {
  f("account", e.account)("alias", e.alias)("created", e.created);
}

template <Is<ManagedPolicy> E, typename F>
void describe(E& e, F& f) {
  describe_named(e, f);
  f("description", e.description)("created", e.created)("updated", e.updated)("tags", e.tags);
  f("default", e.default_version)("last", e.last_version)("versions", e.versions);
}

template <Is<Role> E, typename F>
void describe(E& e, F& f) {
  describe_named(e, f);
  f("description", e.description)("created", e.created)("maxSession", e.max_session_seconds);
  f("trust", e.trust, policy::Kind::trust)("tags", e.tags)("grants", e.grants);
}

template <Is<User> E, typename F>
void describe(E& e, F& f) {
  describe_named(e, f);
  f("created", e.created)("tags", e.tags)("groups", e.groups)("accessKeys", e.access_keys);
  f("sshKeys", e.ssh_keys)("certificates", e.certificates)("serviceCredentials", e.service_credentials);
  f("login", e.login)("renamedFrom", e.renamed_from)("grants", e.grants);
}

template <Is<Group> E, typename F>
void describe(E& e, F& f) {
  describe_named(e, f);
  f("created", e.created)("renamedFrom", e.renamed_from)("grants", e.grants);
}

template <Is<AccessKey> E, typename F>
void describe(E& e, F& f) {
  f("id", e.id)("secret", e.secret)("account", e.account)("user", e.user);
  f("active", e.active)("created", e.created);
}

template <Is<InstanceProfile> E, typename F>
void describe(E& e, F& f) {
  describe_named(e, f);
  f("role", e.role)("created", e.created)("tags", e.tags);
}

template <Is<OidcProvider> E, typename F>
void describe(E& e, F& f) {
  f("account", e.account)("arn", e.arn)("url", e.url)("clientIds", e.client_ids);
  f("thumbprints", e.thumbprints)("created", e.created)("tags", e.tags);
}

template <Is<SamlProvider> E, typename F>
void describe(E& e, F& f) {
  f("account", e.account)("name", e.name)("arn", e.arn)("uuid", e.uuid)("metadata", e.metadata);
  f("created", e.created)("validUntil", e.valid_until)("tags", e.tags);
}

template <Is<ServerCertificate> E, typename F>
void describe(E& e, F& f) {
  describe_named(e, f);
  f("body", e.body)("chain", e.chain)("key", e.private_key)("renamedFrom", e.renamed_from);
  f("uploaded", e.uploaded)("expires", e.expires)("tags", e.tags);
}

template <Is<MfaDevice> E, typename F>
void describe(E& e, F& f) {
  f("account", e.account)("name", e.name)("arn", e.arn)("seed", e.seed)("user", e.user);
  f("enabled", e.enabled)("used", e.used)("tags", e.tags);
}

template <Is<Job> E, typename F>
void describe(E& e, F& f) {
  f("account", e.account)("id", e.id)("subject", e.subject)("detail", e.detail)("created", e.created);
}

struct Describe {
  void operator()(auto& e, auto& f) const { describe(e, f); }
};

}  // namespace

const PolicyVersion* ManagedPolicy::version(std::string_view version_id) const {
  const auto it = std::find_if(versions.begin(), versions.end(),
                               [&](const PolicyVersion& v) { return v.id == version_id; });
  return it == versions.end() ? nullptr : &*it;
}

const PolicyVersion& ManagedPolicy::current() const { return *version(default_version); }

std::string named_key(std::string_view account, std::string_view name) {
  std::string key = fmt::format("{}/{}", account, name);
  std::transform(key.begin(), key.end(), key.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return key;
}

template <typename T>
std::string key_of(const T& e) {
  if constexpr (std::is_same_v<T, Account> || std::is_same_v<T, AccessKey>) {
    return e.id;
  } else if constexpr (std::is_same_v<T, AccountAlias>) {
    return e.alias;
  } else if constexpr (std::is_same_v<T, OidcProvider>) {
    return fmt::format("{}/{}", e.account, e.url);
  } else if constexpr (std::is_same_v<T, Job>) {
    return fmt::format("{}/{}", e.account, e.id);
  } else {
    return named_key(e.account, e.name);
  }
}

template <typename T>
std::string to_record(const T& entity) {
  json::object out{{"v", kVersion}};
  FieldWriter<Describe> fields(out);
  describe(entity, fields);
  return json::dump(out);
}

template <typename T>
Result<T> from_record(std::string_view record, store::Revision revision) {
  const auto unreadable = [&](std::string_view why) {
    log::error(why, {{"record", std::string(record.substr(0, 200))}});
    return internal_failure();
  };
  const auto parsed = json::parse(record);
  const json::object* object = parsed ? parsed->if_object() : nullptr;
  if (object == nullptr || json::int_or(*object, "v", 0) != kVersion)
    return unreadable("a record of another version, or not a record");
  FieldReader<Describe> fields(*object);
  T entity;
  describe(entity, fields);
  if (fields.bad()) return unreadable("a record that does not read");
  if constexpr (std::is_same_v<T, ManagedPolicy>) {
    if (entity.version(entity.default_version) == nullptr) return unreadable("a policy without its version");
  }
  entity.revision = revision;
  return entity;
}

#define GATEHOUSE_ENTITY(T)                 \
  template std::string key_of(const T&);    \
  template std::string to_record(const T&); \
  template Result<T> from_record(std::string_view, store::Revision);
GATEHOUSE_ENTITIES(GATEHOUSE_ENTITY)
#undef GATEHOUSE_ENTITY

}  // namespace gatehouse::account
