#include "account/sessions.h"

#include <fmt/format.h>

#include "account/installation_key.h"
#include "base/cipher.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/time.h"

namespace gatehouse::account {
namespace {

constexpr std::string_view kSessionToken = "session-token";
constexpr std::string_view kAuthorizationMessage = "authorization-message";
constexpr size_t kLongestSealed = 64 * 1024;
constexpr size_t kCachedPerShard = 4096;

Error invalid_token() {
  return {"InvalidClientTokenId", "The security token included in the request is invalid.", 403, {}};
}

json::value strings(const std::vector<std::string>& list) {
  json::array out;
  for (const std::string& s : list) out.emplace_back(s);
  return out;
}

std::string encode(const Session& s) {
  json::array tags;
  for (const auto& [key, value] : s.tags) tags.push_back(json::array{key, value});
  return json::dump(json::object{{"v", 1},
                                 {"k", s.access_key_id},
                                 {"s", s.secret},
                                 {"a", s.account},
                                 {"g", static_cast<std::int64_t>(s.kind)},
                                 {"r", s.role},
                                 {"u", s.user},
                                 {"i", s.owner_id},
                                 {"n", s.name},
                                 {"t", s.issued.time_since_epoch().count()},
                                 {"e", s.expires.time_since_epoch().count()},
                                 {"m", s.second_factor.time_since_epoch().count()},
                                 {"p", strings(s.policies)},
                                 {"pa", strings(s.policy_arns)},
                                 {"sp", s.has_session_policy},
                                 {"tags", std::move(tags)},
                                 {"tt", strings(s.transitive_tags)},
                                 {"si", s.source_identity},
                                 {"fp", s.federated_provider}});
}

std::vector<std::string> list_of(const json::object& o, std::string_view key) {
  std::vector<std::string> out;
  if (const json::value* v = o.if_contains(key); v != nullptr && v->is_array()) {
    for (const json::value& e : v->get_array()) {
      if (e.is_string()) out.emplace_back(e.get_string());
    }
  }
  return out;
}

std::string canonical_id(const Directory& directory, std::string_view account) {
  const auto found = directory.account(account);
  return found == nullptr ? "" : found->canonical_id;
}

Session decode(const json::object& o) {
  Session s;
  s.access_key_id = json::string_or(o, "k", "");
  s.secret = json::string_or(o, "s", "");
  s.account = json::string_or(o, "a", "");
  s.kind = static_cast<Session::Kind>(json::int_or(o, "g", 0));
  s.role = json::string_or(o, "r", "");
  s.user = json::string_or(o, "u", "");
  s.owner_id = json::string_or(o, "i", "");
  s.name = json::string_or(o, "n", "");
  s.issued = Time(std::chrono::milliseconds(json::int_or(o, "t", 0)));
  s.expires = Time(std::chrono::milliseconds(json::int_or(o, "e", 0)));
  s.second_factor = Time(std::chrono::milliseconds(json::int_or(o, "m", 0)));
  s.policies = list_of(o, "p");
  s.policy_arns = list_of(o, "pa");
  s.has_session_policy = json::bool_or(o, "sp", false);
  s.transitive_tags = list_of(o, "tt");
  s.source_identity = json::string_or(o, "si", "");
  s.federated_provider = json::string_or(o, "fp", "");
  if (const json::value* tags = o.if_contains("tags"); tags != nullptr && tags->is_array()) {
    for (const json::value& pair : tags->get_array()) {
      s.tags.emplace_back(pair.as_array().at(0).as_string(), pair.as_array().at(1).as_string());
    }
  }
  return s;
}

}  // namespace

Sessions::Sessions(std::string key, const Directory& directory, const Clock& clock, Random& random)
    : key_(std::move(key)), directory_(directory), clock_(clock), random_(random) {}

Result<std::unique_ptr<Sessions>> Sessions::open(store::Records& records, const Directory& directory,
                                                 const Clock& clock, Random& random) {
  TRY(auto key, installation_key(records, random, "session-token-key"));
  return std::unique_ptr<Sessions>(new Sessions(std::move(key), directory, clock, random));
}

// What is sealed for one purpose does not open for another.
std::string Sessions::seal_for(std::string_view purpose, std::string_view plain) const {
  return base64(seal_text(random_, key_, purpose, plain));
}

std::optional<std::string> Sessions::open_for(std::string_view purpose, std::string_view text) const {
  const auto sealed = unbase64(text);
  if (!sealed || sealed->size() > kLongestSealed) return std::nullopt;
  return open_text(key_, purpose, *sealed);
}

std::string Sessions::seal(const Session& session) const { return seal_for(kSessionToken, encode(session)); }

std::string Sessions::seal_message(std::string_view message) const {
  return seal_for(kAuthorizationMessage, message);
}

std::optional<std::string> Sessions::open_message(std::string_view encoded) const {
  return open_for(kAuthorizationMessage, encoded);
}

Result<Session> Sessions::unseal(std::string_view token) const {
  const auto plain = open_for(kSessionToken, token);
  if (!plain) return fail(invalid_token());
  const auto parsed = json::parse(*plain);
  if (!parsed || !parsed->is_object()) return fail(invalid_token());
  return decode(parsed->get_object());
}

// The caller that a user, by its unique id, or root (no id), is.
Result<Caller> Sessions::user_caller(std::string_view account, std::string_view id) const {
  Caller caller;
  caller.account = account;
  caller.canonical_id = canonical_id(directory_, account);
  if (id.empty()) {
    caller.type = policy::PrincipalType::root;
    caller.arn = fmt::format("arn:aws:iam::{}:root", account);
    caller.unique_id = caller.user_id = account;
    return caller;
  }
  const auto user = directory_.by_id<User>(id);
  if (user == nullptr) return fail(invalid_token());
  caller.type = policy::PrincipalType::user;
  caller.arn = user->arn;
  caller.unique_id = caller.user_id = user->id;
  caller.name = user->name;
  caller.tags = user->tags;
  return caller;
}

Result<std::shared_ptr<const Credentials>> Sessions::find_permanent(std::string_view access_key_id) const {
  const auto key = directory_.access_key(access_key_id);
  if (key == nullptr || !key->active) return fail(invalid_token());
  TRY(auto caller, user_caller(key->account, key->user));
  caller.access_key_id = key->id;
  return std::make_shared<const Credentials>(key->secret, std::move(caller));
}

// A session of a user, who may have changed since it was opened: made anew for each call.
Result<std::shared_ptr<const Credentials>> Sessions::of_user(const std::shared_ptr<const Session>& s) const {
  TRY(auto caller, user_caller(s->account, s->user.empty() ? std::string_view() : s->owner_id));
  if (caller.unique_id != s->owner_id) return fail(invalid_token());
  caller.access_key_id = s->access_key_id;
  caller.session = s;
  if (s->kind == Session::Kind::federated) {
    caller.type = policy::PrincipalType::federated_user;
    caller.role_arn = caller.arn;
    caller.arn = fmt::format("arn:aws:sts::{}:federated-user/{}", s->account, s->name);
    caller.user_id = fmt::format("{}:{}", s->account, s->name);
    caller.tags = s->tags;
  }
  return std::make_shared<const Credentials>(s->secret, std::move(caller));
}

std::optional<Sessions::Opened> Sessions::cached(std::string_view token) const {
  Cache& cache = cache_[Hash{}(token) % cache_.size()];
  const std::lock_guard lock(cache.mutex);
  const auto it = cache.opened.find(token);
  return it == cache.opened.end() ? std::nullopt : std::optional(it->second);
}

void Sessions::cache(std::string_view token, Opened opened) const {
  Cache& cache = cache_[Hash{}(token) % cache_.size()];
  const std::lock_guard lock(cache.mutex);
  if (cache.opened.size() >= kCachedPerShard) cache.opened.clear();
  cache.opened.insert_or_assign(std::string(token), std::move(opened));
}

Result<std::shared_ptr<const Credentials>> Sessions::find(std::string_view access_key_id,
                                                          std::string_view token) const {
  if (!access_key_id.starts_with(id_prefix::kTemporaryKey)) {
    if (!token.empty()) return fail(invalid_token());
    return find_permanent(access_key_id);
  }
  if (token.empty()) return fail(invalid_token());
  Opened opened = cached(token).value_or(Opened{});
  if (opened.session == nullptr) {
    TRY(auto session, unseal(token));
    for (const std::string& text : session.policies) {
      TRY(auto compiled, policy::compile(text, policy::Kind::session));
      session.compiled.push_back(std::move(compiled));
    }
    opened.session = std::make_shared<const Session>(std::move(session));
  }
  const Session& session = *opened.session;
  if (session.access_key_id != access_key_id) return fail(invalid_token());
  if (clock_.now() >= session.expires) {
    return fail("ExpiredToken", "The security token included in the request is expired", 403);
  }
  if (session.kind != Session::Kind::role) return of_user(opened.session);
  auto role = directory_.role(session.account, session.role);
  if (role == nullptr || role->id != session.owner_id) return fail(invalid_token());
  // A role that changed (its tags, its path) makes another caller of the same session.
  if (opened.role != role) {
    auto credentials = std::make_shared<Credentials>();
    credentials->secret = session.secret;
    credentials->caller = session_caller(opened.session, *role);
    credentials->caller.canonical_id = canonical_id(directory_, session.account);
    opened.credentials = std::move(credentials);
    opened.role = std::move(role);
    cache(token, opened);
  }
  return opened.credentials;
}

std::string session_arn(const Session& session, const Role& role) {
  return fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", session.account, role.name, session.name);
}

std::string session_user_id(const Session& session, const Role& role) {
  return fmt::format("{}:{}", role.id, session.name);
}

Caller session_caller(std::shared_ptr<const Session> session, const Role& role) {
  Caller caller;
  caller.type = policy::PrincipalType::assumed_role;
  caller.account = session->account;
  caller.arn = session_arn(*session, role);
  caller.role_arn = role.arn;
  caller.unique_id = role.id;
  caller.user_id = session_user_id(*session, role);
  caller.name = role.name;
  caller.access_key_id = session->access_key_id;
  caller.tags = role.tags;
  for (const Tag& tag : session->tags) {
    std::erase_if(caller.tags, [&](const Tag& t) { return t.first == tag.first; });
    caller.tags.push_back(tag);
  }
  caller.session = std::move(session);
  return caller;
}

}  // namespace gatehouse::account
