#include <fmt/format.h>

#include "account/installation_key.h"
#include "base/arn.h"
#include "base/cipher.h"
#include "base/log.h"
#include "service/kms/kms.h"

namespace gatehouse::service::kms {
namespace {

std::string table_key(std::string_view account, std::string_view region, std::string_view name) {
  return fmt::format("{}/{}/{}", account, region, name);
}

std::string record_key(const Alias& alias) { return "kms-alias/" + alias.table_key(); }

std::unexpected<Error> lost(const Error& e) {
  if (e.code != store::kConflict) return std::unexpected(e);
  return fail("ConcurrentModification", "The key was changed by another request; try again.", 409);
}

// What the key of a service allows: whoever may use the service, through it, and the account to look.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
std::string policy_of_service(std::string_view account, std::string_view region, std::string_view service) {
  return fmt::format(
      R"({{"Version":"2012-10-17","Id":"auto-{0}-2","Statement":[{{"Sid":"Allow access through {0} for all principals in the account that are authorized to use {0}","Effect":"Allow","Principal":{{"AWS":"*"}},"Action":["kms:Encrypt","kms:Decrypt","kms:ReEncrypt*","kms:GenerateDataKey*","kms:DescribeKey"],"Resource":"*","Condition":{{"StringEquals":{{"kms:CallerAccount":"{1}","kms:ViaService":"{0}.{2}.amazonaws.com"}}}}}},{{"Sid":"Allow direct access to key metadata to the account","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{1}:root"}},"Action":["kms:Describe*","kms:Get*","kms:List*"],"Resource":"*"}}]}})",
      service, account, region);
}

template <typename T, typename Read, typename Take>
Result<void> load_all(const store::Records& records, std::string_view prefix, Read read, Take take) {
  Result<void> outcome;
  CHECK_OK(records.visit(prefix, "", [&](std::string_view, std::string_view value, store::Revision revision) {
    auto one = read(value, revision);
    if (!one) {
      outcome = std::unexpected(one.error());
      return false;
    }
    take(std::make_shared<const T>(std::move(*one)), revision);
    return true;
  }));
  return outcome;
}

}  // namespace

Result<std::unique_ptr<Kms>> Kms::open(store::Records& records, const account::Directory& directory,
                                       const account::Gate& gate, const Clock& clock, Random& random) {
  TRY(auto sealing_key, account::installation_key(records, random, "kms-material-key"));
  std::unique_ptr<Kms> kms(new Kms(records, std::move(sealing_key), directory, gate, clock, random));
  CHECK_OK(kms->load());
  return kms;
}

Result<void> Kms::load() {
  std::vector<account::Table<Key>::Loaded> keys;
  CHECK_OK(load_all<Key>(
      records_, "kms-key/",
      [&](auto value, auto revision) { return key_from_record(value, revision, sealing_key_); },
      [&](KeyPtr key, store::Revision revision) {
        keys.push_back({table_key(key->account, key->region, key->id), key, revision});
      }));
  keys_.load(std::move(keys));
  std::vector<account::Table<Alias>::Loaded> aliases;
  CHECK_OK(load_all<Alias>(records_, "kms-alias/", alias_from_record,
                           [&](std::shared_ptr<const Alias> alias, store::Revision revision) {
                             aliases.push_back({alias->table_key(), alias, revision});
                           }));
  aliases_.load(std::move(aliases));
  return {};
}

Result<KeyPtr> Kms::find(std::string_view account, std::string_view region, std::string_view name) const {
  std::string_view owner = account;
  std::string_view id = name;
  if (name.starts_with("arn:")) {
    const auto arn = Arn::parse(name);
    if (!arn || arn->service != "kms")
      return fail("InvalidArnException", fmt::format("Invalid arn {}", name));
    if (arn->region != region) return fail("NotFoundException", fmt::format("Invalid arn {}", arn->region));
    owner = arn->account;
    id = arn->resource;
    if (id.starts_with("key/")) id.remove_prefix(4);
  }
  if (id.starts_with("alias/")) {
    const auto alias = aliases_.find(table_key(owner, region, id));
    const auto key = alias ? keys_.find(table_key(owner, region, alias->target)) : nullptr;
    if (key) return key;
    return fail("NotFoundException",
                fmt::format("Alias arn:aws:kms:{}:{}:{} is not found.", region, owner, id));
  }
  const auto key = keys_.find(table_key(owner, region, id));
  if (key) return key;
  const bool is_id = id.size() == 36 && id.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
  if (!is_id) return fail("NotFoundException", fmt::format("Invalid keyId '{}'", id));
  return fail(error::not_found(fmt::format("arn:aws:kms:{}:{}:key/{}", region, owner, id)));
}

std::vector<KeyPtr> Kms::keys(std::string_view account, std::string_view region) const {
  return keys_.list(table_key(account, region, ""));
}

std::vector<std::shared_ptr<const Alias>> Kms::aliases(std::string_view account,
                                                       std::string_view region) const {
  return aliases_.list(table_key(account, region, ""));
}

std::vector<std::shared_ptr<const Alias>> Kms::aliases_of(const Key& key) const {
  auto all = aliases(key.account, key.region);
  std::erase_if(all, [&](const auto& alias) { return alias->target != key.id; });
  return all;
}

Result<KeyPtr> Kms::put(Key key) {
  CHECK_OK(compile(key));
  store::Batch batch;
  const std::string at = key.record_key();
  batch.preconditions.push_back({at, key.revision});
  batch.puts.emplace_back(at, to_record(key, random_, sealing_key_));
  auto revision = records_.commit(at, std::move(batch));
  if (!revision) return lost(revision.error());
  key.revision = *revision;
  auto published = std::make_shared<const Key>(std::move(key));
  keys_.publish(table_key(published->account, published->region, published->id), published, *revision);
  return published;
}

Result<KeyPtr> Kms::update(const Key& key, const std::function<void(Key&)>& change) {
  Key next = key;
  change(next);
  return put(std::move(next));
}

Result<void> Kms::put(Alias alias) {
  store::Batch batch;
  const std::string at = record_key(alias);
  batch.preconditions.push_back({at, alias.revision});
  batch.puts.emplace_back(at, to_record(alias));
  auto revision = records_.commit(at, std::move(batch));
  if (!revision) return lost(revision.error());
  alias.revision = *revision;
  const std::string key = alias.table_key();
  aliases_.publish(key, std::make_shared<const Alias>(std::move(alias)), *revision);
  return {};
}

Result<void> Kms::remove(const Alias& alias) {
  store::Batch batch;
  const std::string at = record_key(alias);
  batch.preconditions.push_back({at, alias.revision});
  batch.deletes.push_back(at);
  auto revision = records_.commit(at, std::move(batch));
  if (!revision) return lost(revision.error());
  aliases_.remove(alias.table_key(), *revision);
  return {};
}

// Its aliases go first: one that a crash leaves points at a key that is then deleted again.
Result<void> Kms::remove(const Key& key) {
  for (const auto& alias : aliases_of(key)) CHECK_OK(remove(*alias));
  store::Batch batch;
  const std::string at = key.record_key();
  batch.preconditions.push_back({at, key.revision});
  batch.deletes.push_back(at);
  auto revision = records_.commit(at, std::move(batch));
  if (!revision) return lost(revision.error());
  keys_.remove(table_key(key.account, key.region, key.id), *revision);
  return {};
}

Result<KeyPtr> Kms::draft_of_service(std::string_view account, std::string_view region,
                                     std::string_view service) const {
  const std::string name = fmt::format("alias/aws/{}", service);
  if (auto found = find(account, region, name)) return found;
  Key key;
  key.account = account;
  key.region = region;
  key.id = random_.uuid();
  key.description = fmt::format("Default key that protects my {} objects when no other key is defined",
                                service == "s3" ? std::string_view("S3") : service);
  key.alias_of_service = name;
  key.created = clock_.now();
  key.policy.text = policy_of_service(account, region, service);
  key.materials.push_back({random_.bytes(kCipherKey), key.created});
  key.rotation = {true, 365, key.created};
  CHECK_OK(compile(key));
  return std::make_shared<const Key>(std::move(key));
}

Result<KeyPtr> Kms::of_service(std::string_view account, std::string_view region, std::string_view service) {
  TRY(auto draft, draft_of_service(account, region, service));
  if (draft->revision != 0) return draft;
  TRY(auto made, put(*draft));
  const std::string& name = made->alias_of_service;
  // Of two that make it at once, the alias decides: the other's key has no name, and no use.
  auto named =
      put(Alias{std::string(account), std::string(region), name, made->id, made->created, made->created, 0});
  if (named) return made;
  if (named.error().code != "ConcurrentModification") return std::unexpected(named.error());
  CHECK_OK(remove(*made));
  return find(account, region, name);
}

Result<void> Kms::keep() {
  const Time now = clock_.now();
  std::vector<KeyPtr> due;
  keys_.each("", [&](const Key& key) {
    const bool gone = key.state == State::pending_deletion && key.deletion <= now;
    const bool turns = key.state == State::enabled && key.rotation.on && key.next_rotation() <= now;
    if (gone || turns) due.push_back(keys_.find(table_key(key.account, key.region, key.id)));
  });
  for (const KeyPtr& key : due) {
    if (key == nullptr) continue;
    if (key->state == State::pending_deletion) {
      CHECK_OK(remove(*key));
      log::info("a KMS key was deleted, as scheduled", {{"key", key->arn()}});
      continue;
    }
    CHECK_OK(update(*key, [&](Key& next) {
      next.materials.push_back({random_.bytes(kCipherKey), now});
      next.rotation.from = now;
    }));
  }
  return {};
}

}  // namespace gatehouse::service::kms
