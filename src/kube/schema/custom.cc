#include "kube/schema/custom.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "kube/objects/json_path.h"
#include "kube/schema/columns.h"

namespace gatehouse::kube {
namespace {

constexpr Subresource kStatus{"status", "", "", "", "get patch update"};

const json::object& part_of(const json::object& o, std::string_view member) {
  static const json::object kNone;
  const json::object* found = object_at(o, {member});
  return found == nullptr ? kNone : *found;
}

bool condition(const json::object& definition, std::string_view type) {
  const json::array* all = array_at(definition, {"status", "conditions"});
  return all != nullptr && std::any_of(all->begin(), all->end(), [&](const json::value& c) {
           return c.is_object() && text_at(c.get_object(), {"type"}) == type &&
                  text_at(c.get_object(), {"status"}) == "True";
         });
}

// "v2beta1": what it is, its number and its stage's number.
struct Parts {
  int stage = 0;  // 0 not of this form, 1 alpha, 2 beta, 3 stable
  int major = 0, minor = 0;
};

Parts parts_of(std::string_view version) {
  Parts out;
  if (!version.starts_with('v')) return out;
  version.remove_prefix(1);
  const auto number = [&](int& into) {
    const auto read = std::from_chars(version.data(), version.data() + version.size(), into);
    if (read.ec != std::errc{}) return false;
    version.remove_prefix(static_cast<size_t>(read.ptr - version.data()));
    return true;
  };
  if (!number(out.major)) return out;
  if (version.empty()) {
    out.stage = 3;
  } else if (version.starts_with("alpha") || version.starts_with("beta")) {
    const int stage = version.starts_with("alpha") ? 1 : 2;
    version.remove_prefix(stage == 1 ? 5 : 4);
    if (number(out.minor) && version.empty()) out.stage = stage;
  }
  return out;
}

}  // namespace

bool newer_version(std::string_view a, std::string_view b) {
  const Parts x = parts_of(a);
  const Parts y = parts_of(b);
  if (x.stage == 0 && y.stage == 0) return a < b;
  return std::tuple(x.stage, x.major, x.minor) > std::tuple(y.stage, y.major, y.minor);
}

std::shared_ptr<const CustomKinds> CustomKinds::of(const json::object& definition) {
  return std::shared_ptr<const CustomKinds>(new CustomKinds(definition));
}

bool CustomKinds::is_of(const json::object& definition) const {
  return text_at(definition, {"metadata", "uid"}) == uid_ && part_of(definition, "spec") == spec_ &&
         condition(definition, "Established") == !names_accepted_.empty();
}

CustomKinds::CustomKinds(const json::object& definition)
    : uid_(text_at(definition, {"metadata", "uid"})),
      spec_(part_of(definition, "spec")),
      names_accepted_(condition(definition, "Established") ? "yes" : "") {
  const json::array* versions = array_at(spec_, {"versions"});
  if (versions == nullptr) return;
  kinds_.reserve(versions->size());  // what points to a row goes on doing so
  std::vector<const json::object*> order;
  for (const json::value& v : *versions)
    if (v.is_object()) order.push_back(&v.get_object());
  std::stable_sort(order.begin(), order.end(), [](const json::object* a, const json::object* b) {
    const bool kept_a = json::bool_or(*a, "storage", false);
    const bool kept_b = json::bool_or(*b, "storage", false);
    if (kept_a != kept_b) return kept_a;
    return newer_version(text_at(*a, {"name"}), text_at(*b, {"name"}));
  });
  for (const json::object* version : order) add(*version);
}

std::string_view CustomKinds::keep(std::string text) { return texts_.emplace_back(std::move(text)); }

std::string_view CustomKinds::spaced(const json::array* list) {
  std::string out;
  for (size_t i = 0; list != nullptr && i < list->size(); ++i)
    if ((*list)[i].is_string())
      out.append(out.empty() ? "" : " ").append(std::string_view((*list)[i].get_string()));
  return keep(std::move(out));
}

void CustomKinds::add(const json::object& version) {
  const json::object& names = part_of(spec_, "names");
  const auto text = [&](const json::object& o, std::string_view member) {
    return keep(std::string(text_at(o, {member})));
  };
  const Structural& schema = schemas_.emplace_back(object_at(version, {"schema", "openAPIV3Schema"}));
  Kind kind{.group = text(spec_, "group"),
            .version = text(version, "name"),
            .kind = text(names, "kind"),
            .plural = text(names, "plural"),
            .short_names = spaced(array_at(names, {"shortNames"})),
            .categories = spaced(array_at(names, {"categories"})),
            .scope = text_at(spec_, {"scope"}) == "Cluster" ? Scope::cluster : Scope::namespaced,
            .message = &schema.message(),
            .counts_generations = true,
            .structural = &schema,
            .singular_name = text(names, "singular"),
            .list_name = text(names, "listKind")};
  if (json::bool_or(version, "deprecated", false)) {
    const auto given = text_at(version, {"deprecationWarning"});
    kind.warning =
        keep(given.empty() ? fmt::format("{}/{} {} is deprecated", kind.group, kind.version, kind.kind)
                           : std::string(given));
  }
  auto& columns = columns_.emplace_back();
  columns.push_back(columns::kNameColumn);
  const json::array* more = array_at(version, {"additionalPrinterColumns"});
  for (size_t i = 0; more != nullptr && i < more->size(); ++i) {
    const json::object* c = (*more)[i].if_object();
    if (c == nullptr) continue;
    columns.push_back({text(*c, "name"), text(*c, "type"), text(*c, "format"),
                       static_cast<int>(json::int_or(*c, "priority", 0)), text(*c, "description"), nullptr,
                       text(*c, "jsonPath")});
  }
  if (more == nullptr || more->empty()) columns.push_back(columns::kAgeColumn);
  kind.columns = columns;
  auto& parts = parts_.emplace_back();
  if (object_at(version, {"subresources", "status"}) != nullptr) {
    parts.push_back(kStatus);
    parts.back().group = kind.group;
    parts.back().version = kind.version;
    parts.back().kind = kind.kind;
  }
  if (const json::object* scale = object_at(version, {"subresources", "scale"})) {
    parts.push_back({"scale", "autoscaling", "v1", "Scale", "get patch update"});
    parts.back().scale = {text(*scale, "specReplicasPath"), text(*scale, "statusReplicasPath"),
                          text(*scale, "labelSelectorPath")};
  }
  kind.subresources = parts;
  // The first row is the one that is kept.
  if (!kinds_.empty()) kind.storage = keep(kinds_.front().resource());
  kinds_.push_back(kind);
  if (json::bool_or(version, "served", false) && !names_accepted_.empty()) served_.insert(&kinds_.back());
}

}  // namespace gatehouse::kube
