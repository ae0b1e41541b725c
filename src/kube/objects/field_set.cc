#include <algorithm>

#include "kube/objects/apply.h"
#include "kube/objects/json_path.h"

namespace gatehouse::kube::field_set {
namespace {

bool leaf(const json::value& v) { return !v.is_object() || v.get_object().empty(); }

// Members of metadata that the server decides, and that nobody owns.
bool owned_by_nobody(const Message& schema, std::string_view name) {
  if (&schema != &object_meta()) return false;
  for (const std::string_view system :
       {"name", "namespace", "generateName", "uid", "resourceVersion", "generation", "creationTimestamp",
        "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "managedFields"})
    if (name == system) return true;
  return false;
}

std::string element_key(const Field& field, const json::value& element) {
  if (field.merge_set) return "v:" + json::dump(element);
  const json::value* key = element.is_object() ? element.get_object().if_contains(field.merge_key) : nullptr;
  if (key == nullptr) return "";
  return "k:" + json::dump(json::object{{field.merge_key, *key}});
}

const json::value* find_element(const Field& field, const json::value* list, const std::string& key) {
  if (list == nullptr || !list->is_array()) return nullptr;
  for (const json::value& element : list->get_array())
    if (element_key(field, element) == key) return &element;
  return nullptr;
}

// Collects the leaves of `now` that differ from `before`; with `all`, every leaf.
class Collector {
 public:
  explicit Collector(bool all) : all_(all) {}

  json::object object(const Message* schema, const json::object* before, const json::object& now) const {
    json::object out;
    for (const auto& [name, value] : now) {
      const Field* field = schema == nullptr ? nullptr : schema->find(std::string_view(name));
      if (schema != nullptr && owned_by_nobody(*schema, name)) continue;
      const json::value* old = before == nullptr ? nullptr : before->if_contains(name);
      json::object inside = member(field, old, value);
      // A map that was not there is itself a change; what Go always writes (metadata, spec, status) was
      // there.
      const bool given = schema_root(schema, name);
      if (!all_ && old == nullptr && !inside.empty() && value.is_object() && !given)
        inside["."] = json::object();
      add(out, "f:" + std::string(name), std::move(inside), field, old, value);
    }
    return out;
  }

 private:
  // Empty: a leaf.
  json::object member(const Field* field, const json::value* before, const json::value& now) const {
    if (field != nullptr && field->atomic) return {};
    if (const json::object* inside = now.if_object()) {
      const Message* schema = field == nullptr || field->shape != Shape::one ? nullptr : field->message;
      return object(schema, before == nullptr ? nullptr : before->if_object(), *inside);
    }
    const json::array* list = now.if_array();
    if (list == nullptr || field == nullptr || (field->merge_key.empty() && !field->merge_set)) return {};
    json::object out;
    // Who has an empty list has none of the elements that others put into it.
    if (list->empty() && (all_ || before == nullptr)) out["."] = json::object();
    for (const json::value& element : *list) {
      const std::string key = element_key(*field, element);
      if (key.empty()) continue;
      const json::value* old = find_element(*field, before, key);
      json::object inside;
      if (element.is_object())
        inside = object(field->message, old == nullptr ? nullptr : old->if_object(), element.get_object());
      const bool is_new = all_ || old == nullptr;
      if (is_new && !inside.empty()) inside["."] = json::object();
      if (is_new || !inside.empty()) out[key] = std::move(inside);
    }
    return out;
  }

  static bool schema_root(const Message* schema, std::string_view name) {
    const Field* field = schema == nullptr ? nullptr : schema->find(name);
    return field != nullptr && field->type == Type::message && field->shape == Shape::one &&
           (name == "metadata" || name == "spec" || name == "status");
  }

  void add(json::object& out, const std::string& name, json::object inside, const Field* field,
           const json::value* old, const json::value& now) const {
    const bool atomic = inside.empty();
    const bool whole = field != nullptr && field->atomic;
    // An object with nothing inside that could be owned, or that changed.
    if (atomic && !whole && now.is_object() && !now.get_object().empty()) return;
    // A joined list without elements changes none.
    const bool joined = field != nullptr && (field->merge_set || !field->merge_key.empty());
    if (atomic && joined && old != nullptr && now.is_array()) return;
    if (atomic && !all_ && old != nullptr && *old == now) return;
    out[name] = std::move(inside);
  }

  bool all_;
};

}  // namespace

json::object of(const Message& schema, const json::object& object) {
  return Collector(true).object(&schema, nullptr, object);
}

json::object changed(const Message& schema, const json::object& before, const json::object& now) {
  return Collector(false).object(&schema, &before, now);
}

json::object intersection(const json::object& a, const json::object& b) {
  json::object out;
  for (const auto& [key, value] : a) {
    const json::value* other = b.if_contains(key);
    if (other == nullptr) continue;
    if (leaf(value) || leaf(*other)) {
      // Who owns a whole owns what is in it.
      out[key] = leaf(value) ? *other : value;
      continue;
    }
    json::object inside = intersection(value.get_object(), other->get_object());
    if (!inside.empty()) out[key] = std::move(inside);
  }
  return out;
}

json::object still_there(const json::object& set, const json::object& all) {
  json::object out;
  for (const auto& [key, value] : set) {
    const json::value* there = all.if_contains(key);
    if (std::string_view(key) == ".") {
      out[key] = value;
    } else if (there != nullptr && (leaf(value) || leaf(*there))) {
      out[key] = leaf(value) ? *there : value;
    } else if (there != nullptr) {
      json::object inside = still_there(value.get_object(), there->get_object());
      if (!inside.empty()) out[key] = std::move(inside);
    }
  }
  return out;
}

json::object difference(const json::object& a, const json::object& b) {
  json::object out;
  for (const auto& [key, value] : a) {
    const json::value* other = b.if_contains(key);
    if (other == nullptr) {
      out[key] = value;
    } else if (!leaf(value) && !leaf(*other)) {
      json::object inside = difference(value.get_object(), other->get_object());
      if (!inside.empty()) out[key] = std::move(inside);
    }
  }
  return out;
}

json::object united(const json::object& a, const json::object& b) {
  json::object out = a;
  for (const auto& [key, value] : b) {
    json::value* mine = out.if_contains(key);
    if (mine == nullptr || leaf(*mine)) {
      out[key] = value;
    } else if (!leaf(value)) {
      *mine = united(mine->get_object(), value.get_object());
    }
  }
  return out;
}

}  // namespace gatehouse::kube::field_set
