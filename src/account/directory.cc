#include "account/directory.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"

namespace gatehouse::account {
namespace {

constexpr std::string_view kFirstAccount = "123456789012";

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// Within a table: ACCOUNT/name. In the store: kind/ACCOUNT//name (IAM has no region).
std::string table_key(std::string_view account, std::string_view name) {
  return fmt::format("{}/{}", account, name);
}

std::string key_of(const Account& e) { return e.id; }
std::string key_of(const AccessKey& e) { return e.id; }
std::string key_of(const Role& e) { return table_key(e.account, lower(e.name)); }
std::string key_of(const User& e) { return table_key(e.account, lower(e.name)); }
std::string key_of(const Group& e) { return table_key(e.account, lower(e.name)); }
std::string key_of(const ManagedPolicy& e) { return table_key(e.account, lower(e.name)); }
std::string key_of(const OidcProvider& e) { return table_key(e.account, e.url); }

template <typename T>
constexpr std::string_view kKind = "";
template <>
constexpr std::string_view kKind<Account> = "account";
template <>
constexpr std::string_view kKind<AccessKey> = "access-key";
template <>
constexpr std::string_view kKind<Role> = "iam-role";
template <>
constexpr std::string_view kKind<User> = "iam-user";
template <>
constexpr std::string_view kKind<Group> = "iam-group";
template <>
constexpr std::string_view kKind<ManagedPolicy> = "iam-policy";
template <>
constexpr std::string_view kKind<OidcProvider> = "iam-oidc-provider";

template <typename T>
std::string store_key(const T& entity) {
  return fmt::format("{}/{}", kKind<T>, key_of(entity));
}

// An account's IAM by hash of the entity: small partitions, none of them hot.
std::string partition(std::string_view key) {
  return fmt::format("iam/{:02x}", as_bytes(sha256(key)).front() & 0x3f);
}

}  // namespace

Directory::Directory(store::Records& records, const Clock& clock, Random& random)
    : records_(records), clock_(clock), random_(random) {}

template <typename T>
Table<T>& Directory::table() {
  return std::get<Table<T>>(tables_);
}
template <typename T>
const Table<T>& Directory::table() const {
  return std::get<Table<T>>(tables_);
}

Result<std::unique_ptr<Directory>> Directory::open(store::Records& records, const Clock& clock,
                                                   Random& random) {
  std::unique_ptr<Directory> directory(new Directory(records, clock, random));
  CHECK_OK(directory->load());
  if (directory->account(kFirstAccount) == nullptr) {
    Account first{std::string(kFirstAccount), "gatehouse", "root@gatehouse.invalid",
                  lower(random.hex(64)),      clock.now(), 0};
    CHECK_OK(directory->put(std::move(first)));
  }
  if (directory->root_key(kFirstAccount) == nullptr) CHECK_OK(directory->rotate_root_key(kFirstAccount));
  return directory;
}

Result<void> Directory::load() {
  const auto read = [this]<typename T>(std::type_identity<T>) -> Result<void> {
    Result<void> outcome;
    CHECK_OK(records_.visit(fmt::format("{}/", kKind<T>), {},
                            [&](std::string_view, std::string_view value, store::Revision revision) {
                              auto entity = from_record<T>(value, revision);
                              if (!entity) {
                                outcome = std::unexpected(entity.error());
                                return false;
                              }
                              const std::string key = key_of(*entity);
                              table<T>().publish(key, std::make_shared<const T>(std::move(*entity)),
                                                 revision);
                              return true;
                            }));
    return outcome;
  };
  CHECK_OK(read(std::type_identity<Account>()));
  CHECK_OK(read(std::type_identity<AccessKey>()));
  CHECK_OK(read(std::type_identity<Role>()));
  CHECK_OK(read(std::type_identity<User>()));
  CHECK_OK(read(std::type_identity<Group>()));
  CHECK_OK(read(std::type_identity<ManagedPolicy>()));
  return read(std::type_identity<OidcProvider>());
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
  return published;
}

template <typename T>
Result<void> Directory::remove(const T& entity) {
  const std::string key = store_key(entity);
  store::Batch batch;
  batch.deletes.push_back(key);
  batch.preconditions.push_back({key, entity.revision});
  TRY(const store::Revision revision, records_.commit(partition(key), std::move(batch)));
  table<T>().remove(key_of(entity), revision);
  return {};
}

template <typename T>
std::vector<std::shared_ptr<const T>> Directory::list(std::string_view account) const {
  return table<T>().list(table_key(account, ""));
}

#define GATEHOUSE_ENTITY(T)                                           \
  template Result<std::shared_ptr<const T>> Directory::put(T entity); \
  template Result<void> Directory::remove(const T& entity);           \
  template std::vector<std::shared_ptr<const T>> Directory::list<T>(std::string_view account) const;
GATEHOUSE_ENTITY(Account)
GATEHOUSE_ENTITY(AccessKey)
GATEHOUSE_ENTITY(Role)
GATEHOUSE_ENTITY(User)
GATEHOUSE_ENTITY(Group)
GATEHOUSE_ENTITY(ManagedPolicy)
GATEHOUSE_ENTITY(OidcProvider)
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
  return table<Role>().find(table_key(account, lower(name)));
}
std::shared_ptr<const User> Directory::user(std::string_view account, std::string_view name) const {
  return table<User>().find(table_key(account, lower(name)));
}
std::shared_ptr<const Group> Directory::group(std::string_view account, std::string_view name) const {
  return table<Group>().find(table_key(account, lower(name)));
}

