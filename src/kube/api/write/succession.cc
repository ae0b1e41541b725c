#include "kube/api/write/succession.h"

#include <fmt/format.h>

#include "kube/objects/json_path.h"
#include "kube/objects/status.h"

namespace gatehouse::kube {
namespace {

Result<void> same_object(const Request& r, const json::object& metadata, const Stored& old) {
  const auto given = text_at(metadata, {"resourceVersion"});
  if (!given.empty() && given != std::to_string(old.version))
    return fail(status::conflict(*r.kind, old.name));
  const auto uid = text_at(metadata, {"uid"});
  const auto real = text_at(old.object, {"metadata", "uid"});
  if (!uid.empty() && uid != real)
    return fail(status::conflict(
        *r.kind, old.name,
        fmt::format("Precondition failed: UID in precondition: {}, UID in object meta: {}", uid, real)));
  return {};
}

void keep(json::object& object, const json::object& old, std::string_view member) {
  if (const json::value* v = old.if_contains(member)) {
    object[member] = *v;
  } else {
    object.erase(member);
  }
}

// [] or [{}]: https://kubernetes.io/docs/reference/using-api/server-side-apply/#clearing-managedfields
bool resets_owners(const json::object& metadata) {
  const json::array* given = array_at(metadata, {"managedFields"});
  if (given == nullptr) return false;
  return given->empty() ||
         (given->size() == 1 && (*given)[0].is_object() && (*given)[0].get_object().empty());
}

}  // namespace

Result<bool> succeed(const Request& r, json::object& object, const Stored& old) {
  json::object& metadata = make_object(object, "metadata");
  CHECK_OK(same_object(r, metadata, old));
  const json::object& before = *object_at(old.object, {"metadata"});
  for (const char* member : {"uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
                             "generation", "generateName", "resourceVersion"})
    keep(metadata, before, member);
  const bool resets = resets_owners(metadata);
  if (resets) {
    metadata.erase("managedFields");
  } else if (!metadata.contains("managedFields")) {
    keep(metadata, before, "managedFields");
  }
  if (text_at(metadata, {"name"}).empty()) metadata["name"] = old.name;
  if (!old.ns.empty() && text_at(metadata, {"namespace"}).empty()) metadata["namespace"] = old.ns;
  if (r.subresource == "status") {
    json::object whole = old.object;
    if (const json::value* given = object.if_contains("status")) {
      whole["status"] = *given;
    } else {
      whole.erase("status");
    }
    keep(make_object(whole, "metadata"), metadata, "managedFields");
    object = std::move(whole);
  } else if (r.kind->has_part("status")) {
    keep(object, old.object, "status");
  }
  // Only /finalize changes a namespace's own finalizers.
  if (r.kind->kind == "Namespace" && r.subresource != "finalize") keep(object, old.object, "spec");
  return !resets;
}

void count_generation(const Kind& kind, json::object& object, const json::object& old) {
  if (!kind.counts_generations) return;
  const auto content = [&](const json::object& o) {
    json::object out = o;
    out.erase("metadata");
    if (kind.has_part("status")) out.erase("status");
    return out;
  };
  if (content(object) == content(old)) return;
  json::object& metadata = make_object(object, "metadata");
  metadata["generation"] = json::int_or(metadata, "generation", 0) + 1;
}

}  // namespace gatehouse::kube
