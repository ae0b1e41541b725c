#include <fmt/format.h>

#include "base/time.h"
#include "kube/api/context.h"
#include "kube/objects/json_path.h"
#include "kube/objects/selectors.h"

namespace gatehouse::kube {
namespace {

struct Options {
  std::string propagation = "Background", uid, version;
  bool dry_run = false;
};

std::string scope(const Request& r) { return r.kind->scope == Scope::namespaced ? r.ns : std::string(); }

Result<Options> options_of(const Request& r) {
  Options out;
  out.dry_run = r.dry_run;
  if (const auto p = r.parameter("propagationPolicy"); !p.empty()) out.propagation = p;
  if (r.body.empty()) return out;
  const auto type = r.content_type.empty() ? std::string("application/json") : r.content_type;
  TRY(const Decoded body, decode(delete_options(), "DeleteOptions", type, r.body));
  if (const auto p = text_at(body.object, {"propagationPolicy"}); !p.empty()) out.propagation = p;
  if (json::bool_or(body.object, "orphanDependents", false)) out.propagation = "Orphan";
  out.uid = text_at(body.object, {"preconditions", "uid"});
  out.version = text_at(body.object, {"preconditions", "resourceVersion"});
  if (const json::array* dry = array_at(body.object, {"dryRun"}); dry != nullptr && !dry->empty())
    out.dry_run = true;
  if (out.propagation != "Background" && out.propagation != "Foreground" && out.propagation != "Orphan")
    return fail(status::bad_request(fmt::format("invalid propagationPolicy \"{}\"", out.propagation)));
  return out;
}

Result<void> preconditions(const Kind& kind, const Stored& item, const Options& options) {
  const auto uid = text_at(item.object, {"metadata", "uid"});
  if (!options.uid.empty() && options.uid != uid)
    return fail(
        status::conflict(kind, item.name,
                         fmt::format("Precondition failed: UID in precondition: {}, UID in object meta: {}",
                                     options.uid, uid)));
  if (!options.version.empty() && options.version != std::to_string(item.version))
    return fail(status::conflict(
        kind, item.name,
        fmt::format("Precondition failed: ResourceVersion in precondition: {}, ResourceVersion "
                    "in object meta: {}",
                    options.version, item.version)));
  return {};
}

Result<StoredPtr> mark_deleted(Context& context, const Kind& kind, const StoredPtr& item) {
  if (!text_at(item->object, {"metadata", "deletionTimestamp"}).empty()) return item;
  json::object object = item->object;
  json::object& metadata = make_object(object, "metadata");
  metadata["deletionTimestamp"] = iso8601(context.now());
  metadata["deletionGracePeriodSeconds"] = 0;
  if (kind.kind == "Namespace") make_object(object, "status")["phase"] = "Terminating";
  return context.objects.put(kind, std::move(object), item);
}

Answer remove_namespace(Context& context, const StoredPtr& item) {
  const Kind& kind = *context.request.kind;
  // The namespaces that NamespaceLifecycle protects.
  if (item->name == "default" || item->name == "kube-system" || item->name == "kube-public")
    return fail(status::forbidden(kind, item->name, "this namespace may not be deleted"));
  if (!text_at(item->object, {"metadata", "deletionTimestamp"}).empty()) {
    CHECK_OK(empty_namespace(context.objects, context.makers, item->name));
    if (context.objects.find(kind, "", item->name) == nullptr) return show(context, 200, item);
    return fail(status::conflict(
        kind, item->name,
        "The system is ensuring all content is removed from this namespace.  Upon completion, "
        "this namespace will automatically be purged by the system."));
  }
  TRY(const StoredPtr marked, mark_deleted(context, kind, item));
  CHECK_OK(empty_namespace(context.objects, context.makers, item->name));
  return show(context, 200, marked);
}

// Removes one object, or marks it where finalizers hold it. Returns what to show if it is still there.
Result<StoredPtr> remove_one(Context& context, const Kind& kind, const StoredPtr& item,
                             const Options& options) {
  const json::array* finalizers = array_at(item->object, {"metadata", "finalizers"});
  if (finalizers != nullptr && !finalizers->empty()) return mark_deleted(context, kind, item);
  TRY(const StoredPtr gone, context.objects.remove(kind, item));
  CHECK_OK(after_removal(context, kind, *gone, options.propagation));
  return StoredPtr();
}

// Calls visit(kind, item) for each object that names `uid` as an owner.
template <typename Visit>
Result<void> each_dependent(Context& context, const Stored& owner, const Visit& visit) {
  const auto uid = text_at(owner.object, {"metadata", "uid"});
  for (const Kind& kind : kinds()) {
    if (!kind.stored()) continue;
    for (const StoredPtr& item :
         context.objects.list(kind, kind.scope == Scope::namespaced ? owner.ns : "").items) {
      const json::array* owners = array_at(item->object, {"metadata", "ownerReferences"});
      if (owners == nullptr) continue;
      const bool ours = std::any_of(owners->begin(), owners->end(), [&](const json::value& o) {
        return o.is_object() && text_at(o.get_object(), {"uid"}) == uid;
      });
      if (ours) CHECK_OK(visit(kind, item, uid));
    }
  }
  return {};
}

Result<void> orphan(Context& context, const Kind& kind, const StoredPtr& item, std::string_view uid) {
  json::object object = item->object;
  json::object& metadata = make_object(object, "metadata");
  json::array kept;
  for (const json::value& o : metadata["ownerReferences"].get_array())
    if (text_at(o.get_object(), {"uid"}) != uid) kept.push_back(o);
  if (kept.empty()) {
    metadata.erase("ownerReferences");
  } else {
    metadata["ownerReferences"] = std::move(kept);
  }
  CHECK_OK(context.objects.put(kind, std::move(object), item));
  return {};
}

// A dependent goes with its last owner; with others left it only loses this one.
Result<void> release(Context& context, const Kind& kind, const StoredPtr& item, std::string_view uid,
                     std::string_view propagation) {
  const json::array* owners = array_at(item->object, {"metadata", "ownerReferences"});
  if (propagation == "Orphan" || (owners != nullptr && owners->size() > 1))
    return orphan(context, kind, item, uid);
  const auto removed = remove_one(context, kind, item, {});
  if (!removed && removed.error().code != "NotFound" && removed.error().code != "Conflict")
    return fail(removed.error());
  return {};
}

}  // namespace

Result<void> after_removal(Context& context, const Kind& kind, const Stored& gone,
                           std::string_view propagation) {
  CHECK_OK(each_dependent(context, gone, [&](const Kind& k, const StoredPtr& item, std::string_view uid) {
    return release(context, k, item, uid, propagation);
  }));
  if (kind.scope != Scope::namespaced) return {};
  const StoredPtr ns = context.objects.find(kind_of("", "namespaces"), "", gone.ns);
  if (ns == nullptr) return {};
  if (!text_at(ns->object, {"metadata", "deletionTimestamp"}).empty())
    return empty_namespace(context.objects, context.makers, gone.ns);
  const bool furniture = (kind.kind == "ServiceAccount" && gone.name == "default") ||
                         (kind.kind == "ConfigMap" && gone.name == "kube-root-ca.crt");
  return furniture ? furnish_namespace(context.objects, context.makers, gone.ns) : Result<void>();
}

Answer remove(Context& context) {
  const Request& r = context.request;
  const Kind& kind = *r.kind;
  TRY(const Options options, options_of(r));
  const StoredPtr item = context.objects.find(kind, scope(r), r.name);
  if (item == nullptr) return fail(status::not_found(kind, r.name));
  CHECK_OK(preconditions(kind, *item, options));
  const auto done = [&] {
    return json_response(200, status::success(kind, item->name, text_at(item->object, {"metadata", "uid"})));
  };
  if (options.dry_run) return done();
  if (kind.kind == "Namespace") return remove_namespace(context, item);
  TRY(const StoredPtr left, remove_one(context, kind, item, options));
  return left == nullptr ? done() : show(context, 200, left);
}

Answer remove_collection(Context& context) {
  const Request& r = context.request;
  const Kind& kind = *r.kind;
  TRY(const Options options, options_of(r));
  TRY(const Selector selector,
      Selector::parse(kind, r.parameter("labelSelector"), r.parameter("fieldSelector")));
  Snapshot items = context.objects.list(kind, scope(r));
  std::erase_if(items.items, [&](const StoredPtr& item) { return !selector.matches(item->object); });
  for (const StoredPtr& item : items.items) {
    if (options.dry_run) break;
    const auto removed = remove_one(context, kind, item, options);
    if (!removed && removed.error().code != "NotFound") return fail(removed.error());
  }
  return json_response(200, present_list(kind, r.view, items, context.now()));
}

}  // namespace gatehouse::kube
