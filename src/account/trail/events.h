// Reading the trail's events, which are JSON in CloudTrail's form.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace gatehouse::account {

inline std::string text_of(const json::object& o, std::string_view key) {
  return json::string_or(o, key, "");
}

// A member that is an object; an empty one where there is none.
inline const json::object& object_of(const json::object& o, std::string_view key) {
  static const json::object kNone;
  const json::value* v = o.if_contains(key);
  return v != nullptr && v->is_object() ? v->get_object() : kNone;
}

inline const json::array& decisions_of(const json::object& event) {
  static const json::array kNone;
  const json::value* v = object_of(event, "gatehouse").if_contains("decisions");
  return v != nullptr && v->is_array() ? v->get_array() : kNone;
}

}  // namespace gatehouse::account
