// The keys that SigV4 derives from a secret: one a day, region and service.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
#pragma once

#include <array>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/hash.h"

namespace gatehouse::identity {

struct KeyScope {
  std::string_view date;  // "20150830"
  std::string_view region;
  std::string_view service;
};

// Four chained HMACs.
Sha256 derive_signing_key(std::string_view secret, const KeyScope& scope);

// Remembers derived keys, at most 8192. Thread safe; a lookup takes the lock of one shard for a moment.
class SigningKeys {
 public:
  Sha256 get(std::string_view secret, const KeyScope& scope);

 private:
  struct Shard {
    std::mutex mutex;
    std::unordered_map<std::string, Sha256> keys;
  };
  std::array<Shard, 16> shards_;
};

}  // namespace gatehouse::identity
