// Who may enter a cluster by its access entries, and how entries are kept.
#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "base/json.h"
#include "service/eks/eks.h"

namespace gatehouse::service::eks {
namespace {

std::vector<std::string> texts(const json::object& o, std::string_view key) {
  std::vector<std::string> out;
  if (const auto* v = o.if_contains(key); v != nullptr && v->is_array()) {
    for (const auto& text : v->get_array()) out.emplace_back(text.as_string());
  }
  return out;
}

Time time_at(const json::object& o, std::string_view key) {
  return Time(std::chrono::milliseconds(json::int_or(o, key, 0)));
}

json::array array(const std::vector<std::string>& list) { return json::array(list.begin(), list.end()); }

}  // namespace

json::array entries_to_json(const std::vector<AccessEntry>& entries) {
  json::array out;
  for (const AccessEntry& e : entries) {
    json::array policies;
    for (const auto& p : e.policies) {
      policies.push_back(json::object{{"policy", p.grant.policy},
                                      {"namespaces", array(p.grant.namespaces)},
                                      {"associated", p.associated.time_since_epoch().count()},
                                      {"modified", p.modified.time_since_epoch().count()}});
    }
    json::object tags;
    for (const auto& [key, value] : e.tags) tags[key] = value;
    out.push_back(json::object{{"principal", e.principal},
                               {"id", e.id},
                               {"type", e.type},
                               {"username", e.username},
                               {"groups", array(e.groups)},
                               {"tags", std::move(tags)},
                               {"policies", std::move(policies)},
                               {"created", e.created.time_since_epoch().count()},
                               {"modified", e.modified.time_since_epoch().count()}});
  }
  return out;
}

std::vector<AccessEntry> entries_from_json(const json::object& record) {
  std::vector<AccessEntry> out;
  const auto* entries = record.if_contains("accessEntries");
  if (entries == nullptr || !entries->is_array()) return out;
  for (const auto& v : entries->get_array()) {
    const json::object& o = v.as_object();
    AccessEntry e;
    e.principal = json::string_or(o, "principal", "");
    e.id = json::string_or(o, "id", "");
    e.type = json::string_or(o, "type", "");
    e.username = json::string_or(o, "username", "");
    e.groups = texts(o, "groups");
    for (const auto& [key, value] : o.at("tags").as_object()) e.tags.emplace(key, value.as_string());
    for (const auto& p : o.at("policies").as_array()) {
      const json::object& from = p.as_object();
      e.policies.push_back({{json::string_or(from, "policy", ""), texts(from, "namespaces")},
                            time_at(from, "associated"),
                            time_at(from, "modified")});
    }
    e.created = time_at(o, "created");
    e.modified = time_at(o, "modified");
    out.push_back(std::move(e));
  }
  return out;
}

void Eks::see(Cluster cluster) const {
  const std::unique_lock lock(seeing_);
  auto& now = seen_[cluster.hex];
  if (now == nullptr || now->revision < cluster.revision)
    now = std::make_shared<const Cluster>(std::move(cluster));
}

std::shared_ptr<const Cluster> Eks::seen(const kube::Cluster& cluster) const {
  {
    const std::shared_lock lock(seeing_);
    if (const auto it = seen_.find(cluster.hex); it != seen_.end()) return it->second;
  }
  auto stored = find(cluster.account, cluster.region, cluster.name);
  if (!stored || !*stored || (*stored)->hex != cluster.hex) return nullptr;
  see(std::move(**stored));
  const std::shared_lock lock(seeing_);
  const auto it = seen_.find(cluster.hex);
  return it == seen_.end() ? nullptr : it->second;
}

kube::Admission Eks::admission(const kube::Cluster& cluster, std::string_view canonical_arn) const {
  kube::Admission out{.as_creator = false, .by_config_map = false};
  const auto record = seen(cluster);
  if (record == nullptr) return out;  // being deleted, or unreadable: nobody enters
  out.by_config_map = record->authentication_mode != "API";
  out.as_creator = record->bootstrap_admin && !record->uses_entries();
  if (!record->uses_entries()) return out;
  const auto it = std::ranges::find_if(record->entries, [&](const AccessEntry& e) {
    return kube::canonical_arn(e.principal) == canonical_arn;
  });
  if (it == record->entries.end()) return out;
  out.entry = kube::AccessEntry{{it->username, it->groups}, {}};
  for (const auto& p : it->policies) out.entry->grants.push_back(p.grant);
  return out;
}

}  // namespace gatehouse::service::eks
