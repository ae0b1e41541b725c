// The kinds of one CustomResourceDefinition, a row for each of its versions.
// https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
#pragma once

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "kube/schema/schema.h"
#include "kube/schema/structural.h"

namespace gatehouse::kube {

class CustomKinds {
 public:
  // Of a definition that was found sound. Serves nothing while its names are not accepted.
  static std::shared_ptr<const CustomKinds> of(const json::object& definition);

  bool is_of(const json::object& definition) const;  // the same, unchanged
  // The one that objects are kept as first; the others are views of it, in the order in which discovery has
  // them.
  const std::vector<Kind>& kinds() const { return kinds_; }
  bool serves(const Kind& kind) const { return served_.contains(&kind); }

  CustomKinds(const CustomKinds&) = delete;
  CustomKinds& operator=(const CustomKinds&) = delete;

 private:
  explicit CustomKinds(const json::object& definition);
  void add(const json::object& version);
  std::string_view keep(std::string text);
  std::string_view spaced(const json::array* list);

  std::string uid_;
  json::object spec_;  // what the schemas point into
  std::string names_accepted_;
  std::deque<std::string> texts_;  // what the rows' views show
  std::deque<std::vector<Column>> columns_;
  std::deque<std::vector<Subresource>> parts_;
  std::deque<Structural> schemas_;
  std::vector<Kind> kinds_;
  std::set<const Kind*> served_;
};

// kube-apiserver's order of versions: v2, v1, v1beta2, v1alpha1, then others by name.
bool newer_version(std::string_view a, std::string_view b);

}  // namespace gatehouse::kube
