// Every principal, policy and key of every account: read by each call without a lock, changed by IAM through
// here.
//
// A change commits to the store first, then is published, then acknowledged. put() asserts the entity's
// revision, so that what was authorised is what is changed; a lost race is ConcurrentModification 409. Names
// are kept as written and found without case, as IAM does.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "account/directory/entities.h"
#include "account/directory/managed_policies.h"
#include "account/directory/table.h"
#include "base/random.h"
#include "store/store.h"

namespace gatehouse::account {

inline constexpr std::string_view kPartition = "aws";
inline constexpr std::string_view kAwsAccount = "aws";  // the owner of AWS managed policies

class Directory {
 public:
  // Reads everything from the store; makes the first account and its root key if the store has none.
  static Result<std::unique_ptr<Directory>> open(store::Records& records, const Clock& clock, Random& random,
                                                 ManagedPolicies aws_policies = ManagedPolicies());

  std::shared_ptr<const Account> account(std::string_view id) const;
  std::vector<std::shared_ptr<const Account>> accounts() const;
  std::shared_ptr<const Account> first_account() const;
  std::shared_ptr<const AccessKey> access_key(std::string_view id) const;
  std::shared_ptr<const AccessKey> root_key(std::string_view account) const;
  std::shared_ptr<const Role> role(std::string_view account, std::string_view name) const;
  std::shared_ptr<const User> user(std::string_view account, std::string_view name) const;
  std::shared_ptr<const Group> group(std::string_view account, std::string_view name) const;
  std::shared_ptr<const ManagedPolicy> policy(std::string_view arn) const;  // a customer's or AWS's
  std::shared_ptr<const OidcProvider> oidc_provider(std::string_view account, std::string_view url) const;
  const ManagedPolicies& aws_policies() const { return aws_policies_; }

  // By key, as key_of() makes it.
  template <typename T>
  std::shared_ptr<const T> find(std::string_view key) const {
    return table<T>().find(key);
  }
  // Roles, users and groups by unique id, which outlives a rename and is never another's.
  template <typename T>
  std::shared_ptr<const T> by_id(std::string_view id) const {
    return std::get<ById<T>>(ids_).table.find(id);
  }

  // Ordered by name; each() is the quicker where order does not matter.
  template <typename T>
  std::vector<std::shared_ptr<const T>> list(std::string_view account) const {
    return table<T>().list(std::string(account) + "/");
  }
  template <typename T, typename Visit>
  void each(std::string_view account, Visit visit) const {
    table<T>().each(std::string(account) + "/", visit);
  }
  std::vector<std::shared_ptr<const AccountAlias>> aliases(std::string_view account) const;

  // Stores and publishes. revision 0 in the entity: must not exist yet (EntityAlreadyExists is the caller's
  // to say; this returns store::kConflict). Returns the published entity.
  template <typename T>
  Result<std::shared_ptr<const T>> put(T entity);
  template <typename T>
  Result<void> remove(const T& entity);
  // Puts `entity`, whose name differs from `old`'s, and takes `old` away. They lie in different partitions: a
  // crash between leaves both, and the next start finishes. kConflict if the new name is taken.
  template <typename T>
  Result<std::shared_ptr<const T>> rename(const T& old, T entity);

  // Takes a policy of the account's that is gone from all who have it attached. Whoever attaches looks again
  // after its commit, whoever deletes calls this after its own: of two at once one sees the other. The next
  // start does it for those that a crash stopped.
  Result<void> detach_everywhere(std::string_view account, std::string_view policy_arn);

  // A new account with a root user and its key.
  Result<std::shared_ptr<const Account>> create_account(std::string_view name, std::string_view email);
  Result<std::shared_ptr<const AccessKey>> rotate_root_key(std::string_view account);

  // How many of the account's principals have each policy attached, or as their boundary; by its ARN.
  struct Uses {
    int attachments = 0, boundaries = 0;
  };
  Uses uses(std::string_view account, std::string_view policy_arn) const;
  std::unordered_map<std::string, Uses> all_uses(std::string_view account) const;

 private:
  template <typename T>
  struct ById {
    Table<T> table;
  };

  Directory(store::Records& records, const Clock& clock, Random& random, ManagedPolicies aws_policies);
  Result<void> load();
  template <typename T>
  Result<void> load_table();
  template <typename T>
  Result<void> finish_renames();
  template <typename T>
  Result<void> drop_attachments(std::string_view account,
                                const std::function<bool(const std::string& arn)>& gone);
  template <typename T>
  Result<store::Revision> erase(const T& entity);  // but not from the index by id
  template <typename T>
  Table<T>& table() {
    return std::get<Table<T>>(tables_);
  }
  template <typename T>
  const Table<T>& table() const {
    return std::get<Table<T>>(tables_);
  }

  store::Records& records_;
  const Clock& clock_;
  Random& random_;
  ManagedPolicies aws_policies_;
  std::tuple<Table<Account>, Table<AccountAlias>, Table<AccessKey>, Table<Role>, Table<User>, Table<Group>,
             Table<ManagedPolicy>, Table<InstanceProfile>, Table<OidcProvider>, Table<SamlProvider>,
             Table<ServerCertificate>, Table<MfaDevice>, Table<Job>>
      tables_;
  std::tuple<ById<Role>, ById<User>, ById<Group>> ids_;
};

// "https://HOST:443/PATH/" -> "HOST/PATH", as IAM stores a provider's URL.
std::string normalized_issuer(std::string_view url);

}  // namespace gatehouse::account
