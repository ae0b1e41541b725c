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

#include "account/entities.h"
#include "account/table.h"
#include "base/random.h"
#include "store/store.h"

namespace gatehouse::account {

inline constexpr std::string_view kPartition = "aws";
inline constexpr std::string_view kAwsAccount = "aws";  // the owner of AWS managed policies

class Directory {
 public:
  // Reads everything from the store; makes the first account and its root key if the store has none.
  static Result<std::unique_ptr<Directory>> open(store::Records& records, const Clock& clock, Random& random);

  std::shared_ptr<const Account> account(std::string_view id) const;
  std::vector<std::shared_ptr<const Account>> accounts() const;
  std::shared_ptr<const Account> first_account() const;
  std::shared_ptr<const AccessKey> access_key(std::string_view id) const;
  std::shared_ptr<const AccessKey> root_key(std::string_view account) const;
  std::shared_ptr<const Role> role(std::string_view account, std::string_view name) const;
  std::shared_ptr<const User> user(std::string_view account, std::string_view name) const;
  std::shared_ptr<const Group> group(std::string_view account, std::string_view name) const;
  std::shared_ptr<const ManagedPolicy> policy(std::string_view arn) const;
  std::shared_ptr<const OidcProvider> oidc_provider(std::string_view account, std::string_view url) const;

  template <typename T>
  std::vector<std::shared_ptr<const T>> list(std::string_view account) const;

  // Stores and publishes. revision 0 in the entity: must not exist yet (EntityAlreadyExists is the caller's
  // to say; this returns store::kConflict). Returns the published entity.
  template <typename T>
  Result<std::shared_ptr<const T>> put(T entity);
  template <typename T>
  Result<void> remove(const T& entity);

  // A new account with a root user and its key.
  Result<std::shared_ptr<const Account>> create_account(std::string_view name, std::string_view email);
  Result<std::shared_ptr<const AccessKey>> rotate_root_key(std::string_view account);

  // Every principal that has this policy attached, or as its boundary.
  struct Uses {
    int attachments = 0, boundaries = 0;
  };
  Uses uses(std::string_view account, std::string_view policy_arn) const;

 private:
  Directory(store::Records& records, const Clock& clock, Random& random);
  Result<void> load();
  template <typename T>
  Table<T>& table();
  template <typename T>
  const Table<T>& table() const;

  store::Records& records_;
  const Clock& clock_;
  Random& random_;
  std::tuple<Table<Account>, Table<AccessKey>, Table<Role>, Table<User>, Table<Group>, Table<ManagedPolicy>,
             Table<OidcProvider>>
      tables_;
};

// "https://HOST:443/PATH/" -> "HOST/PATH", as IAM stores a provider's URL.
std::string normalized_issuer(std::string_view url);

}  // namespace gatehouse::account
