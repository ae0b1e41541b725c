// Reaching into JSON objects without ceremony. A path that leads nowhere gives "" or nullptr.
#pragma once

#include <initializer_list>
#include <string_view>

#include "base/json.h"

namespace gatehouse::kube {

using Path = std::initializer_list<std::string_view>;

inline const json::value* at(const json::object& o, Path path) {
  const json::object* inside = &o;
  const json::value* found = nullptr;
  for (const std::string_view step : path) {
    found = inside == nullptr ? nullptr : inside->if_contains(step);
    if (found == nullptr) return nullptr;
    inside = found->if_object();
  }
  return found;
}

inline std::string_view text_at(const json::object& o, Path path) {
  const json::value* v = at(o, path);
  return v != nullptr && v->is_string() ? std::string_view(v->get_string()) : std::string_view();
}
inline const json::object* object_at(const json::object& o, Path path) {
  const json::value* v = at(o, path);
  return v == nullptr ? nullptr : v->if_object();
}
inline const json::array* array_at(const json::object& o, Path path) {
  const json::value* v = at(o, path);
  return v == nullptr ? nullptr : v->if_array();
}

// The object's member as an object, made if it is absent or something else.
inline json::object& make_object(json::object& o, std::string_view member) {
  json::value& v = o[member];
  if (!v.is_object()) v.emplace_object();
  return v.get_object();
}

}  // namespace gatehouse::kube
