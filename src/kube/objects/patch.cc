#include "kube/objects/patch.h"

#include <fmt/format.h>

#include <charconv>

#include "kube/objects/json_path.h"

namespace gatehouse::kube {
namespace {

constexpr size_t kMaxOperations = 10'000;  // as kube-apiserver

std::unexpected<Error> does_not_apply(std::string what) {
  return fail("Invalid",
              fmt::format("the server rejected our request due to an error in our request: {}", what), 422);
}

// Where a JSON pointer leads: its parent, and the last token (RFC 6901).
struct Place {
  json::value* parent = nullptr;
  std::string token;
};

std::string unescape(std::string_view token) {
  std::string out;
  for (size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1')) {
      out += token[++i] == '0' ? '~' : '/';
    } else {
      out += token[i];
    }
  }
  return out;
}

// An array index without leading zeros; nullptr beyond the end.
json::value* element(json::array& list, std::string_view token) {
  size_t index = 0;
  const auto r = std::from_chars(token.data(), token.data() + token.size(), index);
  if (r.ec != std::errc{} || r.ptr != token.data() + token.size() || (token.size() > 1 && token[0] == '0'))
    return nullptr;
  return index < list.size() ? &list[index] : nullptr;
}

json::value* child(json::value& v, std::string_view token) {
  if (json::object* o = v.if_object()) return o->if_contains(token);
  if (json::array* a = v.if_array()) return element(*a, token);
  return nullptr;
}

Result<Place> locate(json::value& root, std::string_view pointer) {
  if (!pointer.starts_with('/')) return does_not_apply(fmt::format("bad path \"{}\"", pointer));
  Place place{&root, ""};
  pointer.remove_prefix(1);
  while (true) {
    const auto slash = pointer.find('/');
    place.token = unescape(pointer.substr(0, slash));
    if (slash == std::string_view::npos) return place;
    place.parent = child(*place.parent, place.token);
    if (place.parent == nullptr) return does_not_apply(fmt::format("no such path \"{}\"", place.token));
    pointer.remove_prefix(slash + 1);
  }
}

Result<void> add(json::value& root, std::string_view pointer, json::value what) {
  if (pointer.empty()) {
    root = std::move(what);
    return {};
  }
  TRY(const Place place, locate(root, pointer));
  if (json::object* o = place.parent->if_object()) {
    (*o)[place.token] = std::move(what);
    return {};
  }
  json::array* list = place.parent->if_array();
  if (list == nullptr) return does_not_apply(fmt::format("\"{}\" is inside no object", pointer));
  if (place.token == "-" || place.token == std::to_string(list->size())) {
    list->push_back(std::move(what));
    return {};
  }
  json::value* at_index = element(*list, place.token);
  if (at_index == nullptr) return does_not_apply(fmt::format("index {} is out of bounds", place.token));
  list->insert(list->begin() + (at_index - list->data()), std::move(what));
  return {};
}

Result<json::value> take(json::value& root, std::string_view pointer) {
  TRY(const Place place, locate(root, pointer));
  json::value* found = child(*place.parent, place.token);
  if (found == nullptr)
    return does_not_apply(fmt::format("unable to remove nonexistent key: {}", place.token));
  json::value out = std::move(*found);
  if (json::object* o = place.parent->if_object()) {
    o->erase(place.token);
  } else {
    json::array& list = place.parent->get_array();
    list.erase(list.begin() + (found - list.data()));
  }
  return out;
}

Result<json::value> copy_of(json::value& root, std::string_view pointer) {
  if (pointer.empty()) return root;
  TRY(const Place place, locate(root, pointer));
  const json::value* found = child(*place.parent, place.token);
  if (found == nullptr) return does_not_apply(fmt::format("no such path \"{}\"", pointer));
  return *found;
}

Result<void> apply_operation(json::value& root, const json::object& operation) {
  const auto op = text_at(operation, {"op"});
  const auto path = json::string_at(operation, "path");
  if (!path) return does_not_apply("an operation without a path");
  if (op == "remove") {
    CHECK_OK(take(root, *path));
    return {};
  }
  if (op == "move" || op == "copy") {
    const auto from = json::string_at(operation, "from");
    if (!from) return does_not_apply(fmt::format("{} without from", op));
    if (op == "move" && path->starts_with(std::string(*from) + "/"))
      return does_not_apply("a value cannot be moved into itself");
    TRY(json::value what, op == "move" ? take(root, *from) : copy_of(root, *from));
    return add(root, *path, std::move(what));
  }
  const json::value* what = operation.if_contains("value");
  if (what == nullptr) return does_not_apply(fmt::format("{} without a value", op));
  if (op == "add") return add(root, *path, *what);
  if (op == "replace") {
    if (!path->empty()) CHECK_OK(take(root, *path));
    return add(root, *path, *what);
  }
  if (op == "test") {
    TRY(const json::value have, copy_of(root, *path));
    if (have != *what) return does_not_apply(fmt::format("testing value {} failed", *path));
    return {};
  }
  return does_not_apply(fmt::format("unexpected kind: {}", op));
}

}  // namespace

void merge_patch(json::value& target, const json::value& patch) {
  const json::object* members = patch.if_object();
  if (members == nullptr) {
    target = patch;
    return;
  }
  if (!target.is_object()) target.emplace_object();
  for (const auto& [key, value] : *members) {
    if (value.is_null()) {
      target.get_object().erase(key);
    } else {
      merge_patch(target.get_object()[key], value);
    }
  }
}

Result<void> json_patch(json::value& target, const json::value& operations) {
  const json::array* list = operations.if_array();
  if (list == nullptr)
    return fail("BadRequest", "json: cannot unmarshal object into Go value of type jsonpatch.Patch");
  if (list->size() > kMaxOperations)
    return fail("RequestEntityTooLarge",
                fmt::format("The allowed maximum operations in a JSON patch is {}, got {}", kMaxOperations,
                            list->size()),
                413);
  for (const json::value& operation : *list) {
    if (!operation.is_object()) return does_not_apply("an operation that is no object");
    CHECK_OK(apply_operation(target, operation.get_object()));
  }
  return {};
}

}  // namespace gatehouse::kube
