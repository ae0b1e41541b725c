#include "service/kms/key.h"

#include <fmt/format.h>

#include "base/cipher.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/log.h"

namespace gatehouse::service::kms {
namespace {

constexpr std::int64_t kVersion = 1;

std::int64_t milliseconds(Time t) { return t.time_since_epoch().count(); }
Time time_at(const json::object& o, std::string_view key) {
  return Time(std::chrono::milliseconds(json::int_or(o, key, 0)));
}

std::string_view to_text(State s) {
  if (s == State::disabled) return "disabled";
  return s == State::enabled ? "enabled" : "pending";
}
State state_from(std::string_view text) {
  if (text == "disabled") return State::disabled;
  return text == "pending" ? State::pending_deletion : State::enabled;
}

json::object write(const Context& context) {
  json::object out;
  for (const auto& [name, value] : context) out[name] = value;
  return out;
}

Context read_context(const json::object& o, std::string_view key) {
  Context out;
  const auto* c = o.if_contains(key);
  if (c == nullptr || !c->is_object()) return out;
  for (const auto& [name, value] : c->get_object()) {
    if (value.is_string()) out.emplace(name, value.get_string());
  }
  return out;
}

json::object write(const Grant& g) {
  return {{"id", g.id},
          {"token", g.token},
          {"name", g.name},
          {"grantee", g.grantee},
          {"retiring", g.retiring},
          {"operations", json::array(g.operations.begin(), g.operations.end())},
          {"subset", write(g.subset)},
          {"equals", write(g.equals)},
          {"created", milliseconds(g.created)}};
}

Grant read_grant(const json::object& o) {
  Grant g{
      json::string_or(o, "id", ""),      json::string_or(o, "token", ""),    json::string_or(o, "name", ""),
      json::string_or(o, "grantee", ""), json::string_or(o, "retiring", ""), {},
      read_context(o, "subset"),         read_context(o, "equals"),          time_at(o, "created")};
  if (const auto* list = o.if_contains("operations"); list != nullptr && list->is_array()) {
    for (const auto& one : list->get_array()) g.operations.emplace_back(one.as_string());
  }
  return g;
}

template <typename Each>
void each_object(const json::object& o, std::string_view key, Each each) {
  const auto* list = o.if_contains(key);
  if (list == nullptr || !list->is_array()) return;
  for (const auto& one : list->get_array()) {
    if (one.is_object()) each(one.get_object());
  }
}

std::unexpected<Error> unreadable(std::string_view why) {
  log::error("a KMS record is unreadable", {{"why", std::string(why)}});
  return internal_failure();
}

Result<void> read_materials(const json::object& o, std::string_view sealing_key, Key& key) {
  bool opened = true;
  each_object(o, "materials", [&](const json::object& one) {
    const auto sealed = unbase64(json::string_or(one, "sealed", ""));
    auto bytes = sealed ? open_text(sealing_key, key.id, *sealed) : std::nullopt;
    opened = opened && bytes;
    key.materials.push_back(
        {std::move(bytes).value_or(""), time_at(one, "since"), json::bool_or(one, "onDemand", false)});
  });
  if (!opened || key.materials.empty()) return unreadable("its material does not open");
  return {};
}

json::value as_statement(const Grant& grant) {
  json::array actions;
  for (const std::string& operation : grant.operations) actions.emplace_back("kms:" + operation);
  json::object statement{{"Effect", "Allow"},
                         {"Principal", json::object{{"AWS", grant.grantee}}},
                         {"Action", std::move(actions)},
                         {"Resource", "*"}};
  const Context& bound = grant.equals.empty() ? grant.subset : grant.equals;
  if (bound.empty()) return statement;
  json::object equals;
  json::array names;
  for (const auto& [name, value] : bound) {
    equals["kms:EncryptionContext:" + name] = value;
    names.emplace_back(name);
  }
  json::object condition{{"StringEquals", std::move(equals)}};
  if (!grant.equals.empty())
    condition["ForAllValues:StringEquals"] = json::object{{"kms:EncryptionContextKeys", std::move(names)}};
  statement["Condition"] = std::move(condition);
  return statement;
}

}  // namespace

std::string Key::arn() const { return fmt::format("arn:aws:kms:{}:{}:key/{}", region, account, id); }

std::string Key::record_key() const { return fmt::format("kms-key/{}/{}/{}", account, region, id); }

std::string Alias::arn() const { return fmt::format("arn:aws:kms:{}:{}:{}", region, account, name); }

std::string to_record(const Key& k, Random& random, std::string_view sealing_key) {
  json::object tags;
  for (const auto& [name, value] : k.tags) tags[name] = value;
  json::array grants;
  for (const Grant& grant : k.grants) grants.push_back(write(grant));
  json::array materials;
  for (const Material& material : k.materials) {
    materials.push_back(json::object{{"sealed", base64(seal_text(random, sealing_key, k.id, material.bytes))},
                                     {"since", milliseconds(material.since)},
                                     {"onDemand", material.on_demand}});
  }
  json::object o{{"v", kVersion},
                 {"account", k.account},
                 {"region", k.region},
                 {"id", k.id},
                 {"description", k.description},
                 {"service", k.alias_of_service},
                 {"state", to_text(k.state)},
                 {"created", milliseconds(k.created)},
                 {"deletion", milliseconds(k.deletion)},
                 {"policy", k.policy.text},
                 {"tags", std::move(tags)},
                 {"grants", std::move(grants)},
                 {"materials", std::move(materials)},
                 {"rotates", k.rotation.on},
                 {"rotationDays", k.rotation.days},
                 {"rotationFrom", milliseconds(k.rotation.from)}};
  return json::dump(o);
}

Result<Key> key_from_record(std::string_view record, store::Revision revision, std::string_view sealing_key) {
  const auto parsed = json::parse(record);
  if (!parsed || !parsed->is_object()) return unreadable("not JSON");
  const json::object& o = parsed->get_object();
  if (json::int_or(o, "v", 0) != kVersion) return unreadable("written by another version");
  Key k;
  k.account = json::string_or(o, "account", "");
  k.region = json::string_or(o, "region", "");
  k.id = json::string_or(o, "id", "");
  k.description = json::string_or(o, "description", "");
  k.alias_of_service = json::string_or(o, "service", "");
  k.state = state_from(json::string_or(o, "state", ""));
  k.created = time_at(o, "created");
  k.deletion = time_at(o, "deletion");
  k.policy.text = json::string_or(o, "policy", "");
  for (const auto& [name, value] : read_context(o, "tags")) k.tags.emplace_back(name, value);
  each_object(o, "grants", [&](const json::object& grant) { k.grants.push_back(read_grant(grant)); });
  k.rotation = {json::bool_or(o, "rotates", false), static_cast<int>(json::int_or(o, "rotationDays", 365)),
                time_at(o, "rotationFrom")};
  k.revision = revision;
  CHECK_OK(read_materials(o, sealing_key, k));
  if (const auto compiled = compile(k); !compiled) return unreadable(compiled.error().message);
  return k;
}

Result<void> compile(Key& key) {
  TRY(key.policy.compiled, policy::compile(key.policy.text, policy::Kind::key));
  if (key.grants.empty()) {
    key.effective = key.policy.compiled;
    return {};
  }
  TRY(auto document, json::parse(key.policy.text));
  json::value& statements = document.as_object()["Statement"];
  if (!statements.is_array()) statements = json::array{statements};
  for (const Grant& grant : key.grants) statements.as_array().push_back(as_statement(grant));
  TRY(key.effective, policy::compile(json::dump(document), policy::Kind::key));
  return {};
}

std::string to_record(const Alias& a) {
  return json::dump(json::object{{"v", kVersion},
                                 {"account", a.account},
                                 {"region", a.region},
                                 {"name", a.name},
                                 {"target", a.target},
                                 {"created", milliseconds(a.created)},
                                 {"updated", milliseconds(a.updated)}});
}

Result<Alias> alias_from_record(std::string_view record, store::Revision revision) {
  const auto parsed = json::parse(record);
  if (!parsed || !parsed->is_object()) return unreadable("not JSON");
  const json::object& o = parsed->get_object();
  if (json::int_or(o, "v", 0) != kVersion) return unreadable("written by another version");
  return Alias{json::string_or(o, "account", ""),
               json::string_or(o, "region", ""),
               json::string_or(o, "name", ""),
               json::string_or(o, "target", ""),
               time_at(o, "created"),
               time_at(o, "updated"),
               revision};
}

}  // namespace gatehouse::service::kms
