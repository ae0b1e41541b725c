#include "service/eks/eks.h"

#include <fmt/format.h>

#include <mutex>

#include "base/json.h"
#include "base/log.h"

namespace gatehouse::service::eks {
namespace {

constexpr std::int64_t kVersion = 1;

std::string prefix_of(std::string_view account, std::string_view region) {
  return fmt::format("eks/{}/{}/", account, region);
}

json::array write(const std::vector<std::string>& texts) { return json::array(texts.begin(), texts.end()); }

std::vector<std::string> read(const json::object& o, std::string_view key) {
  std::vector<std::string> out;
  const auto* v = o.if_contains(key);
  if (v == nullptr || !v->is_array()) return out;
  for (const auto& text : v->get_array()) out.emplace_back(text.as_string());
  return out;
}

json::object write(const std::map<std::string, std::string>& tags) {
  json::object out;
  for (const auto& [key, value] : tags) out[key] = value;
  return out;
}

json::array write(const std::vector<Update>& updates) {
  json::array out;
  for (const Update& u : updates) {
    json::array params;
    for (const auto& [type, value] : u.params)
      params.push_back(json::object{{"type", type}, {"value", value}});
    out.push_back(json::object{{"id", u.id},
                               {"type", u.type},
                               {"created", u.created.time_since_epoch().count()},
                               {"params", std::move(params)}});
  }
  return out;
}

std::vector<Update> read_updates(const json::object& o) {
  std::vector<Update> out;
  const auto* updates = o.if_contains("updates");
  if (updates == nullptr || !updates->is_array()) return out;
  for (const auto& v : updates->get_array()) {
    const json::object& from = v.as_object();
    Update u;
    u.id = json::string_or(from, "id", "");
    u.type = json::string_or(from, "type", "");
    u.created = Time(std::chrono::milliseconds(json::int_or(from, "created", 0)));
    for (const auto& p : from.at("params").as_array())
      u.params.emplace_back(json::string_or(p.as_object(), "type", ""),
                            json::string_or(p.as_object(), "value", ""));
    out.push_back(std::move(u));
  }
  return out;
}

}  // namespace

std::string cluster_arn(std::string_view account, std::string_view region, std::string_view name) {
  return fmt::format("arn:aws:eks:{}:{}:cluster/{}", region, account, name);
}

std::string Cluster::arn() const { return cluster_arn(account, region, name); }

std::string Cluster::record_key() const { return prefix_of(account, region) + name; }

std::string to_record(const Cluster& c) {
  return json::dump(json::object{{"v", kVersion},
                                 {"account", c.account},
                                 {"region", c.region},
                                 {"name", c.name},
                                 {"hex", c.hex},
                                 {"created", c.created.time_since_epoch().count()},
                                 {"version", c.version},
                                 {"roleArn", c.role_arn},
                                 {"vpc", c.vpc},
                                 {"securityGroup", c.security_group},
                                 {"subnets", write(c.subnets)},
                                 {"securityGroups", write(c.security_groups)},
                                 {"publicAccess", c.public_access},
                                 {"privateAccess", c.private_access},
                                 {"publicCidrs", write(c.public_cidrs)},
                                 {"serviceCidr", c.service_cidr},
                                 {"ipFamily", c.ip_family},
                                 {"authenticationMode", c.authentication_mode},
                                 {"bootstrapAdmin", c.bootstrap_admin},
                                 {"supportType", c.support_type},
                                 {"logTypes", write(c.log_types)},
                                 {"deletionProtection", c.deletion_protection},
                                 {"updates", write(c.updates)},
                                 {"accessEntries", entries_to_json(c.entries)},
                                 {"tags", write(c.tags)}});
}

Result<Cluster> cluster_from_record(std::string_view record, store::Revision revision) {
  const auto parsed = json::parse(record);
  if (!parsed || !parsed->is_object() || json::int_or(parsed->get_object(), "v", 0) != kVersion) {
    log::error("cluster record is unreadable");
    return internal_failure();
  }
  const json::object& o = parsed->get_object();
  const auto text = [&](std::string_view key) { return json::string_or(o, key, ""); };
  Cluster c;
  c.account = text("account");
  c.region = text("region");
  c.name = text("name");
  c.hex = text("hex");
  c.created = Time(std::chrono::milliseconds(json::int_or(o, "created", 0)));
  c.version = text("version");
  c.role_arn = text("roleArn");
  c.vpc = text("vpc");
  c.security_group = text("securityGroup");
  c.subnets = read(o, "subnets");
  c.security_groups = read(o, "securityGroups");
  c.public_access = json::bool_or(o, "publicAccess", true);
  c.private_access = json::bool_or(o, "privateAccess", false);
  c.public_cidrs = read(o, "publicCidrs");
  c.service_cidr = text("serviceCidr");
  c.ip_family = text("ipFamily");
  c.authentication_mode = text("authenticationMode");
  c.bootstrap_admin = json::bool_or(o, "bootstrapAdmin", true);
  c.support_type = text("supportType");
  c.log_types = read(o, "logTypes");
  c.deletion_protection = json::bool_or(o, "deletionProtection", false);
  if (const auto* tags = o.if_contains("tags"); tags != nullptr && tags->is_object()) {
    for (const auto& [key, value] : tags->get_object()) c.tags.emplace(key, value.as_string());
  }
  c.updates = read_updates(o);
  c.entries = entries_from_json(o);
  c.revision = revision;
  return c;
}

Result<std::optional<Cluster>> Eks::find(std::string_view account, std::string_view region,
                                         std::string_view name) const {
  TRY(const auto record, rooms_.records.get(prefix_of(account, region).append(name)));
  if (!record) return std::nullopt;
  TRY(auto cluster, cluster_from_record(record->value, record->revision));
  return cluster;
}

Result<std::vector<std::string>> Eks::names(std::string_view account, std::string_view region) const {
  std::vector<std::string> out;
  const std::string prefix = prefix_of(account, region);
  CHECK_OK(rooms_.records.visit(prefix, "", [&](std::string_view key, std::string_view, store::Revision) {
    out.emplace_back(key.substr(prefix.size()));
    return true;
  }));
  return out;
}

Result<Cluster> Eks::store(Cluster cluster) {
  store::Batch batch;
  batch.preconditions.push_back({cluster.record_key(), cluster.revision});
  batch.puts.emplace_back(cluster.record_key(), to_record(cluster));
  auto revision = rooms_.records.commit(cluster.record_key(), std::move(batch));
  if (!revision && revision.error().code == store::kConflict)
    return error::in_use(fmt::format("Cluster {} has a change in progress", cluster.name));
  if (!revision) return std::unexpected(std::move(revision).error());
  cluster.revision = *revision;
  see(cluster);
  return cluster;
}

Result<void> Eks::remove(const Cluster& cluster) {
  store::Batch batch;
  batch.preconditions.push_back({cluster.record_key(), cluster.revision});
  batch.deletes.push_back(cluster.record_key());
  auto removed = rooms_.records.commit(cluster.record_key(), std::move(batch));
  if (!removed && removed.error().code == store::kConflict)
    return error::in_use(fmt::format("Cluster {} has a change in progress", cluster.name));
  if (!removed) return std::unexpected(std::move(removed).error());
  const std::unique_lock lock(seeing_);
  seen_.erase(cluster.hex);
  return {};
}

Result<Cluster> existing(const Eks& eks, const Call& call, std::string_view name) {
  TRY(auto cluster, eks.find(call.account, call.region, name));
  if (!cluster) return error::not_found(name);
  return std::move(*cluster);
}

}  // namespace gatehouse::service::eks
