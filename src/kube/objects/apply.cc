#include "kube/objects/apply.h"

#include <fmt/format.h>

#include "base/time.h"
#include "kube/objects/json_path.h"
#include "kube/objects/status.h"

namespace gatehouse::kube {
namespace {

bool leaf(const json::value& v) { return !v.is_object() || v.get_object().empty(); }

struct Entry {
  json::object about;  // the entry without its fields
  json::object fields;

  bool is(const Manager& m, std::string_view operation) const {
    return text_at(about, {"manager"}) == m.name && text_at(about, {"operation"}) == operation &&
           text_at(about, {"subresource"}) == m.subresource;
  }
};

std::vector<Entry> entries_of(const json::object* object) {
  std::vector<Entry> out;
  const json::array* list = object == nullptr ? nullptr : array_at(*object, {"metadata", "managedFields"});
  for (size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const json::object* entry = (*list)[i].if_object();
    if (entry == nullptr) continue;
    const json::object* fields = object_at(*entry, {"fieldsV1"});
    out.push_back({*entry, fields == nullptr ? json::object() : *fields});
    out.back().about.erase("fieldsV1");
  }
  return out;
}

void write_entries(json::object& object, std::vector<Entry> entries) {
  json::array list;
  for (Entry& entry : entries) {
    if (entry.fields.empty()) continue;
    json::object out = std::move(entry.about);
    out["fieldsV1"] = std::move(entry.fields);
    list.push_back(std::move(out));
  }
  json::object& metadata = make_object(object, "metadata");
  if (list.empty()) {
    metadata.erase("managedFields");
  } else {
    metadata["managedFields"] = std::move(list);
  }
}

json::object about(const Manager& m, std::string_view operation) {
  json::object out{{"manager", m.name},
                   {"operation", operation},
                   {"apiVersion", m.api_version},
                   {"time", iso8601(m.now)},
                   {"fieldsType", "FieldsV1"}};
  if (!m.subresource.empty()) out["subresource"] = m.subresource;
  return out;
}

// ".metadata.labels.a", ".spec.list[name=\"x\"].b" of every leaf.
void paths(const json::object& set, const std::string& prefix, std::vector<std::string>& out) {
  for (const auto& [key, value] : set) {
    const std::string_view step = key;
    std::string here = prefix;
    if (step == ".") {
      continue;
    } else if (step.starts_with("f:")) {
      here.append(".").append(step.substr(2));
    } else if (step.starts_with("k:")) {
      const auto parsed = json::parse(step.substr(2));
      std::string inside;
      if (parsed && parsed->is_object())
        for (const auto& [k, v] : parsed->get_object())
          inside += fmt::format("{}={}", std::string_view(k), json::dump(v));
      here += "[" + inside + "]";
    } else {
      here += "[" + std::string(step.substr(std::min<size_t>(2, step.size()))) + "]";
    }
    if (leaf(value)) {
      out.push_back(here);
    } else {
      paths(value.get_object(), here, out);
    }
  }
}

Error conflict_error(const Kind& kind, std::string_view name,
                     const std::vector<std::pair<std::string, std::vector<std::string>>>& conflicts) {
  size_t count = 0;
  std::string list;
  for (const auto& [with, fields] : conflicts) {
    count += fields.size();
    list.append(list.empty() ? "" : "\n");
    list += fields.size() == 1 ? fmt::format("conflict with {}: {}", with, fields[0])
                               : fmt::format("conflicts with {}:", with);
    for (size_t i = 0; fields.size() > 1 && i < fields.size(); ++i) list += "\n- " + fields[i];
  }
  Error error = status::conflict(kind, name);
  error.message = fmt::format("Apply failed with {} conflict{}: {}", count, count == 1 ? "" : "s", list);
  for (const auto& [with, fields] : conflicts)
    for (const std::string& field : fields)
      status::add_cause(error, {"FieldManagerConflict", field, "conflict with " + with});
  return error;
}

const json::value* element_with(const json::array& list, const Field& field, const json::value& like) {
  const json::value* key = like.is_object() ? like.get_object().if_contains(field.merge_key) : nullptr;
  for (const json::value& v : list) {
    if (field.merge_set
            ? v == like
            : key != nullptr && v.is_object() && v.get_object().if_contains(field.merge_key) != nullptr &&
                  *v.get_object().if_contains(field.merge_key) == *key)
      return &v;
  }
  return nullptr;
}

void merge(const Message* schema, json::object& into, const json::object& wanted) {
  for (const auto& [name, value] : wanted) {
    const Field* field = schema == nullptr ? nullptr : schema->find(std::string_view(name));
    json::value& target = into[name];
    if (value.is_object()) {
      if (!target.is_object()) target.emplace_object();
      merge(field == nullptr || field->shape != Shape::one ? nullptr : field->message, target.get_object(),
            value.get_object());
    } else if (const json::array* list = value.if_array(); list != nullptr && target.is_array() &&
                                                           field != nullptr &&
                                                           (field->merge_set || !field->merge_key.empty())) {
      for (const json::value& element : *list) {
        const json::value* mine = element_with(target.get_array(), *field, element);
        if (mine == nullptr) {
          target.get_array().push_back(element);
        } else if (element.is_object()) {
          merge(field->message, const_cast<json::value*>(mine)->get_object(), element.get_object());
        }
      }
    } else {
      target = value;
    }
  }
}

// What `kubectl apply` without --server-side wrote last: the same person's fields, whoever they are noted
// for, so kubectl may take them.
// https://kubernetes.io/docs/reference/using-api/server-side-apply/#upgrading-from-client-side-apply-to-server-side-apply
json::object applied_before(const Message& schema, const json::object* live, const Manager& manager) {
  if (live == nullptr || manager.name != "kubectl") return {};
  const auto text =
      text_at(*live, {"metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"});
  const auto parsed = text.empty() ? Result<json::value>(fail("", "")) : json::parse(text);
  return parsed && parsed->is_object() ? field_set::of(schema, parsed->get_object()) : json::object();
}

bool is_element(const json::value& element, std::string_view step) {
  const auto parsed = json::parse(step.substr(2));
  if (!parsed) return false;
  if (step.starts_with("v:")) return element == *parsed;
  if (!element.is_object() || !parsed->is_object()) return false;
  for (const auto& [key, value] : parsed->get_object()) {
    const json::value* have = element.get_object().if_contains(key);
    if (have == nullptr || *have != value) return false;
  }
  return true;
}

// Takes the fields of a set out of a value; what is left empty by that goes too.
void take_out(json::value& from, const json::object& set) {
  for (const auto& [key, value] : set) {
    const std::string_view step = key;
    if (step.starts_with("f:") && from.is_object()) {
      json::value* inside = from.get_object().if_contains(step.substr(2));
      if (inside == nullptr) continue;
      if (!leaf(value)) take_out(*inside, value.get_object());
      const bool empty = (inside->is_object() && inside->get_object().empty()) ||
                         (inside->is_array() && inside->get_array().empty());
      if (leaf(value) || empty) from.get_object().erase(step.substr(2));
    } else if (from.is_array() && step != ".") {
      json::array& list = from.get_array();
      for (auto it = list.begin(); it != list.end(); ++it) {
        if (!is_element(*it, step)) continue;
        // With "." the element itself is given up; else only some of its members.
        if (leaf(value) || value.get_object().contains(".")) {
          list.erase(it);
        } else {
          take_out(*it, value.get_object());
        }
        break;
      }
    }
  }
}

}  // namespace

Result<json::object> apply(const Kind& kind, const json::object* live, const json::object& wanted,
                           const Manager& manager, bool force) {
  static const json::object kNothing;
  const Message& schema = *kind.message;
  const json::object mine = field_set::of(schema, wanted);
  const json::object differs = field_set::changed(schema, live == nullptr ? kNothing : *live, wanted);
  std::vector<Entry> entries = entries_of(live);
  std::vector<std::pair<std::string, std::vector<std::string>>> conflicts;
  const json::object allowed = applied_before(schema, live, manager);
  json::object before;
  json::object of_others;
  for (Entry& entry : entries) {
    if (entry.is(manager, "Apply")) {
      before = entry.fields;
      continue;
    }
    const json::object contested = field_set::intersection(differs, entry.fields);
    const json::object refused = force ? json::object() : field_set::difference(contested, allowed);
    if (!refused.empty()) {
      std::vector<std::string> fields;
      paths(refused, "", fields);
      conflicts.emplace_back(fmt::format("\"{}\" using {}", text_at(entry.about, {"manager"}),
                                         text_at(entry.about, {"apiVersion"})),
                             fields);
    }
    entry.fields = field_set::difference(entry.fields, contested);
    of_others = field_set::united(of_others, entry.fields);
  }
  if (!conflicts.empty()) return fail(conflict_error(kind, text_at(wanted, {"metadata", "name"}), conflicts));

  json::value merged = live == nullptr ? json::object() : *live;
  merge(&schema, merged.get_object(), wanted);
  take_out(merged, field_set::difference(field_set::difference(before, mine), of_others));
  // Applying the same again leaves even the time alone, so that nothing is written.
  json::object note = about(manager, "Apply");
  std::erase_if(entries, [&](Entry& entry) {
    const bool ours = entry.is(manager, "Apply");
    if (ours && entry.fields == mine) note = entry.about;
    return ours;
  });
  entries.push_back({std::move(note), mine});
  write_entries(merged.get_object(), std::move(entries));
  return std::move(merged.get_object());
}

void track(const Kind& kind, json::object& object, const json::object* old, const Manager& manager) {
  static const json::object kNothing;
  const Message& schema = *kind.message;
  const json::object all = field_set::of(schema, object);
  const json::object changed = field_set::changed(schema, old == nullptr ? kNothing : *old, object);
  std::vector<Entry> entries = entries_of(&object);
  bool found = false;
  for (Entry& entry : entries) {
    // Nobody owns what is no longer there, nor what somebody else has just set.
    entry.fields = field_set::still_there(entry.fields, all);
    if (entry.is(manager, "Update")) {
      found = true;
      if (changed.empty()) continue;
      entry.fields = field_set::united(entry.fields, changed);
      entry.about = about(manager, "Update");
    } else {
      entry.fields = field_set::difference(entry.fields, changed);
    }
  }
  if (!found && !changed.empty()) entries.push_back({about(manager, "Update"), changed});
  write_entries(object, std::move(entries));
}

}  // namespace gatehouse::kube
