#include "kube/bootstrap.h"

#include "base/time.h"
#include "kube/access/aggregation.h"
#include "kube/access/builtin_roles.h"
#include "kube/objects/json_path.h"
#include "kube/schema/rules.h"
#include "kube/termination.h"

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
  CHECK_OK(finish_terminations(objects, makers));
  for (const StoredPtr& ns : objects.list(namespaces, "").items)
    if (text_at(ns->object, {"metadata", "deletionTimestamp"}).empty())
      CHECK_OK(furnish_namespace(objects, makers, ns->name));
  for (const BuiltIn& item : built_in_roles()) CHECK_OK(ensure(objects, makers, *item.kind, item.object));
  return aggregate_roles(objects);
}

}  // namespace gatehouse::kube
