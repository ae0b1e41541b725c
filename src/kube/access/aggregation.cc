#include "kube/access/aggregation.h"

#include <algorithm>

#include "kube/objects/json_path.h"
#include "kube/objects/selectors.h"

namespace gatehouse::kube {
namespace {

constexpr int kRounds = 8;  // a role may aggregate aggregated roles

json::array rules_selected_by(const Stored& role, const std::vector<StoredPtr>& all) {
  json::array out;
  const json::array* selectors = array_at(role.object, {"aggregationRule", "clusterRoleSelectors"});
  for (size_t i = 0; selectors != nullptr && i < selectors->size(); ++i) {
    const json::object* text = (*selectors)[i].if_object();
    const auto selector = text == nullptr ? Result<Selector>(fail("", "")) : Selector::of_object(*text);
    if (!selector) continue;
    for (const StoredPtr& other : all) {
      if (other->name == role.name ||
          !selector->matches_labels(object_at(other->object, {"metadata", "labels"})))
        continue;
      const json::array* rules = array_at(other->object, {"rules"});
      for (size_t r = 0; rules != nullptr && r < rules->size(); ++r)
        if (std::find(out.begin(), out.end(), (*rules)[r]) == out.end()) out.push_back((*rules)[r]);
    }
  }
  return out;
}

Result<bool> aggregate_once(Objects& objects, const Kind& kind) {
  bool changed = false;
  const Snapshot all = objects.list(kind, "");
  for (const StoredPtr& role : all.items) {
    if (object_at(role->object, {"aggregationRule"}) == nullptr) continue;
    json::array rules = rules_selected_by(*role, all.items);
    const json::array* now = array_at(role->object, {"rules"});
    if (now == nullptr ? rules.empty() : *now == rules) continue;
    json::object object = role->object;
    object["rules"] = std::move(rules);
    const auto saved = objects.put(kind, std::move(object), role);
    // Whoever was faster aggregates too.
    if (!saved && saved.error().code != "Conflict" && saved.error().code != "NotFound")
      return fail(saved.error());
    changed = true;
  }
  return changed;
}

}  // namespace

Result<void> aggregate_roles(Objects& objects) {
  const Kind& kind = kind_of("rbac.authorization.k8s.io", "clusterroles");
  for (int round = 0; round < kRounds; ++round) {
    TRY(const bool changed, aggregate_once(objects, kind));
    if (!changed) break;
  }
  return {};
}

}  // namespace gatehouse::kube
