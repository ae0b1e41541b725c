#include "wire/model.h"

#include <algorithm>

namespace gatehouse::wire {

const OperationModel* ServiceModel::find(std::string_view operation) const {
  auto at = std::ranges::lower_bound(operations, operation, {}, &OperationModel::name);
  return at != operations.end() && at->name == operation ? &*at : nullptr;
}

const Shape* ServiceModel::find_error(std::string_view code) const {
  auto at = std::ranges::find(errors, code, [this](ShapeId e) { return shape(e).error_code; });
  return at != errors.end() ? &shape(*at) : nullptr;
}

const ServiceModel* find_service(std::string_view id) {
  auto all = services();
  auto at = std::ranges::lower_bound(all, id, {}, &ServiceModel::id);
  return at != all.end() && (*at)->id == id ? *at : nullptr;
}

}  // namespace gatehouse::wire
