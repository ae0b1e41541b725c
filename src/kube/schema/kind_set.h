// The kinds that a cluster serves: those of the table, and those that its CustomResourceDefinitions add.
// Immutable; whoever holds one holds its kinds, so a request goes on with the kinds it began with.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "kube/schema/schema.h"

namespace gatehouse::kube {

class CustomKinds;

class KindSet {
 public:
  static std::shared_ptr<const KindSet> built_in();
  // With the custom resources of `definitions`, CustomResourceDefinition objects. What `before` has made of
  // one that has not changed is used again.
  static std::shared_ptr<const KindSet> with(const std::vector<const json::object*>& definitions,
                                             const KindSet& before);

  const std::vector<const Kind*>& all() const { return all_; }     // as discovery lists them
  const std::vector<const Kind*>& kept() const { return kept_; }   // one for each collection of objects
  const std::vector<const Kind*>& custom() const { return own_; }  // of kept(), those that definitions add
  const Kind* find(std::string_view group, std::string_view version, std::string_view plural) const;
  const Kind* find_named(std::string_view group, std::string_view version, std::string_view kind) const;

 private:
  std::vector<std::shared_ptr<const CustomKinds>> definitions_;
  std::vector<const Kind*> all_, kept_, own_;
};
using KindSetPtr = std::shared_ptr<const KindSet>;

}  // namespace gatehouse::kube
