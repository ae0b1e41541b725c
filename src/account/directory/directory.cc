#include "account/directory/directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "base/encoding.h"
#include "base/hash.h"
#include "identity/token/outside_issuers.h"

namespace gatehouse::account {
namespace {

constexpr std::string_view kFirstAccount = "123456789012";

template <typename T>
std::string store_key(const T& entity) {
  return fmt::format("{}/{}", T::kKind, key_of(entity));
}

template <typename T>
concept HasId = std::is_same_v<T, Role> || std::is_same_v<T, User> || std::is_same_v<T, Group>;

template <typename T>
concept Renamed = requires(T e) { e.renamed_from; };

std::string lower_hex(Random& random, size_t digits) { return hex(random.bytes(digits / 2)); }

// An account's IAM by hash of the entity: small partitions, none of them hot.
std::string partition(std::string_view key) {
  return fmt::format("iam/{:02x}", as_bytes(sha256(key)).front() & 0x3f);
}

}  // namespace

Directory::Directory(store::Records& records, const Clock& clock, Random& random,
                     ManagedPolicies aws_policies)
    : records_(records), clock_(clock), random_(random), aws_policies_(std::move(aws_policies)) {}

Result<std::unique_ptr<Directory>> Directory::open(store::Records& records, const Clock& clock,
                                                   Random& random, ManagedPolicies aws_policies) {
  std::unique_ptr<Directory> directory(new Directory(records, clock, random, std::move(aws_policies)));
  CHECK_OK(directory->load());
  if (directory->account(kFirstAccount) == nullptr) {
    Account first;
    first.id = kFirstAccount;
    first.name = "gatehouse";
    first.email = "root@gatehouse.invalid";
    first.canonical_id = lower_hex(random, 64);
    first.created = clock.now();
    CHECK_OK(directory->put(std::move(first)));
  }
  if (directory->root_key(kFirstAccount) == nullptr) CHECK_OK(directory->rotate_root_key(kFirstAccount));
  return directory;
}

template <typename T>
Result<void> Directory::load_table() {
  Result<void> outcome;
  std::vector<typename Table<T>::Loaded> all, ids;
  CHECK_OK(records_.visit(fmt::format("{}/", T::kKind), {},
                          [&](std::string_view, std::string_view value, store::Revision revision) {
                            auto entity = from_record<T>(value, revision);
                            if (!entity) {
                              outcome = std::unexpected(entity.error());
                              return false;
                            }
                            auto made = std::make_shared<const T>(std::move(*entity));
                            if constexpr (HasId<T>) ids.push_back({made->id, made, revision});
                            all.push_back({key_of(*made), std::move(made), revision});
                            return true;
                          }));
  table<T>().load(std::move(all));
  if constexpr (HasId<T>) std::get<ById<T>>(ids_).table.load(std::move(ids));
  return outcome;
}

template <typename T>
Result<void> Directory::finish_renames() {
  for (const auto& entity : table<T>().list("")) {
    if (entity->renamed_from.empty()) continue;
    const auto old = find<T>(named_key(entity->account, entity->renamed_from));
    if (old == nullptr || old == entity || old->id != entity->id) continue;
    CHECK_OK(erase(*old));
    if constexpr (HasId<T>) std::get<ById<T>>(ids_).table.replace(entity->id, old.get(), entity);
  }
  return {};
}

Result<void> Directory::load() {
#define GATEHOUSE_LOAD(T) CHECK_OK(load_table<T>());
  GATEHOUSE_ENTITIES(GATEHOUSE_LOAD)
#undef GATEHOUSE_LOAD
  CHECK_OK(finish_renames<User>());
  CHECK_OK(finish_renames<Group>());
  CHECK_OK(finish_renames<ServerCertificate>());
  const auto gone = [this](const std::string& arn) {
    return !arn.starts_with("arn:aws:iam::aws:") && policy(arn) == nullptr;
  };
  for (const auto& account : accounts()) {
    CHECK_OK(drop_attachments<Role>(account->id, gone));
    CHECK_OK(drop_attachments<User>(account->id, gone));
    CHECK_OK(drop_attachments<Group>(account->id, gone));
  }
  return {};
}

template <typename T>
Result<void> Directory::drop_attachments(std::string_view account,
                                         const std::function<bool(const std::string& arn)>& gone) {
  std::vector<T> changed;
  each<T>(account, [&](const T& entity) {
    const auto& attached = entity.grants.attached;
    if (std::any_of(attached.begin(), attached.end(), gone)) changed.push_back(entity);
  });
  for (T& entity : changed) {
    std::erase_if(entity.grants.attached, gone);
    CHECK_OK(put(std::move(entity)));
  }
  return {};
}

Result<void> Directory::detach_everywhere(std::string_view account, std::string_view policy_arn) {
  const auto gone = [&](const std::string& arn) { return arn == policy_arn; };
  CHECK_OK(drop_attachments<Role>(account, gone));
  CHECK_OK(drop_attachments<User>(account, gone));
  return drop_attachments<Group>(account, gone);
}

template <typename T>
Result<std::shared_ptr<const T>> Directory::put(T entity) {
  const std::string key = store_key(entity);
  store::Batch batch;
  batch.puts.emplace_back(key, to_record(entity));
  batch.preconditions.push_back({key, entity.revision});
  TRY(const store::Revision revision, records_.commit(partition(key), std::move(batch)));
  entity.revision = revision;
  auto published = std::make_shared<const T>(std::move(entity));
  table<T>().publish(key_of(*published), published, revision);
  if constexpr (HasId<T>) std::get<ById<T>>(ids_).table.publish(published->id, published, revision);
  return published;
}

template <typename T>
Result<store::Revision> Directory::erase(const T& entity) {
  const std::string key = store_key(entity);
  store::Batch batch;
  batch.deletes.push_back(key);
  batch.preconditions.push_back({key, entity.revision});
  TRY(const store::Revision revision, records_.commit(partition(key), std::move(batch)));
  table<T>().remove(key_of(entity), revision);
  return revision;
}

template <typename T>
Result<void> Directory::remove(const T& entity) {
  TRY([[maybe_unused]] const store::Revision revision, erase(entity));
  if constexpr (HasId<T>) std::get<ById<T>>(ids_).table.remove(entity.id, revision);
  return {};
}

template <typename T>
Result<std::shared_ptr<const T>> Directory::rename(const T& old, T entity) {
  if constexpr (!Renamed<T>) {
    return put(std::move(entity));
  } else {
    if (key_of(old) == key_of(entity)) return put(std::move(entity));
    entity.revision = 0;
    entity.renamed_from = old.name;
    TRY(auto made, put(std::move(entity)));
    auto gone = erase(old);
    if (gone) return made;
    // Somebody changed the old one meanwhile: theirs is the truth.
    CHECK_OK(erase(*made));
    if constexpr (HasId<T>) std::get<ById<T>>(ids_).table.replace(made->id, made.get(), find<T>(key_of(old)));
    return fail(gone.error());
  }
}

#define GATEHOUSE_ENTITY(T)                                           \
  template Result<std::shared_ptr<const T>> Directory::put(T entity); \
  template Result<void> Directory::remove(const T& entity);           \
  template Result<std::shared_ptr<const T>> Directory::rename(const T& old, T entity);
GATEHOUSE_ENTITIES(GATEHOUSE_ENTITY)
#undef GATEHOUSE_ENTITY

std::shared_ptr<const Account> Directory::account(std::string_view id) const {
  return table<Account>().find(id);
}
std::vector<std::shared_ptr<const Account>> Directory::accounts() const { return table<Account>().list(""); }
std::shared_ptr<const Account> Directory::first_account() const { return account(kFirstAccount); }

std::shared_ptr<const AccessKey> Directory::access_key(std::string_view id) const {
  return table<AccessKey>().find(id);
}

std::shared_ptr<const AccessKey> Directory::root_key(std::string_view account) const {
  for (const auto& key : table<AccessKey>().list("")) {
    if (key->account == account && key->user.empty()) return key;
  }
  return nullptr;
}

std::shared_ptr<const Role> Directory::role(std::string_view account, std::string_view name) const {
  return find<Role>(named_key(account, name));
}
std::shared_ptr<const User> Directory::user(std::string_view account, std::string_view name) const {
  return find<User>(named_key(account, name));
}
std::shared_ptr<const Group> Directory::group(std::string_view account, std::string_view name) const {
  return find<Group>(named_key(account, name));
}

std::shared_ptr<const ManagedPolicy> Directory::policy(std::string_view arn) const {
  // arn:aws:iam::ACCOUNT:policy/path/NAME
  constexpr std::string_view kHead = "arn:aws:iam::";
  if (!arn.starts_with(kHead)) return nullptr;
  const std::string_view rest = arn.substr(kHead.size());
  const auto colon = rest.find(':');
  const auto slash = rest.rfind('/');
  if (colon == std::string_view::npos || slash == std::string_view::npos || slash < colon) return nullptr;
  if (rest.substr(0, colon) == kAwsAccount) return aws_policies_.find(arn);
  auto found = find<ManagedPolicy>(named_key(rest.substr(0, colon), rest.substr(slash + 1)));
  return found != nullptr && found->arn == arn ? found : nullptr;
}

std::shared_ptr<const OidcProvider> Directory::oidc_provider(std::string_view account,
                                                             std::string_view url) const {
  return find<OidcProvider>(fmt::format("{}/{}", account, url));
}

std::vector<std::shared_ptr<const AccountAlias>> Directory::aliases(std::string_view account) const {
  auto found = table<AccountAlias>().list("");
  std::erase_if(found, [&](const auto& alias) { return alias->account != account; });
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a->revision > b->revision; });
  return found;
}

