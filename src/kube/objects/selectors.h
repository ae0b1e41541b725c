// Label and field selectors of lists and watches.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#api
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "kube/schema/schema.h"

namespace gatehouse::kube {

class Selector {
 public:
  // Both may be empty: then everything matches. BadRequest tells what could not be read, or which field label
  // the kind does not support.
  static Result<Selector> parse(const Kind& kind, std::string_view labels, std::string_view fields);
  // A LabelSelector object (matchLabels, matchExpressions).
  static Result<Selector> of_object(const json::object& label_selector);

  bool matches(const json::object& object) const;
  bool matches_labels(const json::object* labels) const;
  bool empty() const { return labels_.empty() && fields_.empty(); }
  // The one name that metadata.name=… leaves, or "".
  std::string_view only_name() const;

 private:
  enum class Operator { equals, differs, in, not_in, exists, absent, greater, less };
  struct Requirement {
    std::string key;
    Operator op;
    std::vector<std::string> values;
  };
  static bool holds(const Requirement& requirement, const json::object* labels);

  std::vector<Requirement> labels_;
  std::vector<Requirement> fields_;
};

}  // namespace gatehouse::kube
