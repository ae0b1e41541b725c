#include "account/installation_key.h"

#include <fmt/format.h>

#include "base/cipher.h"
#include "base/encoding.h"
#include "base/json.h"

namespace gatehouse::account {

Result<std::string> installation_key(store::Records& records, Random& random, std::string_view name) {
  const std::string at = fmt::format("secret/{}", name);
  TRY(const auto record, records.get(at));
  if (record) {
    const auto parsed = json::parse(record->value);
    std::string key = parsed && parsed->is_object()
                          ? unhex(json::string_or(parsed->get_object(), "key", "")).value_or("")
                          : "";
    if (key.size() == kCipherKey) return key;
    return fail("InternalFailure", fmt::format("the {} in the data directory does not read", name), 500);
  }
  std::string key = random.bytes(kCipherKey);
  store::Batch batch;
  batch.puts.emplace_back(at, json::dump(json::object{{"v", 1}, {"key", hex(key)}}));
  batch.preconditions.push_back({at, 0});
  CHECK_OK(records.commit("secret", std::move(batch)));
  return key;
}

}  // namespace gatehouse::account
