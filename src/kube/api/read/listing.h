// Which part of a collection a list or watch asks for, at which version.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions and
// .../#retrieving-large-results-sets-in-chunks Internal to kube/api.
#pragma once

#include <optional>

#include "kube/api/context.h"
#include "kube/objects/selectors.h"

namespace gatehouse::kube {

std::optional<std::uint64_t> read_number(std::string_view text);

// A watch of one object is a watch of the collection with its name.
Result<Selector> selector_of(const Request& request);

// What is wrong with resourceVersion, resourceVersionMatch, continue and sendInitialEvents together.
Result<void> check_list_options(const Request& request);

// The page that limit and continue ask for, of what the selector leaves.
Result<Snapshot> page_of(Context& context, const Selector& selector);

}  // namespace gatehouse::kube
