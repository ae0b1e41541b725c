// Server-side apply, and who owns which field.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/
//
// A set of fields is a tree in the form of metadata.managedFields' fieldsV1: "f:name" for a member, "k:{…}"
// for an element of a list joined by key, "v:…" for an element of a set, "." for the element itself, {} for a
// leaf.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "kube/schema/schema.h"

namespace gatehouse::kube {

struct Manager {
  std::string name;
  std::string api_version;
  std::string subresource{};
  Time now{};
};

// The object after `manager` applied `wanted` to `live` (null: there was none), with managedFields. Conflict
// (409) with a cause for each field that another manager has with another value, unless `force` takes them
// over.
Result<json::object> apply(const Kind& kind, const json::object* live, const json::object& wanted,
                           const Manager& manager, bool force);

// Adds to managedFields of `object`, which are those it had, what a create, update or patch by `manager`
// changed from `old` (null on create).
void track(const Kind& kind, json::object& object, const json::object* old, const Manager& manager);

namespace field_set {
json::object of(const Message& schema, const json::object& object);
// The fields of `now` that `before` has not, or has with another value.
json::object changed(const Message& schema, const json::object& before, const json::object& now);
json::object intersection(const json::object& a, const json::object& b);
// What of a set is still in `all`, with the "." of maps and elements that are.
json::object still_there(const json::object& set, const json::object& all);
json::object difference(const json::object& a, const json::object& b);
json::object united(const json::object& a, const json::object& b);
}  // namespace field_set

}  // namespace gatehouse::kube
