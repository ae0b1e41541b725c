// Strategic merge. Directives: `$patch: replace|delete|merge` in an object, `$retainKeys`,
// `$setElementOrder/LIST`,
// `$deleteFromPrimitiveList/LIST`. Lists without a merge key are replaced.
#include <fmt/format.h>

#include <algorithm>

#include "kube/objects/json_path.h"
#include "kube/objects/patch.h"

namespace gatehouse::kube {
namespace {

constexpr std::string_view kOrder = "$setElementOrder/";
constexpr std::string_view kDelete = "$deleteFromPrimitiveList/";

std::unexpected<Error> bad(std::string what) { return fail("BadRequest", std::move(what)); }

Result<void> merge_object(const Message* schema, json::object& target, const json::object& patch);

auto find_by_key(json::array& list, std::string_view key, const json::value& wanted) {
  return std::find_if(list.begin(), list.end(), [&](const json::value& v) {
    const json::value* have = v.is_object() ? v.get_object().if_contains(key) : nullptr;
    return have != nullptr && *have == wanted;
  });
}

// Without the directives, for an element that is new.
json::value plain(const json::value& v) {
  if (const json::array* list = v.if_array()) {
    json::array out;
    for (const json::value& element : *list) {
      const json::object* o = element.if_object();
      if (o == nullptr || !o->contains("$patch") || text_at(*o, {"$patch"}) == "merge")
        out.push_back(plain(element));
    }
    return out;
  }
  if (!v.is_object()) return v;
  json::object out;
  for (const auto& [key, value] : v.get_object())
    if (!key.starts_with('$') && !value.is_null()) out[key] = plain(value);
  return out;
}

Result<void> merge_keyed(const Field& field, json::array& target, const json::array& patch) {
  const bool replaces = std::any_of(patch.begin(), patch.end(), [](const json::value& v) {
    return v.is_object() && text_at(v.get_object(), {"$patch"}) == "replace";
  });
  if (replaces) target.clear();
  for (const json::value& element : patch) {
    const json::object* o = element.if_object();
    if (o == nullptr) return bad(fmt::format("an element of {} that is no object", field.name));
    const auto directive = text_at(*o, {"$patch"});
    if (directive == "replace") {
      if (o->size() > 1) target.push_back(plain(element));
      continue;
    }
    const json::value* key = o->if_contains(field.merge_key);
    if (key == nullptr)
      return bad(fmt::format("map: {} does not contain declared merge key: {}", json::dump(element),
                             field.merge_key));
    const auto it = find_by_key(target, field.merge_key, *key);
    if (directive == "delete") {
      if (it != target.end()) target.erase(it);
    } else if (it == target.end()) {
      target.push_back(plain(element));
    } else {
      CHECK_OK(merge_object(field.message, it->get_object(), *o));
    }
  }
  return {};
}

// Elements named in `order` come in that order; the others keep their place behind the element they followed.
void reorder(const Field* field, json::array& list, const json::array& order) {
  const auto same = [&](const json::value& element, const json::value& wanted) {
    if (field == nullptr || field->merge_key.empty()) return element == wanted;
    const json::value* key = wanted.is_object() ? wanted.get_object().if_contains(field->merge_key) : nullptr;
    const json::value* have =
        element.is_object() ? element.get_object().if_contains(field->merge_key) : nullptr;
    return key != nullptr && have != nullptr && *key == *have;
  };
  json::array out;
  for (const json::value& wanted : order) {
    const auto it =
        std::find_if(list.begin(), list.end(), [&](const json::value& v) { return same(v, wanted); });
    if (it == list.end()) continue;
    out.push_back(*it);
    list.erase(it);
  }
  for (json::value& rest : list) out.push_back(std::move(rest));
  list = std::move(out);
}

Result<void> merge_member(const Field* field, json::value& target, const json::value& patch) {
  if (patch.is_object()) {
    if (!target.is_object()) target.emplace_object();
    return merge_object(field == nullptr || field->shape != Shape::one ? nullptr : field->message,
                        target.get_object(), patch.get_object());
  }
  if (const json::array* list = patch.if_array(); list != nullptr && field != nullptr && target.is_array()) {
    if (!field->merge_key.empty()) return merge_keyed(*field, target.get_array(), *list);
    if (field->merge_set) {
      for (const json::value& v : *list) {
        json::array& have = target.get_array();
        if (std::find(have.begin(), have.end(), v) == have.end()) have.push_back(v);
      }
      return {};
    }
  }
  target = plain(patch);
  return {};
}

Result<void> merge_object(const Message* schema, json::object& target, const json::object& patch) {
  const auto directive = text_at(patch, {"$patch"});
  if (directive == "delete") {
    target.clear();
    return {};
  }
  if (directive == "replace") {
    target = plain(patch).get_object();
    return {};
  }
  if (!directive.empty() && directive != "merge")
    return bad(fmt::format("Unknown patch type found: {}", directive));
  if (const json::array* keep = array_at(patch, {"$retainKeys"})) {
    std::vector<std::string> drop;
    for (const auto& member : target)
      if (std::find(keep->begin(), keep->end(), json::value(member.key())) == keep->end())
        drop.emplace_back(member.key());
    for (const std::string& key : drop) target.erase(key);
  }
  const auto field_of = [&](std::string_view name) {
    return schema == nullptr ? nullptr : schema->find(name);
  };
  for (const auto& [key, value] : patch) {
    const std::string_view name = key;
    if (name.starts_with(kDelete)) {
      json::value* list = target.if_contains(name.substr(kDelete.size()));
      if (list == nullptr || !list->is_array() || !value.is_array()) continue;
      for (const json::value& gone : value.get_array()) {
        json::array& have = list->get_array();
        have.erase(std::remove(have.begin(), have.end(), gone), have.end());
      }
    } else if (name.starts_with('$')) {
      continue;
    } else if (value.is_null()) {
      target.erase(name);
    } else {
      CHECK_OK(merge_member(field_of(name), target[name], value));
    }
  }
  for (const auto& [key, value] : patch) {
    const std::string_view name = key;
    if (!name.starts_with(kOrder) || !value.is_array()) continue;
    json::value* list = target.if_contains(name.substr(kOrder.size()));
    if (list != nullptr && list->is_array())
      reorder(field_of(name.substr(kOrder.size())), list->get_array(), value.get_array());
  }
  return {};
}

}  // namespace

Result<void> strategic_merge_patch(const Message& schema, json::object& target, const json::object& patch) {
  return merge_object(&schema, target, patch);
}

}  // namespace gatehouse::kube
