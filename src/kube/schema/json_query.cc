#include "kube/schema/json_query.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "kube/objects/json_path.h"

namespace gatehouse::kube {
namespace {

using Found = std::vector<const json::value*>;

Found members(const Found& from, std::string_view name) {
  Found out;
  for (const json::value* v : from) {
    const json::object* object = v->if_object();
    const json::value* inside = object == nullptr ? nullptr : object->if_contains(name);
    if (inside != nullptr) out.push_back(inside);
  }
  return out;
}

Found elements(const Found& from, std::string_view index) {
  Found out;
  std::int64_t at = 0;
  const bool all = index == "*";
  const auto read = std::from_chars(index.data(), index.data() + index.size(), at);
  if (!all && (read.ec != std::errc{} || read.ptr != index.data() + index.size())) return out;
  for (const json::value* v : from) {
    const json::array* list = v->if_array();
    if (list == nullptr) continue;
    const auto size = static_cast<std::int64_t>(list->size());
    const std::int64_t wanted = at < 0 ? at + size : at;
    for (std::int64_t i = 0; i < size; ++i)
      if (all || i == wanted) out.push_back(&(*list)[static_cast<size_t>(i)]);
  }
  return out;
}

std::string_view trim(std::string_view s) {
  while (s.starts_with(' ')) s.remove_prefix(1);
  while (s.ends_with(' ')) s.remove_suffix(1);
  return s;
}

std::string_view unquoted(std::string_view s) {
  s = trim(s);
  const bool quoted = s.size() >= 2 && (s.front() == '"' || s.front() == '\'') && s.back() == s.front();
  return quoted ? s.substr(1, s.size() - 2) : s;
}

// ?(@.member=="value")
Found filtered(const Found& from, std::string_view filter) {
  Found out;
  filter.remove_prefix(2);
  filter.remove_suffix(filter.ends_with(')') ? 1 : 0);
  const auto equals = filter.find("==");
  const auto left = trim(filter.substr(0, equals));
  if (!left.starts_with("@.")) return out;
  for (const json::value* v : elements(from, "*")) {
    const json::value* have = v->is_object() ? v->get_object().if_contains(left.substr(2)) : nullptr;
    if (have == nullptr) continue;
    const std::string text =
        have->is_string() ? std::string(std::string_view(have->get_string())) : json::dump(*have);
    if (equals == std::string_view::npos || text == unquoted(filter.substr(equals + 2))) out.push_back(v);
  }
  return out;
}

// A name after a dot; a backslash keeps a dot in it.
std::string take_name(std::string_view& path) {
  std::string out;
  while (!path.empty() && path.front() != '.' && path.front() != '[') {
    if (path.front() == '\\' && path.size() > 1) path.remove_prefix(1);
    out += path.front();
    path.remove_prefix(1);
  }
  return out;
}

}  // namespace

std::vector<const json::value*> query(const json::object& object, std::string_view path) {
  if (path.starts_with('$')) path.remove_prefix(1);
  if (!path.starts_with('.')) return {};
  path.remove_prefix(1);
  const std::string first = take_name(path);
  const json::value* start = object.if_contains(first);
  Found found;
  if (start != nullptr) found.push_back(start);
  while (!path.empty() && !found.empty()) {
    if (path.front() == '.') {
      path.remove_prefix(1);
      found = members(found, take_name(path));
      continue;
    }
    const auto end = path.find(']');
    if (end == std::string_view::npos) return {};
    const auto inside = path.substr(1, end - 1);
    path.remove_prefix(end + 1);
    if (inside.starts_with("?(")) {
      found = filtered(found, inside);
    } else if (inside.starts_with('\'') || inside.starts_with('"')) {
      found = members(found, unquoted(inside));
    } else {
      found = elements(found, inside);
    }
  }
  return found;
}

}  // namespace gatehouse::kube