std::shared_ptr<const ManagedPolicy> Directory::policy(std::string_view arn) const {
  // arn:aws:iam::ACCOUNT:policy/path/NAME
  constexpr std::string_view kHead = "arn:aws:iam::";
  if (!arn.starts_with(kHead)) return nullptr;
  const std::string_view rest = arn.substr(kHead.size());
  const auto colon = rest.find(':');
  const auto slash = rest.rfind('/');
  if (colon == std::string_view::npos || slash == std::string_view::npos || slash < colon) return nullptr;
  auto found = table<ManagedPolicy>().find(table_key(rest.substr(0, colon), lower(rest.substr(slash + 1))));
  return found != nullptr && found->arn == arn ? found : nullptr;
}

std::shared_ptr<const OidcProvider> Directory::oidc_provider(std::string_view account,
                                                             std::string_view url) const {
  return table<OidcProvider>().find(table_key(account, url));
}

Result<std::shared_ptr<const Account>> Directory::create_account(std::string_view name,
                                                                 std::string_view email) {
  std::string id;
  do {
    id = fmt::format("{:012}", std::stoull(random_.hex(12), nullptr, 16) % 1'000'000'000'000ULL);
  } while (account(id) != nullptr || id.front() == '0');
  TRY(auto made,
      put(Account{id, std::string(name), std::string(email), lower(random_.hex(64)), clock_.now(), 0}));
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

Directory::Uses Directory::uses(std::string_view account, std::string_view policy_arn) const {
  Uses uses;
  const auto count = [&](const auto& entities) {
    for (const auto& e : entities) {
      uses.attachments += std::find(e->grants.attached.begin(), e->grants.attached.end(), policy_arn) !=
                          e->grants.attached.end();
      uses.boundaries += e->grants.boundary == policy_arn;
    }
  };
  count(list<Role>(account));
  count(list<User>(account));
  count(list<Group>(account));
  return uses;
}

std::string normalized_issuer(std::string_view url) {
  if (url.starts_with("https://")) url.remove_prefix(8);
  while (url.ends_with('/')) url.remove_suffix(1);
  const auto slash = url.find('/');
  std::string host(url.substr(0, slash));
  if (host.ends_with(":443")) host.resize(host.size() - 4);
  return slash == std::string_view::npos ? host : host + std::string(url.substr(slash));
}

}  // namespace gatehouse::account
