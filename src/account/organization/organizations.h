// Every organization: read by each call without a lock, changed by the Organizations service through here.
//
// A change commits first, then is published, then acknowledged: the next call feels it. All changes of one
// organization assert its head's revision, so that of two at once one is made again on what the other left.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "account/organization/organization.h"
#include "account/organization/placement.h"
#include "store/store.h"

namespace gatehouse::account {

// All organizations at one moment.
class Standing {
 public:
  // Null where the account is in no organization.
  const Placement* find(std::string_view account) const;

 private:
  friend class Organizations;
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };
  std::map<std::string, std::shared_ptr<const Organization>, std::less<>> organizations_;
  std::unordered_map<std::string, std::shared_ptr<const Placement>, Hash, std::equal_to<>> placements_;
};

class Organizations {
 public:
  static Result<std::unique_ptr<Organizations>> open(store::Records& records, const Clock& clock);

  // Null while there is no organization at all.
  std::shared_ptr<const Standing> standing() const {
    return any_.load(std::memory_order_acquire) ? standing_.load(std::memory_order_acquire) : nullptr;
  }
  std::shared_ptr<const Organization> find(std::string_view id) const;
  std::shared_ptr<const Organization> of_account(std::string_view account) const;
  std::vector<std::shared_ptr<const Organization>> all() const;
  // A member that was closed: nobody calls from it any more.
  bool is_suspended(std::string_view account) const;

  // kConflict where the management account is in an organization already.
  Result<void> create(Organization organization);
  // Makes `edit`'s changes of the organization as it is; called again, on what it is then, when another
  // change came first. ConcurrentModificationException when others keep coming first.
  Result<void> change(std::string_view id, const std::function<Result<void>(Organization&)>& edit);
  // change() that takes an account in. kConflict where it is in another organization.
  Result<void> admit(std::string_view id, std::string_view account,
                     const std::function<Result<void>(Organization&)>& edit);
  // kConflict where it has changed since.
  Result<void> remove(const Organization& organization);

 private:
  Organizations(store::Records& records, const Clock& clock);
  Result<void> load();
  Result<void> fail_unfinished(const Organization& organization);
  Result<void> reload(std::string_view id);
  Result<void> reserve(std::string_view account, std::string_view organization);
  void publish(std::shared_ptr<const Organization> organization);
  void withdraw(std::string_view id);

  store::Records& records_;
  const Clock& clock_;
  store::Names members_;  // an account is in one organization
  std::atomic<bool> any_ = false;
  std::atomic<std::shared_ptr<const Standing>> standing_;
  std::mutex publishing_;
  std::set<std::string, std::less<>> withdrawn_;  // a late publish() does not bring them back
};

}  // namespace gatehouse::account
