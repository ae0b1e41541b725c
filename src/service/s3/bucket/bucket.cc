#include "service/s3/bucket/bucket.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/log.h"
#include "service/s3/bucket/public_policy.h"

namespace gatehouse::service::s3 {
namespace {

constexpr std::int64_t kVersion = 1;

std::string_view to_text(Versioning v) {
  switch (v) {
    case Versioning::enabled:
      return "Enabled";
    case Versioning::suspended:
      return "Suspended";
    case Versioning::never:
      break;
  }
  return "";
}

Versioning versioning_from(std::string_view text) {
  if (text == "Enabled") return Versioning::enabled;
  if (text == "Suspended") return Versioning::suspended;
  return Versioning::never;
}

std::unexpected<Error> unreadable(std::string_view why) {
  log::error("bucket record is unreadable", {{"why", std::string(why)}});
  return internal_failure();
}

Result<void> read_settings(const json::object& o, Bucket& bucket) {
  if (const auto* tags = o.if_contains("tags"); tags != nullptr && tags->is_object()) {
    for (const auto& [key, value] : tags->get_object()) {
      if (value.is_string()) bucket.tags.emplace_back(key, value.get_string());
    }
  }
  if (const auto* block = o.if_contains("publicAccessBlock"); block != nullptr && block->is_object())
    bucket.public_access = public_access_from_json(block->get_object());
  bucket.acl = acl_from_json(o, "acl");
  if (const auto* e = o.if_contains("encryption"); e != nullptr && e->is_object()) {
    const json::object& own = e->get_object();
    bucket.encryption =
        Encryption{json::string_or(own, "algorithm", "AES256"), json::string_or(own, "kmsKey", ""),
                   json::bool_or(own, "bucketKey", false), json::bool_or(own, "blocksCustomerKeys", true)};
  }
  if (const auto* lock = o.if_contains("objectLock"); lock != nullptr && lock->is_object()) {
    const json::object& own = lock->get_object();
    bucket.object_lock =
        ObjectLock{json::string_or(own, "mode", ""), static_cast<int>(json::int_or(own, "days", 0)),
                   static_cast<int>(json::int_or(own, "years", 0))};
  }
  if (const auto* logging = o.if_contains("logging"); logging != nullptr && logging->is_object())
    bucket.logging = std::make_shared<const Logging>(logging_from_json(logging->get_object()));
  if (const auto* cors = o.if_contains("cors"); cors != nullptr && cors->is_array())
    bucket.cors = std::make_shared<const Cors>(cors_from_json(cors->get_array()));
  if (const auto* splits = o.if_contains("splits"); splits != nullptr && splits->is_array()) {
    for (const auto& split : splits->get_array()) {
      if (split.is_string()) bucket.splits.emplace_back(split.get_string());
    }
  }
  if (const auto* lifecycle = o.if_contains("lifecycle"); lifecycle != nullptr && lifecycle->is_object())
    bucket.lifecycle = std::make_shared<const Lifecycle>(lifecycle_from_json(*lifecycle));
  bucket.policy.text = json::string_or(o, "policy", "");
  if (bucket.policy.text.empty()) return {};
  TRY(bucket.policy.compiled, policy::compile(bucket.policy.text, policy::Kind::resource));
  bucket.policy_is_public = is_public(bucket.policy.text);
  return {};
}

}  // namespace

std::string Bucket::record_key() const { return fmt::format("bucket/{}/{}/{}", account, region, name); }

std::string Bucket::record_partition() const { return fmt::format("bucket/{}", name); }

std::string Bucket::prefix(std::string_view kind) const {
  return fmt::format("{}/{}/{}/{}/", kind, account, region, name);
}

std::string Bucket::index_partition(std::string_view key) const {
  const auto at =
      std::ranges::upper_bound(splits, key, {}, [](const std::string& s) { return std::string_view(s); });
  return fmt::format("index/{}/{}", name, at - splits.begin());
}

std::string to_record(const Bucket& b) {
  json::object o{{"v", kVersion},
                 {"name", b.name},
                 {"account", b.account},
                 {"region", b.region},
                 {"created", b.created.time_since_epoch().count()},
                 {"versioning", to_text(b.versioning)},
                 {"ownership", b.ownership}};
  if (!b.tags.empty()) {
    json::object tags;
    for (const auto& [key, value] : b.tags) tags[key] = value;
    o["tags"] = std::move(tags);
  }
  if (b.acl) o["acl"] = acl_to_json(*b.acl);
  if (b.public_access) o["publicAccessBlock"] = public_access_to_json(*b.public_access);
  if (b.encryption)
    o["encryption"] = {{"algorithm", b.encryption->algorithm},
                       {"kmsKey", b.encryption->kms_key},
                       {"bucketKey", b.encryption->bucket_key},
                       {"blocksCustomerKeys", b.encryption->blocks_customer_keys}};
  if (b.object_lock)
    o["objectLock"] = {
        {"mode", b.object_lock->mode}, {"days", b.object_lock->days}, {"years", b.object_lock->years}};
  if (b.cors) o["cors"] = cors_to_json(*b.cors);
  if (b.logging) o["logging"] = logging_to_json(*b.logging);
  if (b.lifecycle) o["lifecycle"] = lifecycle_to_json(*b.lifecycle);
  if (!b.policy.text.empty()) o["policy"] = b.policy.text;
  if (!b.splits.empty()) o["splits"] = json::array(b.splits.begin(), b.splits.end());
  return json::dump(o);
}

Result<Bucket> bucket_from_record(std::string_view record, store::Revision revision) {
  const auto parsed = json::parse(record);
  if (!parsed || !parsed->is_object()) return unreadable("not JSON");
  const json::object& o = parsed->get_object();
  if (json::int_or(o, "v", 0) != kVersion) return unreadable("written by another version");
  Bucket bucket;
  bucket.name = json::string_or(o, "name", "");
  bucket.account = json::string_or(o, "account", "");
  bucket.region = json::string_or(o, "region", "");
  bucket.created = Time(std::chrono::milliseconds(json::int_or(o, "created", 0)));
  bucket.versioning = versioning_from(json::string_or(o, "versioning", ""));
  bucket.ownership = json::string_or(o, "ownership", "");
  bucket.revision = revision;
  if (const auto read = read_settings(o, bucket); !read) return unreadable(read.error().message);
  return bucket;
}

}  // namespace gatehouse::service::s3
