// Which resource types of the catalogue an ARN in a policy can be.
#pragma once

#include <unordered_map>
#include <vector>

#include "policy/lint/subject.h"

namespace gatehouse::policy::lint {

enum class Fit : std::uint8_t { no, yes, unknown };

// Remembers its answers and stops answering (Fit::unknown) once it has worked for long: a policy of thousands
// of actions and ARNs is no reason to think for minutes.
class TypeMatcher {
 public:
  // Whether `resource` can be of this type.
  Fit fits(const ResourceUse& resource, catalogue::ResourceType type);
  // Whether `resource` can be of any type the action works on.
  Fit fits(const ResourceUse& resource, catalogue::Action action);

 private:
  Fit compute(const ResourceUse& resource, catalogue::ResourceType type);
  std::unordered_map<const Scalar*, std::unordered_map<const char*, Fit>> known_;
  std::size_t budget_ = 20'000'000;
};

// What a placeholder that stands for a whole ARN calls itself: "<ARN_OF_YOUR_EKS_CLUSTER>" is a cluster of
// EKS.
std::optional<catalogue::ResourceType> type_named_by(std::string_view placeholder,
                                                     catalogue::Service service);
// Whether the reference lists all the resource types and keys of the service's actions, so that what it does
// not list does not exist. Found by running the lint over AWS's own managed policies: where they contradict
// the reference, they are right.
bool is_well_documented(std::string_view service);
// A service that is gone, and that policies still name.
bool is_retired(std::string_view prefix);
// Letters and digits only, in lower case.
std::string plain_name(std::string_view text);

}  // namespace gatehouse::policy::lint
