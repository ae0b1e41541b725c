#include "kube/addon_accounts.h"

#include "kube/objects/json_path.h"

namespace gatehouse::kube {
namespace {

constexpr std::string_view kRole = "eks.amazonaws.com/role-arn";
constexpr std::string_view kManager = "app.kubernetes.io/managed-by", kEks = "EKS";

bool lost_a_race(const Error& error) {
  return error.code == "AlreadyExists" || error.code == "Conflict" || error.code == "NotFound";
}

Result<void> ensure_namespace(Objects& objects, const Makers& makers, std::string_view ns) {
  const Kind& kind = kind_of("", "namespaces");
  if (objects.find(kind, "", ns) == nullptr) {
    json::object object{{"metadata", json::object{{"name", ns}}}};
    if (kind.complete != nullptr) kind.complete(object, nullptr);
    stamp(object, makers);
    const auto made = objects.put(kind, std::move(object), nullptr);
    if (!made && !lost_a_race(made.error())) return fail(made.error());
  }
  return furnish_namespace(objects, makers, ns);
}

// The account as it shall be.
json::object with_role(json::object object, const AddonAccount& account) {
  json::object& annotations = make_object(make_object(object, "metadata"), "annotations");
  if (annotations.contains(kRole) && !account.overwrite) return object;
  if (account.role_arn.empty()) {
    annotations.erase(kRole);
  } else {
    annotations[kRole] = account.role_arn;
  }
  if (annotations.empty()) object["metadata"].as_object().erase("annotations");
  return object;
}

json::object new_account(const AddonAccount& account, const Makers& makers) {
  json::object object{{"metadata", json::object{{"name", account.name},
                                                {"namespace", account.ns},
                                                {"labels", json::object{{kManager, kEks}}}}}};
  stamp(object, makers);
  return object;
}

}  // namespace

Result<void> keep_addon_account(const Cluster& cluster, const Makers& makers, const AddonAccount& account) {
  Objects& objects = *cluster.objects;
  CHECK_OK(ensure_namespace(objects, makers, account.ns));
  const Kind& kind = kind_of("", "serviceaccounts");
  while (true) {
    const StoredPtr before = objects.find(kind, account.ns, account.name);
    json::object object =
        with_role(before == nullptr ? new_account(account, makers) : before->object, account);
    if (before != nullptr && object == before->object) return {};
    const auto put = objects.put(kind, std::move(object), before);
    if (put) return {};
    if (!lost_a_race(put.error())) return fail(put.error());
  }
}

Result<void> drop_addon_account(const Cluster& cluster, std::string_view ns, std::string_view name) {
  Objects& objects = *cluster.objects;
  const Kind& kind = kind_of("", "serviceaccounts");
  while (true) {
    const StoredPtr before = objects.find(kind, ns, name);
    if (before == nullptr || text_at(before->object, {"metadata", "labels", kManager}) != kEks) return {};
    const auto removed = objects.remove(kind, before);
    if (removed) return {};
    if (!lost_a_race(removed.error())) return fail(removed.error());
  }
}

}  // namespace gatehouse::kube
