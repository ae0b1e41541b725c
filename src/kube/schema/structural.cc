#include "kube/schema/structural.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "kube/objects/json_path.h"
#include "kube/schema/messages.h"

namespace gatehouse::kube {
namespace {

constexpr int kMaxDepth = 64;

bool flag(const json::object& schema, std::string_view name) { return json::bool_or(schema, name, false); }
bool preserves(const json::object& schema) { return flag(schema, "x-kubernetes-preserve-unknown-fields"); }

bool of_an_object(std::string_view name) {
  return name == "apiVersion" || name == "kind" || name == "metadata";
}

std::string below(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

// The schema of a member; null where it is not described. `open`: whatever it is may stay.
const json::object* member_schema(const json::object& schema, std::string_view name, bool& open) {
  open = preserves(schema);
  if (const json::object* found = object_at(schema, {"properties", name})) return found;
  const json::value* more = schema.if_contains("additionalProperties");
  if (more == nullptr) return nullptr;
  if (more->is_bool() && more->get_bool()) open = true;
  return more->if_object();
}

void prune_value(const json::object& schema, json::value& v, const std::string& path, bool resource,
                 std::vector<std::string>* complaints) {
  if (json::array* list = v.if_array()) {
    const json::object* items = object_at(schema, {"items"});
    size_t i = 0;
    for (json::value& element : *list) {
      if (items != nullptr) prune_value(*items, element, fmt::format("{}[{}]", path, i), false, complaints);
      ++i;
    }
    return;
  }
  json::object* object = v.if_object();
  if (object == nullptr) return;
  resource = resource || flag(schema, "x-kubernetes-embedded-resource");
  std::vector<std::string> drop;
  for (auto& member : *object) {
    const std::string_view name = member.key();
    if (resource && of_an_object(name)) continue;
    bool open = false;
    const json::object* inside = member_schema(schema, name, open);
    if (inside != nullptr) {
      prune_value(*inside, member.value(), below(path, name), false, complaints);
    } else if (!open) {
      if (complaints != nullptr)
        complaints->push_back(fmt::format("unknown field \"{}\"", below(path, name)));
      drop.emplace_back(name);
    }
  }
  for (const std::string& name : drop) object->erase(name);
}

void complete_value(const json::object& schema, json::value& v) {
  if (json::array* list = v.if_array()) {
    const json::object* items = object_at(schema, {"items"});
    for (size_t i = 0; items != nullptr && i < list->size(); ++i) complete_value(*items, (*list)[i]);
    return;
  }
  json::object* object = v.if_object();
  if (object == nullptr) return;
  if (const json::object* properties = object_at(schema, {"properties"})) {
    for (const auto& [name, inside] : *properties) {
      if (!inside.is_object()) continue;
      const json::object& described = inside.get_object();
      json::value* have = object->if_contains(name);
      if (have != nullptr && have->is_null() && !flag(described, "nullable")) {
        object->erase(name);
        have = nullptr;
      }
      const json::value* otherwise = described.if_contains("default");
      if (have == nullptr && otherwise != nullptr) (*object)[name] = *otherwise;
    }
  }
  for (auto& member : *object) {
    bool open = false;
    const json::object* inside = member_schema(schema, member.key(), open);
    if (inside != nullptr) complete_value(*inside, member.value());
  }
}

}  // namespace

Structural::Structural(const json::object* schema) : source_(schema) {
  static const json::object kNone;
  message_ = describe(schema == nullptr ? kNone : *schema, true);
  if (schema != nullptr) learn_patterns(*schema, 0);
}

Structural::~Structural() = default;

// RE2, as Kubernetes: its time is linear whatever the pattern.
void Structural::learn_patterns(const json::object& schema, int depth) {
  if (depth > kMaxDepth) return;
  if (const auto text = text_at(schema, {"pattern"}); !text.empty()) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(1 << 20);
    auto made = std::make_unique<re2::RE2>(re2::StringPiece(text.data(), text.size()), options);
    if (made->ok()) patterns_.emplace_back(&schema, std::move(made));
  }
  for (const auto& [name, value] : schema) {
    if (const json::object* inside = value.if_object()) {
      learn_patterns(*inside, depth + 1);
    } else if (const json::array* list = value.if_array()) {
      for (const json::value& element : *list)
        if (element.is_object()) learn_patterns(element.get_object(), depth + 1);
    }
  }
}

const re2::RE2* Structural::pattern(const json::object& schema) const {
  const auto it = std::find_if(patterns_.begin(), patterns_.end(),
                               [&](const auto& known) { return known.first == &schema; });
  return it == patterns_.end() ? nullptr : it->second.get();
}

const Message* Structural::describe(const json::object& schema, bool root) {
  std::vector<Field> fields;
  if (root)
    fields.push_back({.name = "metadata", .number = 1, .type = Type::message, .message = &object_meta()});
  if (const json::object* properties = object_at(schema, {"properties"})) {
    for (const auto& [name, value] : *properties) {
      if (!value.is_object() || (root && of_an_object(name))) continue;
      const json::object& inside = value.get_object();
      Field field{.name = names_.emplace_back(name), .type = Type::any};
      const auto type = text_at(inside, {"type"});
      if (type == "object" && inside.contains("properties")) {
        field.type = Type::message;
        field.message = describe(inside, false);
        field.atomic = text_at(inside, {"x-kubernetes-map-type"}) == "atomic";
      } else if (type == "object") {
        field.atomic = text_at(inside, {"x-kubernetes-map-type"}) == "atomic";
      } else if (type == "array") {
        field.shape = Shape::list;
        const auto list_type = text_at(inside, {"x-kubernetes-list-type"});
        const json::array* keys = array_at(inside, {"x-kubernetes-list-map-keys"});
        field.merge_set = list_type == "set";
        if (list_type == "map" && keys != nullptr && keys->size() == 1 && (*keys)[0].is_string()) {
          field.type = Type::message;
          const json::object* items = object_at(inside, {"items"});
          field.message = describe(items == nullptr ? json::object() : *items, false);
          field.merge_key = names_.emplace_back(std::string_view((*keys)[0].get_string()));
        }
      }
      fields.push_back(field);
    }
  }
  const auto& kept = fields_.emplace_back(std::move(fields));
  return &messages_.emplace_back(Message{.name = "", .fields = kept, .open = true});
}

void Structural::prune(json::object& object, std::vector<std::string>* complaints) const {
  if (source_ == nullptr) return;
  json::value whole(std::move(object));
  prune_value(*source_, whole, "", true, complaints);
  object = std::move(whole.get_object());
}

void Structural::complete(json::object& object) const {
  if (source_ == nullptr) return;
  json::value whole(std::move(object));
  complete_value(*source_, whole);
  object = std::move(whole.get_object());
}

}  // namespace gatehouse::kube
