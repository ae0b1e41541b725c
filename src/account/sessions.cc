#include "account/sessions.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include "base/encoding.h"
#include "base/json.h"
#include "base/time.h"

namespace gatehouse::account {
namespace {

constexpr std::string_view kKeyRecord = "secret/session-token-key";
constexpr size_t kNonce = 12;
constexpr size_t kTag = 16;
constexpr size_t kCachedPerShard = 4096;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

unsigned char* bytes(std::string& s, size_t at = 0) {
  return reinterpret_cast<unsigned char*>(s.data() + at);
}
const unsigned char* bytes(std::string_view s) { return reinterpret_cast<const unsigned char*>(s.data()); }

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
                                 {"r", s.role},
                                 {"i", s.role_id},
                                 {"n", s.name},
                                 {"t", s.issued.time_since_epoch().count()},
                                 {"e", s.expires.time_since_epoch().count()},
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
  s.role = json::string_or(o, "r", "");
  s.role_id = json::string_or(o, "i", "");
  s.name = json::string_or(o, "n", "");
  s.issued = Time(std::chrono::milliseconds(json::int_or(o, "t", 0)));
  s.expires = Time(std::chrono::milliseconds(json::int_or(o, "e", 0)));
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
  TRY(auto record, records.get(kKeyRecord));
  std::string key;
  if (record) {
    const auto parsed = json::parse(record->value);
    key = parsed && parsed->is_object() ? unhex(json::string_or(parsed->get_object(), "key", "")).value_or("")
                                        : "";
    if (key.size() != 32)
      return fail("InternalFailure", "the session token key in the data directory does not read", 500);
  } else {
    key = random.bytes(32);
    store::Batch batch;
    batch.puts.emplace_back(kKeyRecord, json::dump(json::object{{"v", 1}, {"key", hex(key)}}));
    batch.preconditions.push_back({std::string(kKeyRecord), 0});
    CHECK_OK(records.commit("secret", std::move(batch)));
  }
  return std::unique_ptr<Sessions>(new Sessions(std::move(key), directory, clock, random));
}

std::string Sessions::seal(const Session& session) const {
  const std::string plain = encode(session);
  std::string sealed = random_.bytes(kNonce);
  sealed.resize(kNonce + plain.size() + kTag);
  const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int length = 0;
  EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(key_), bytes(sealed));
  EVP_EncryptUpdate(cipher.get(), bytes(sealed, kNonce), &length, bytes(plain),
                    static_cast<int>(plain.size()));
  EVP_EncryptFinal_ex(cipher.get(), nullptr, &length);
  EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTag, bytes(sealed, kNonce + plain.size()));
  return base64(sealed);
}

Result<Session> Sessions::unseal(std::string_view token) const {
  auto sealed = unbase64(token);
  if (!sealed || sealed->size() < kNonce + kTag || sealed->size() > 64 * 1024) return fail(invalid_token());
  std::string plain(sealed->size() - kNonce - kTag, '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int length = 0;
  EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(key_), bytes(*sealed));
  EVP_DecryptUpdate(cipher.get(), bytes(plain), &length, bytes(*sealed, kNonce),
                    static_cast<int>(plain.size()));
  EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTag, bytes(*sealed, kNonce + plain.size()));
  if (EVP_DecryptFinal_ex(cipher.get(), nullptr, &length) != 1) return fail(invalid_token());
  const auto parsed = json::parse(plain);
  if (!parsed || !parsed->is_object()) return fail(invalid_token());
  return decode(parsed->get_object());
}

Result<std::shared_ptr<const Credentials>> Sessions::find(std::string_view access_key_id,
                                                          std::string_view token) const {
  if (!access_key_id.starts_with(id_prefix::kTemporaryKey)) {
    const auto key = directory_.access_key(access_key_id);
    if (key == nullptr || !key->active || !token.empty()) return fail(invalid_token());
    auto credentials = std::make_shared<Credentials>();
    credentials->secret = key->secret;
    Caller& caller = credentials->caller;
    caller.account = key->account;
    caller.access_key_id = key->id;
    caller.canonical_id = canonical_id(directory_, key->account);
    if (key->user.empty()) {
      caller.type = policy::PrincipalType::root;
      caller.arn = fmt::format("arn:aws:iam::{}:root", key->account);
      caller.unique_id = caller.user_id = key->account;
      return credentials;
    }
    const auto user = directory_.by_id<User>(key->user);
    if (user == nullptr) return fail(invalid_token());
    caller.type = policy::PrincipalType::user;
    caller.arn = user->arn;
    caller.unique_id = caller.user_id = user->id;
    caller.name = user->name;
    caller.tags = user->tags;
    return credentials;
  }

  if (token.empty()) return fail(invalid_token());
  Cache& cache = cache_[std::hash<std::string_view>{}(token) % cache_.size()];
  std::shared_ptr<const Session> session;
  {
    const std::lock_guard lock(cache.mutex);
    if (const auto it = cache.sessions.find(std::string(token)); it != cache.sessions.end())
      session = it->second;
  }
  if (session == nullptr) {
    TRY(auto opened, unseal(token));
    for (const std::string& text : opened.policies) {
      TRY(auto compiled, policy::compile(text, policy::Kind::session));
      opened.compiled.push_back(std::move(compiled));
    }
    session = std::make_shared<const Session>(std::move(opened));
    const std::lock_guard lock(cache.mutex);
    if (cache.sessions.size() >= kCachedPerShard) cache.sessions.clear();
    cache.sessions.emplace(token, session);
  }
  if (session->access_key_id != access_key_id) return fail(invalid_token());
  if (clock_.now() >= session->expires) {
    return fail("ExpiredToken", "The security token included in the request is expired", 403);
  }
  const auto role = directory_.role(session->account, session->role);
  if (role == nullptr || role->id != session->role_id) return fail(invalid_token());
  auto credentials = std::make_shared<Credentials>();
  credentials->secret = session->secret;
  credentials->caller = session_caller(*session, *role);
  credentials->caller.canonical_id = canonical_id(directory_, session->account);
  return credentials;
}

Caller session_caller(const Session& session, const Role& role) {
  Caller caller;
  caller.type = policy::PrincipalType::assumed_role;
  caller.account = session.account;
  caller.arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", session.account, role.name, session.name);
  caller.role_arn = role.arn;
  caller.unique_id = role.id;
  caller.user_id = fmt::format("{}:{}", role.id, session.name);
  caller.name = role.name;
  caller.access_key_id = session.access_key_id;
  caller.tags = role.tags;
  for (const Tag& tag : session.tags) {
    std::erase_if(caller.tags, [&](const Tag& t) { return t.first == tag.first; });
    caller.tags.push_back(tag);
  }
  caller.session = session;
  return caller;
}

}  // namespace gatehouse::account
