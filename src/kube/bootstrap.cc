#include "kube/bootstrap.h"

#include "base/time.h"
#include "kube/access/builtin_roles.h"
#include "kube/objects/json_path.h"
#include "kube/schema/rules.h"

namespace gatehouse::kube {
namespace {

json::object named(std::string_view ns, std::string_view name) {
  json::object metadata{{"name", name}};
  if (!ns.empty()) metadata["namespace"] = ns;
  return {{"metadata", std::move(metadata)}};
}

// Creates it unless there is one already.
Result<void> ensure(Objects& objects, const Makers& makers, const Kind& kind, json::object object) {
  if (objects.find(kind, text_at(object, {"metadata", "namespace"}), text_at(object, {"metadata", "name"})))
    return {};
  if (kind.complete != nullptr) kind.complete(object, nullptr);
  stamp(object, makers);
  const auto made = objects.put(kind, std::move(object), nullptr);
  if (!made && made.error().code != "AlreadyExists") return fail(made.error());
  return {};
}

Result<void> mark_deleted(Objects& objects, const Makers& makers, const Kind& kind, const StoredPtr& item) {
  if (!text_at(item->object, {"metadata", "deletionTimestamp"}).empty()) return {};
  json::object object = item->object;
  json::object& metadata = make_object(object, "metadata");
  metadata["deletionTimestamp"] = iso8601(makers.clock.now());
  metadata["deletionGracePeriodSeconds"] = 0;
  CHECK_OK(objects.put(kind, std::move(object), item));
  return {};
}

}  // namespace

void stamp(json::object& object, const Makers& makers) {
  json::object& metadata = make_object(object, "metadata");
  metadata["uid"] = makers.random.uuid();
  metadata["creationTimestamp"] = iso8601(makers.clock.now());
}

Result<void> furnish_namespace(Objects& objects, const Makers& makers, std::string_view ns) {
  CHECK_OK(ensure(objects, makers, kind_of("", "serviceaccounts"), named(ns, "default")));
  // https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/: pods find the API's CA
  // here.
  json::object ca = named(ns, "kube-root-ca.crt");
  ca["data"] = json::object{{"ca.crt", makers.ca_pem}};
  return ensure(objects, makers, kind_of("", "configmaps"), std::move(ca));
}

Result<void> bootstrap(Objects& objects, const Makers& makers) {
  const Kind& namespaces = kind_of("", "namespaces");
  for (const std::string_view ns : {"default", "kube-system", "kube-public", "kube-node-lease"})
    CHECK_OK(ensure(objects, makers, namespaces, named("", ns)));
  for (const StoredPtr& ns : objects.list(namespaces, "").items) {
    if (text_at(ns->object, {"metadata", "deletionTimestamp"}).empty()) {
      CHECK_OK(furnish_namespace(objects, makers, ns->name));
    } else {
      CHECK_OK(empty_namespace(objects, makers, ns->name));
    }
  }
  for (const BuiltIn& item : built_in_roles()) CHECK_OK(ensure(objects, makers, *item.kind, item.object));
  return {};
}

Result<void> empty_namespace(Objects& objects, const Makers& makers, std::string_view ns) {
  bool left = false;
  for (const Kind& kind : kinds()) {
    if (!kind.stored() || kind.scope != Scope::namespaced) continue;
    for (const StoredPtr& item : objects.list(kind, ns).items) {
      const json::array* finalizers = array_at(item->object, {"metadata", "finalizers"});
      if (finalizers != nullptr && !finalizers->empty()) {
        left = true;
        CHECK_OK(mark_deleted(objects, makers, kind, item));
      } else if (const auto gone = objects.remove(kind, item); !gone && gone.error().code != "NotFound") {
        if (gone.error().code != "Conflict") return fail(gone.error());
        left = true;
      }
    }
  }
  const Kind& namespaces = kind_of("", "namespaces");
  const StoredPtr self = objects.find(namespaces, "", ns);
  if (left || self == nullptr) return {};
  const json::array* own = array_at(self->object, {"metadata", "finalizers"});
  if (own != nullptr && !own->empty()) return {};
  if (const auto gone = objects.remove(namespaces, self); !gone && gone.error().code != "NotFound")
    return fail(gone.error());
  return {};
}

}  // namespace gatehouse::kube