Result<std::shared_ptr<const Account>> Directory::create_account(std::string_view name,
                                                                 std::string_view email) {
  std::string id;
  do {
    id = fmt::format("{:012}", std::stoull(random_.hex(12), nullptr, 16) % 1'000'000'000'000ULL);
  } while (account(id) != nullptr || id.front() == '0');
  Account fresh;
  fresh.id = id;
  fresh.name = name;
  fresh.email = email;
  fresh.canonical_id = lower_hex(random_, 64);
  fresh.created = clock_.now();
  TRY(auto made, put(std::move(fresh)));
  CHECK_OK(rotate_root_key(id));
  return made;
}

Result<std::shared_ptr<const AccessKey>> Directory::rotate_root_key(std::string_view account) {
  const auto old = root_key(account);
  TRY(auto made, put(AccessKey{access_key_id(random_, id_prefix::kAccessKey), random_.secret(40),
                               std::string(account), "", true, clock_.now(), 0}));
  if (old != nullptr) CHECK_OK(remove(*old));
  return made;
}

std::unordered_map<std::string, Directory::Uses> Directory::all_uses(std::string_view account) const {
  std::unordered_map<std::string, Uses> uses;
  const auto count = [&](const auto& entity) {
    for (const std::string& arn : entity.grants.attached) ++uses[arn].attachments;
    if (!entity.grants.boundary.empty()) ++uses[entity.grants.boundary].boundaries;
  };
  each<Role>(account, count);
  each<User>(account, count);
  each<Group>(account, count);
  return uses;
}

Directory::Uses Directory::uses(std::string_view account, std::string_view policy_arn) const {
  Uses uses;
  const auto count = [&](const auto& entity) {
    const auto& attached = entity.grants.attached;
    uses.attachments += std::find(attached.begin(), attached.end(), policy_arn) != attached.end();
    uses.boundaries += entity.grants.boundary == policy_arn;
  };
  each<Role>(account, count);
  each<User>(account, count);
  each<Group>(account, count);
  return uses;
}

std::string normalized_issuer(std::string_view url) { return identity::normalized_issuer(url); }

}  // namespace gatehouse::account
