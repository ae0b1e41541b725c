#include "service/s3/bucket/public_access.h"

#include "base/log.h"

namespace gatehouse::service::s3 {
namespace {

constexpr std::string_view kKind = "s3-account/";

std::string key_of(std::string_view account) { return std::string(kKind) + std::string(account); }

}  // namespace

json::object public_access_to_json(const PublicAccessBlock& b) {
  return {{"blockAcls", b.block_acls},
          {"ignoreAcls", b.ignore_acls},
          {"blockPolicy", b.block_policy},
          {"restrictBuckets", b.restrict_buckets}};
}

PublicAccessBlock public_access_from_json(const json::object& o) {
  return {json::bool_or(o, "blockAcls", false), json::bool_or(o, "ignoreAcls", false),
          json::bool_or(o, "blockPolicy", false), json::bool_or(o, "restrictBuckets", false)};
}

Result<void> AccountBlocks::load() {
  Result<void> outcome;
  CHECK_OK(records_.visit(kKind, "", [&](std::string_view key, std::string_view value, store::Revision) {
    const auto parsed = json::parse(value);
    if (!parsed || !parsed->is_object()) {
      // Without it buckets might be open that are not to be.
      log::error("an account's public access block is unreadable", {{"record", std::string(key)}});
      outcome = internal_failure();
      return false;
    }
    Entry& entry = entries_[std::string(key.substr(kKind.size()))];
    entry.shared->set(public_access_from_json(parsed->get_object()));
    entry.configured = true;
    return true;
  }));
  return outcome;
}

std::shared_ptr<const AccountBlock> AccountBlocks::shared(std::string_view account) {
  const std::lock_guard lock(mutex_);
  return entries_[std::string(account)].shared;
}

std::optional<PublicAccessBlock> AccountBlocks::find(std::string_view account) const {
  const std::lock_guard lock(mutex_);
  const auto it = entries_.find(account);
  if (it == entries_.end() || !it->second.configured) return std::nullopt;
  return it->second.shared->get();
}

Result<void> AccountBlocks::put(std::string_view account, const std::optional<PublicAccessBlock>& block) {
  // Held over the commit, so that what is published last was committed last; this is a rare call.
  const std::lock_guard lock(mutex_);
  store::Batch batch;
  if (block) {
    batch.puts.emplace_back(key_of(account), json::dump(public_access_to_json(*block)));
  } else {
    batch.deletes.push_back(key_of(account));
  }
  CHECK_OK(records_.commit(key_of(account), std::move(batch)));
  Entry& entry = entries_[std::string(account)];
  entry.shared->set(block.value_or(PublicAccessBlock{}));
  entry.configured = block.has_value();
  return {};
}

}  // namespace gatehouse::service::s3
