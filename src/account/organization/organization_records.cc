// An organization in the store.
#include <fmt/format.h>

#include "account/organization/organization.h"
#include "base/json.h"
#include "base/log.h"

namespace gatehouse::account {
namespace {

constexpr std::int64_t kVersion = 1;

std::int64_t millis(Time t) { return t.time_since_epoch().count(); }

json::array tags_json(const std::vector<Tag>& tags) {
  json::array out;
  for (const auto& [key, value] : tags) out.push_back(json::array{key, value});
  return out;
}

json::object to_json(const Organization& o) {
  json::object services;
  for (const auto& [name, since] : o.services) services[name] = millis(since);
  json::array enabled;
  for (const ControlType type : kControlTypes) {
    if (o.is_enabled(type)) enabled.emplace_back(to_string(type));
  }
  return {{"arn", o.arn},
          {"management", o.management},
          {"root", o.root},
          {"allFeatures", o.all_features},
          {"enabled", std::move(enabled)},
          {"services", std::move(services)},
          {"created", millis(o.created)}};
}

json::object to_json(const OrganizationNode& n) {
  return {{"kind", static_cast<std::int64_t>(n.kind)},
          {"id", n.id},
          {"parent", n.parent},
          {"arn", n.arn},
          {"name", n.name},
          {"policies", json::array(n.policies.begin(), n.policies.end())},
          {"tags", tags_json(n.tags)},
          {"email", n.email},
          {"invited", n.invited},
          {"suspended", n.suspended},
          {"joined", millis(n.joined)}};
}

json::object to_json(const ControlPolicy& p) {
  return {{"id", p.id},
          {"arn", p.arn},
          {"name", p.name},
          {"description", p.description},
          {"type", to_string(p.type)},
          {"document", p.document.text},
          {"tags", tags_json(p.tags)}};
}

json::object to_json(const AccountRequest& r) {
  return {{"id", r.id},
          {"name", r.name},
          {"email", r.email},
          {"account", r.account},
          {"failure", r.failure},
          {"state", static_cast<std::int64_t>(r.state)},
          {"requested", millis(r.requested)},
          {"completed", millis(r.completed)}};
}

json::object to_json(const Handshake& h) {
  return {{"id", h.id},
          {"arn", h.arn},
          {"action", h.action},
          {"state", h.state},
          {"account", h.account},
          {"notes", h.notes},
          {"parent", h.parent},
          {"tags", tags_json(h.tags)},
          {"requested", millis(h.requested)},
          {"expires", millis(h.expires)}};
}

std::string record_of(json::object part) {
  part["v"] = kVersion;
  return json::dump(part);
}

// Throws boost's system_error for what is missing or of another type; read_organization() catches it.
std::string text(const json::object& o, const char* key) { return std::string(o.at(key).as_string()); }
Time moment(const json::object& o, const char* key) {
  return Time(std::chrono::milliseconds(o.at(key).as_int64()));
}

std::vector<Tag> tags(const json::object& o) {
  std::vector<Tag> out;
  for (const json::value& v : o.at("tags").as_array()) {
    const json::array& pair = v.as_array();
    out.emplace_back(pair.at(0).as_string(), pair.at(1).as_string());
  }
  return out;
}

void read(const json::object& o, Organization& out) {
  out.arn = text(o, "arn");
  out.management = text(o, "management");
  out.root = text(o, "root");
  out.all_features = o.at("allFeatures").as_bool();
  for (const json::value& v : o.at("enabled").as_array()) {
    if (const auto type = control_type(v.as_string())) out.enabled[static_cast<size_t>(*type)] = true;
  }
  for (const auto& [name, since] : o.at("services").as_object()) {
    out.services[std::string(name)] = Time(std::chrono::milliseconds(since.as_int64()));
  }
  out.created = moment(o, "created");
}

OrganizationNode read_node(const json::object& o) {
  OrganizationNode n;
  n.kind = static_cast<OrganizationNode::Kind>(o.at("kind").as_int64());
  n.id = text(o, "id");
  n.parent = text(o, "parent");
  n.arn = text(o, "arn");
  n.name = text(o, "name");
  for (const json::value& v : o.at("policies").as_array()) n.policies.emplace_back(v.as_string());
  n.tags = tags(o);
  n.email = text(o, "email");
  n.invited = o.at("invited").as_bool();
  n.suspended = o.at("suspended").as_bool();
  n.joined = moment(o, "joined");
  return n;
}

Result<ControlPolicy> read_policy(const json::object& o) {
  ControlPolicy p;
  p.id = text(o, "id");
  p.arn = text(o, "arn");
  p.name = text(o, "name");
  p.description = text(o, "description");
  p.type = control_type(text(o, "type")).value_or(ControlType::scp);
  p.document.text = text(o, "document");
  TRY(p.document.compiled,
      policy::compile(p.document.text, p.type == ControlType::scp ? policy::Kind::scp : policy::Kind::rcp));
  p.tags = tags(o);
  return p;
}

AccountRequest read_request(const json::object& o) {
  AccountRequest r;
  r.id = text(o, "id");
  r.name = text(o, "name");
  r.email = text(o, "email");
  r.account = text(o, "account");
  r.failure = text(o, "failure");
  r.state = static_cast<AccountRequest::State>(o.at("state").as_int64());
  r.requested = moment(o, "requested");
  r.completed = moment(o, "completed");
  return r;
}

Handshake read_handshake(const json::object& o) {
  Handshake h;
  h.id = text(o, "id");
  h.arn = text(o, "arn");
  h.action = text(o, "action");
  h.state = text(o, "state");
  h.account = text(o, "account");
  h.notes = text(o, "notes");
  h.parent = text(o, "parent");
  h.tags = tags(o);
  h.requested = moment(o, "requested");
  h.expires = moment(o, "expires");
  return h;
}

// `key` is what follows the organization's prefix: "head", "node/ou-…".
Result<void> read_record(std::string_view key, const json::object& o, Organization& out) {
  if (o.at("v").as_int64() != kVersion) return internal_failure();
  const std::string_view kind = key.substr(0, key.find('/'));
  if (kind == "head") read(o, out);
  if (kind == "node") out.set(read_node(o));
  if (kind == "request") out.set(read_request(o));
  if (kind == "handshake") out.set(read_handshake(o));
  if (kind == "policy") {
    TRY(ControlPolicy policy, read_policy(o));
    out.set(std::move(policy));
  }
  return {};
}

template <typename T>
void add_difference(const std::string& prefix, const Organization::Parts<T>& before,
                    const Organization::Parts<T>& after, store::Batch& batch) {
  for (const auto& [id, part] : after) {
    const auto was = before.find(id);
    if (was != before.end() && was->second == part) continue;
    if constexpr (std::is_same_v<T, ControlPolicy>) {
      if (part->aws_managed) continue;
    }
    batch.puts.emplace_back(prefix + id, record_of(to_json(*part)));
  }
  for (const auto& [id, part] : before) {
    if (!after.contains(id)) batch.deletes.push_back(prefix + id);
  }
}

}  // namespace

std::string record_prefix(std::string_view organization) {
  return fmt::format("organization/{}/", organization);
}

store::Batch difference(const Organization& before, const Organization& after) {
  const std::string prefix = record_prefix(after.id);
  store::Batch batch;
  batch.preconditions.push_back({prefix + "head", before.revision});
  batch.puts.emplace_back(prefix + "head", record_of(to_json(after)));
  add_difference(prefix + "node/", before.nodes, after.nodes, batch);
  add_difference(prefix + "policy/", before.policies, after.policies, batch);
  add_difference(prefix + "request/", before.requests, after.requests, batch);
  add_difference(prefix + "handshake/", before.handshakes, after.handshakes, batch);
  return batch;
}

Result<std::optional<Organization>> read_organization(std::string_view id,
                                                      const std::vector<store::Entry>& records) {
  Organization out;
  out.id = id;
  const std::string prefix = record_prefix(id);
  for (const store::Entry& entry : records) {
    const std::string_view key = std::string_view(entry.key).substr(prefix.size());
    if (key == "head") out.revision = entry.record.revision;
    Result<void> read = internal_failure();
    try {
      const auto parsed = json::parse(entry.record.value);
      if (parsed && parsed->is_object()) read = read_record(key, parsed->get_object(), out);
    } catch (const std::exception&) {
      read = internal_failure();
    }
    if (!read) {
      log::error("a record that does not read", {{"key", entry.key}});
      return std::unexpected(read.error());
    }
  }
  if (out.revision == 0) return std::nullopt;
  add_managed_policies(out);
  return out;
}

}  // namespace gatehouse::account
