// Temporary credentials and how credentials become callers.
//
// A session token is the Session itself, sealed with AES-256-GCM under a key kept in the store: issuing one
// writes nothing, any process of the installation can open it, and it dies with its expiry or its role.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "account/directory/directory.h"

namespace gatehouse::account {

struct Credentials {
  std::string secret;
  Caller caller;
};

class Sessions {
 public:
  static Result<std::unique_ptr<Sessions>> open(store::Records& records, const Directory& directory,
                                                const Clock& clock, Random& random);

  // Fills in key id, secret and times are the caller's; returns the token.
  std::string seal(const Session& session) const;

  // A refusal's context, for those alone who may call DecodeAuthorizationMessage.
  std::string seal_message(std::string_view message) const;
  std::optional<std::string> open_message(std::string_view encoded) const;

  // The credentials behind an access key id and, for temporary ones, its token. Error codes are the query
  // services'; the pipeline words them for S3. InvalidClientTokenId 403, ExpiredToken 403.
  Result<std::shared_ptr<const Credentials>> find(std::string_view access_key_id,
                                                  std::string_view token) const;

 private:
  Sessions(std::string key, const Directory& directory, const Clock& clock, Random& random);
  std::string seal_for(std::string_view purpose, std::string_view plain) const;
  std::optional<std::string> open_for(std::string_view purpose, std::string_view text) const;
  Result<Session> unseal(std::string_view token) const;
  Result<Caller> user_caller(std::string_view account, std::string_view id) const;
  Result<std::shared_ptr<const Credentials>> of_user(const std::shared_ptr<const Session>& session) const;

  std::string key_;
  const Directory& directory_;
  const Clock& clock_;
  Random& random_;
  // Opened tokens, so that a busy session is opened once. Bounded; cleared when full.
  struct Opened {
    std::shared_ptr<const Session> session;
    std::shared_ptr<const Role> role;  // as it was when `credentials` were made of it
    std::shared_ptr<const Credentials> credentials;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view token) const { return std::hash<std::string_view>{}(token); }
  };
  struct Cache {
    std::mutex mutex;
    std::unordered_map<std::string, Opened, Hash, std::equal_to<>> opened;
  };
  std::optional<Opened> cached(std::string_view token) const;
  void cache(std::string_view token, Opened opened) const;
  Result<std::shared_ptr<const Credentials>> find_permanent(std::string_view access_key_id) const;

  mutable std::array<Cache, 16> cache_;
};

// A caller for a role session, with the role's facts of now.
Caller session_caller(std::shared_ptr<const Session> session, const Role& role);
// What GetCallerIdentity says of it.
std::string session_arn(const Session& session, const Role& role);
std::string session_user_id(const Session& session, const Role& role);

}  // namespace gatehouse::account
