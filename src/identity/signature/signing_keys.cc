#include "identity/signature/signing_keys.h"

#include <functional>

namespace gatehouse::identity {
namespace {

constexpr size_t kMaxKeysAShard = 512;

}  // namespace

Sha256 derive_signing_key(std::string_view secret, const KeyScope& scope) {
  std::string start = "AWS4";
  start += secret;
  const Sha256 date = hmac_sha256(start, scope.date);
  const Sha256 region = hmac_sha256(as_bytes(date), scope.region);
  const Sha256 service = hmac_sha256(as_bytes(region), scope.service);
  return hmac_sha256(as_bytes(service), "aws4_request");
}

Sha256 SigningKeys::get(std::string_view secret, const KeyScope& scope) {
  std::string name;
  name.reserve(secret.size() + scope.date.size() + scope.region.size() + scope.service.size() + 3);
  // '/' cannot stand in a scope's parts, and the secret comes last.
  name.append(scope.date).append("/").append(scope.region).append("/").append(scope.service).append("/");
  name.append(secret);
  Shard& shard = shards_[std::hash<std::string>()(name) % shards_.size()];
  {
    std::lock_guard lock(shard.mutex);
    if (const auto found = shard.keys.find(name); found != shard.keys.end()) return found->second;
  }
  const Sha256 key = derive_signing_key(secret, scope);
  std::lock_guard lock(shard.mutex);
  // Full means yesterday's keys, or callers who try scopes; either way they are quickly made again.
  if (shard.keys.size() >= kMaxKeysAShard) shard.keys.clear();
  shard.keys.emplace(std::move(name), key);
  return key;
}

}  // namespace gatehouse::identity
