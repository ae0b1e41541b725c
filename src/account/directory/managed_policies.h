// AWS's managed policies: compiled into the program from data/aws-managed-policies, and those of a folder
// that the user names. Each is read and compiled when it is first asked for; what is not here is nobody's
// permission.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "account/directory/entities.h"

namespace gatehouse::account {

// A file of data/aws-managed-policies, as the build has put it into the program; sorted by ARN.
struct ManagedPolicyFile {
  std::string_view arn, text;
};
std::span<const ManagedPolicyFile> built_in_managed_policies();

class ManagedPolicies {
 public:
  ManagedPolicies();
  ~ManagedPolicies();
  ManagedPolicies(ManagedPolicies&&) noexcept;
  ManagedPolicies& operator=(ManagedPolicies&&) noexcept;

  // The *.json of a folder, over those that are known. A file that does not read is an error that names it.
  Result<void> add_directory(const std::string& directory);

  // Any thread. The first call for a policy compiles it.
  std::shared_ptr<const ManagedPolicy> find(std::string_view arn) const;
  std::vector<std::shared_ptr<const ManagedPolicy>> list() const;  // by ARN

 private:
  struct Entry;
  std::map<std::string, std::unique_ptr<Entry>, std::less<>> entries_;
};

}  // namespace gatehouse::account
