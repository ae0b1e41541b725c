#include "kube/termination.h"

#include <fmt/format.h>

#include "base/time.h"
#include "kube/objects/json_path.h"

namespace gatehouse::kube {
namespace {

bool deleting(const json::object& object) {
  return !text_at(object, {"metadata", "deletionTimestamp"}).empty();
}

bool has_finalizers(const json::object& object) {
  const json::array* finalizers = array_at(object, {"metadata", "finalizers"});
  return finalizers != nullptr && !finalizers->empty();
}

// What could not be removed, by resource and by finalizer.
struct Left {
  std::map<std::string, int> resources, finalizers;
  bool empty() const { return resources.empty(); }
};

Result<void> empty_kind(Objects& objects, const Makers& makers, const Kind& kind, std::string_view ns,
                        Left& left) {
  for (const StoredPtr& item : objects.list(kind, ns).items) {
    if (has_finalizers(item->object)) {
      ++left.resources[kind.resource() + (kind.group.empty() ? "." : "")];
      for (const json::value& f : *array_at(item->object, {"metadata", "finalizers"}))
        ++left.finalizers[f.is_string() ? std::string(std::string_view(f.get_string())) : ""];
      if (!deleting(item->object))
        CHECK_OK(objects.put(kind, marked_deleted(item->object, makers.clock.now()), item));
    } else if (const auto gone = objects.remove(kind, item); !gone && gone.error().code != "NotFound") {
      if (gone.error().code != "Conflict") return fail(gone.error());
      ++left.resources[kind.resource()];
    }
  }
  return {};
}

json::object condition(std::string_view type, bool holds, Time now, std::string_view reason,
                       std::string message) {
  return {{"type", type},
          {"status", holds ? "True" : "False"},
          {"lastTransitionTime", iso8601(now)},
          {"reason", reason},
          {"message", std::move(message)}};
}

std::string counted(const std::map<std::string, int>& counts, std::string_view what) {
  std::string out;
  for (const auto& [name, n] : counts)
    out += fmt::format("{}{} {} {} resource instances", out.empty() ? "" : ", ", name, what, n);
  return out;
}

// The conditions of the namespace controller, by which one sees what keeps a namespace.
Result<void> say_what_is_left(Objects& objects, const Makers& makers, const StoredPtr& ns, const Left& left) {
  const Time now = makers.clock.now();
  json::object object = ns->object;
  json::object& status = make_object(object, "status");
  status["phase"] = "Terminating";
  json::array conditions;
  conditions.push_back(condition("NamespaceDeletionDiscoveryFailure", false, now, "ResourcesDiscovered",
                                 "All resources successfully discovered"));
  conditions.push_back(condition("NamespaceDeletionGroupVersionParsingFailure", false, now,
                                 "ParsedGroupVersions", "All legacy kube types successfully parsed"));
  conditions.push_back(condition("NamespaceDeletionContentFailure", false, now, "ContentDeleted",
                                 "All content successfully deleted, may be waiting on finalization"));
  conditions.push_back(condition("NamespaceContentRemaining", true, now, "SomeResourcesRemain",
                                 "Some resources are remaining: " + counted(left.resources, "has")));
  conditions.push_back(
      condition("NamespaceFinalizersRemaining", true, now, "SomeFinalizersRemain",
                "Some content in the namespace has finalizers remaining: " + counted(left.finalizers, "in")));
  const auto message_of = [](const json::object& o) {
    const json::array* all = array_at(o, {"status", "conditions"});
    std::string out;
    for (size_t i = 0; all != nullptr && i < all->size(); ++i)
      out += text_at((*all)[i].get_object(), {"message"});
    return out;
  };
  status["conditions"] = std::move(conditions);
  if (message_of(object) == message_of(ns->object)) return {};
  const auto saved = objects.put(kind_of("", "namespaces"), std::move(object), ns);
  return saved || saved.error().code == "Conflict" ? Result<void>() : fail(saved.error());
}

// A namespace's own finalizers but the one that this is.
bool held_by_others(const json::object& ns) {
  const json::array* own = array_at(ns, {"spec", "finalizers"});
  return own != nullptr && std::any_of(own->begin(), own->end(),
                                       [](const json::value& f) { return f != json::value("kubernetes"); });
}

Result<void> remove_if_there(Objects& objects, const Kind& kind, const StoredPtr& item) {
  const auto gone = objects.remove(kind, item);
  if (!gone && gone.error().code != "NotFound" && gone.error().code != "Conflict") return fail(gone.error());
  return {};
}

}  // namespace

json::object marked_deleted(json::object object, Time now) {
  json::object& metadata = make_object(object, "metadata");
  metadata["deletionTimestamp"] = iso8601(now);
  metadata["deletionGracePeriodSeconds"] = 0;
  if (const auto generation = json::int_or(metadata, "generation", 0); generation > 0)
    metadata["generation"] = generation + 1;
  return object;
}

Result<void> empty_namespace(Objects& objects, const Makers& makers, std::string_view ns) {
  const Kind& namespaces = kind_of("", "namespaces");
  Left left;
  const KindSetPtr kinds = objects.kinds();
  for (const Kind* kind : kinds->kept())
    if (kind->scope == Scope::namespaced) CHECK_OK(empty_kind(objects, makers, *kind, ns, left));
  const StoredPtr self = objects.find(namespaces, "", ns);
  if (self == nullptr) return {};
  if (!left.empty()) return say_what_is_left(objects, makers, self, left);
  if (has_finalizers(self->object) || held_by_others(self->object)) return {};
  return remove_if_there(objects, namespaces, self);
}

Result<void> empty_definition(Objects& objects, const Makers& makers, std::string_view definition) {
  const Kind& definitions = kind_of("apiextensions.k8s.io", "customresourcedefinitions");
  const StoredPtr self = objects.find(definitions, "", definition);
  if (self == nullptr || !deleting(self->object)) return {};
  Left left;
  const KindSetPtr kinds = objects.kinds();
  for (const Kind* kind : kinds->custom())
    if (kind->resource() == definition) CHECK_OK(empty_kind(objects, makers, *kind, "", left));
  const StoredPtr now = objects.find(definitions, "", definition);
  if (now == nullptr || !left.empty() || has_finalizers(now->object)) return {};
  return remove_if_there(objects, definitions, now);
}

Result<void> finish_definition(Objects& objects, const Makers& makers, const Kind& custom) {
  return empty_definition(objects, makers, custom.resource());
}

Result<void> finish_terminations(Objects& objects, const Makers& makers) {
  const Kind& definitions = kind_of("apiextensions.k8s.io", "customresourcedefinitions");
  for (const StoredPtr& item : objects.list(definitions, "").items)
    CHECK_OK(empty_definition(objects, makers, item->name));
  for (const StoredPtr& ns : objects.list(kind_of("", "namespaces"), "").items)
    if (deleting(ns->object)) CHECK_OK(empty_namespace(objects, makers, ns->name));
  return {};
}

}  // namespace gatehouse::kube
