#include "account/entities.h"

#include <algorithm>

#include "base/log.h"
#include "base/time.h"

namespace gatehouse::account {
namespace {

constexpr std::int64_t kVersion = 1;

json::value tags_json(const std::vector<Tag>& tags) {
  json::array out;
  for (const auto& [key, value] : tags) out.push_back(json::array{key, value});
  return out;
}

json::value strings_json(const std::vector<std::string>& strings) {
  json::array out;
  for (const std::string& s : strings) out.emplace_back(s);
  return out;
}

json::object grants_json(const Grants& grants) {
  json::object inline_policies;
  for (const auto& [name, policy] : grants.inline_policies) inline_policies[name] = policy.text;
  return {{"inline", std::move(inline_policies)},
          {"attached", strings_json(grants.attached)},
          {"boundary", grants.boundary}};
}

std::int64_t millis(Time t) { return t.time_since_epoch().count(); }

// Reads members of a record; the first one that is missing or of another type spoils the whole.
class Reader {
 public:
  explicit Reader(const json::object& object) : object_(object) {}

  std::string text(std::string_view key) {
    const auto s = json::string_at(object_, key);
    if (!s) bad_ = true;
    return std::string(s.value_or(""));
  }
  Time time(std::string_view key) { return Time(std::chrono::milliseconds(json::int_or(object_, key, 0))); }
  std::int64_t number(std::string_view key) { return json::int_or(object_, key, 0); }
  bool flag(std::string_view key) { return json::bool_or(object_, key, false); }

  std::vector<std::string> strings(std::string_view key) {
    std::vector<std::string> out;
    for (const json::value& v : array(key)) {
      if (v.is_string()) {
        out.emplace_back(v.get_string());
      } else {
        bad_ = true;
      }
    }
    return out;
  }
  std::vector<Tag> tags(std::string_view key) {
    std::vector<Tag> out;
    for (const json::value& v : array(key)) {
      const json::array* pair = v.if_array();
      if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_string() || !(*pair)[1].is_string()) {
        bad_ = true;
        continue;
      }
      out.emplace_back((*pair)[0].get_string(), (*pair)[1].get_string());
    }
    return out;
  }
  PolicyText policy(std::string_view key, policy::Kind kind) { return compiled(text(key), kind); }

  PolicyText compiled(std::string text, policy::Kind kind) {
    auto compiled = policy::compile(text, kind);
    if (!compiled) {
      bad_ = true;
      return {};
    }
    return {std::move(text), std::move(*compiled)};
  }

  Grants grants(std::string_view key) {
    Grants out;
    const json::object* o = object(key);
    if (o == nullptr) return out;
    Reader inside(*o);
    out.attached = inside.strings("attached");
    out.boundary = inside.text("boundary");
    if (const json::object* policies = inside.object("inline"); policies != nullptr) {
      for (const auto& [name, text] : *policies) {
        if (!text.is_string()) {
          bad_ = true;
          continue;
        }
        out.inline_policies[std::string(name)] =
            compiled(std::string(text.get_string()), policy::Kind::identity);
      }
    }
    bad_ = bad_ || inside.bad_;
    return out;
  }

  const json::array& array(std::string_view key) {
    static const json::array kEmpty;
    const json::value* v = object_.if_contains(key);
    if (v == nullptr || !v->is_array()) {
      bad_ = true;
      return kEmpty;
    }
    return v->get_array();
  }
  const json::object* object(std::string_view key) {
    const json::value* v = object_.if_contains(key);
    const json::object* o = v == nullptr ? nullptr : v->if_object();
    if (o == nullptr) bad_ = true;
    return o;
  }

  bool bad() const { return bad_; }

 private:
  const json::object& object_;
  bool bad_ = false;
};

void fill(Account& e, Reader& r) {
  e.id = r.text("id");
  e.name = r.text("name");
  e.email = r.text("email");
  e.canonical_id = r.text("canonicalId");
  e.created = r.time("created");
}

void fill(ManagedPolicy& e, Reader& r) {
  e.account = r.text("account");
  e.name = r.text("name");
  e.path = r.text("path");
  e.arn = r.text("arn");
  e.id = r.text("id");
  e.description = r.text("description");
  e.created = r.time("created");
  e.updated = r.time("updated");
  e.tags = r.tags("tags");
  e.default_version = r.text("default");
  e.last_version = static_cast<int>(r.number("last"));
  for (const json::value& v : r.array("versions")) {
    const json::object* o = v.if_object();
    if (o == nullptr) continue;
    Reader inside(*o);
    e.versions.push_back({inside.text("id"), r.compiled(inside.text("document"), policy::Kind::identity),
                          inside.time("created")});
  }
}

void fill(Role& e, Reader& r) {
  e.account = r.text("account");
  e.name = r.text("name");
  e.path = r.text("path");
  e.arn = r.text("arn");
  e.id = r.text("id");
  e.description = r.text("description");
  e.created = r.time("created");
  e.max_session_seconds = static_cast<int>(r.number("maxSession"));
  e.trust = r.policy("trust", policy::Kind::trust);
  e.tags = r.tags("tags");
  e.grants = r.grants("grants");
}

void fill(User& e, Reader& r) {
  e.account = r.text("account");
  e.name = r.text("name");
  e.path = r.text("path");
  e.arn = r.text("arn");
  e.id = r.text("id");
  e.created = r.time("created");
  e.tags = r.tags("tags");
  e.groups = r.strings("groups");
  e.access_keys = r.strings("accessKeys");
  e.grants = r.grants("grants");
}

void fill(Group& e, Reader& r) {
  e.account = r.text("account");
  e.name = r.text("name");
  e.path = r.text("path");
  e.arn = r.text("arn");
  e.id = r.text("id");
  e.created = r.time("created");
  e.grants = r.grants("grants");
}

void fill(AccessKey& e, Reader& r) {
  e.id = r.text("id");
  e.secret = r.text("secret");
  e.account = r.text("account");
  e.user = r.text("user");
  e.active = r.flag("active");
  e.created = r.time("created");
}

void fill(OidcProvider& e, Reader& r) {
  e.account = r.text("account");
  e.arn = r.text("arn");
  e.url = r.text("url");
  e.client_ids = r.strings("clientIds");
  e.thumbprints = r.strings("thumbprints");
  e.created = r.time("created");
  e.tags = r.tags("tags");
}

}  // namespace

const PolicyVersion* ManagedPolicy::version(std::string_view version_id) const {
  const auto it = std::find_if(versions.begin(), versions.end(),
                               [&](const PolicyVersion& v) { return v.id == version_id; });
  return it == versions.end() ? nullptr : &*it;
}

const PolicyVersion& ManagedPolicy::current() const { return *version(default_version); }

std::string to_record(const Account& e) {
  return json::dump(json::object{{"v", kVersion},
                                 {"id", e.id},
                                 {"name", e.name},
                                 {"email", e.email},
                                 {"canonicalId", e.canonical_id},
                                 {"created", millis(e.created)}});
}

std::string to_record(const ManagedPolicy& e) {
  json::array versions;
  for (const PolicyVersion& v : e.versions) {
    versions.push_back(
        json::object{{"id", v.id}, {"document", v.document.text}, {"created", millis(v.created)}});
  }
  return json::dump(json::object{{"v", kVersion},
                                 {"account", e.account},
                                 {"name", e.name},
                                 {"path", e.path},
                                 {"arn", e.arn},
                                 {"id", e.id},
                                 {"description", e.description},
                                 {"created", millis(e.created)},
                                 {"updated", millis(e.updated)},
                                 {"tags", tags_json(e.tags)},
                                 {"default", e.default_version},
                                 {"last", e.last_version},
                                 {"versions", std::move(versions)}});
}

std::string to_record(const Role& e) {
  return json::dump(json::object{{"v", kVersion},
                                 {"account", e.account},
                                 {"name", e.name},
                                 {"path", e.path},
                                 {"arn", e.arn},
                                 {"id", e.id},
                                 {"description", e.description},
                                 {"created", millis(e.created)},
                                 {"maxSession", e.max_session_seconds},
                                 {"trust", e.trust.text},
                                 {"tags", tags_json(e.tags)},
                                 {"grants", grants_json(e.grants)}});
}

std::string to_record(const User& e) {
  return json::dump(json::object{{"v", kVersion},
                                 {"account", e.account},
                                 {"name", e.name},
                                 {"path", e.path},
                                 {"arn", e.arn},
                                 {"id", e.id},
                                 {"created", millis(e.created)},
                                 {"tags", tags_json(e.tags)},
                                 {"groups", strings_json(e.groups)},
                                 {"accessKeys", strings_json(e.access_keys)},
                                 {"grants", grants_json(e.grants)}});
}

std::string to_record(const Group& e) {
  return json::dump(json::object{{"v", kVersion},
                                 {"account", e.account},
                                 {"name", e.name},
                                 {"path", e.path},
                                 {"arn", e.arn},
                                 {"id", e.id},
                                 {"created", millis(e.created)},
                                 {"grants", grants_json(e.grants)}});
}

std::string to_record(const AccessKey& e) {
  return json::dump(json::object{{"v", kVersion},
                                 {"id", e.id},
                                 {"secret", e.secret},
                                 {"account", e.account},
                                 {"user", e.user},
                                 {"active", e.active},
                                 {"created", millis(e.created)}});
}

std::string to_record(const OidcProvider& e) {
  return json::dump(json::object{{"v", kVersion},
                                 {"account", e.account},
                                 {"arn", e.arn},
                                 {"url", e.url},
                                 {"clientIds", strings_json(e.client_ids)},
                                 {"thumbprints", strings_json(e.thumbprints)},
                                 {"created", millis(e.created)},
                                 {"tags", tags_json(e.tags)}});
}

template <typename T>
Result<T> from_record(std::string_view record, store::Revision revision) {
  const auto parsed = json::parse(record);
  const json::object* object = parsed ? parsed->if_object() : nullptr;
  if (object == nullptr || json::int_or(*object, "v", 0) != kVersion) {
    log::error("a record of another version, or not a record",
               {{"record", std::string(record.substr(0, 200))}});
    return internal_failure();
  }
  Reader reader(*object);
  T entity;
  fill(entity, reader);
  if (reader.bad()) {
    log::error("a record that does not read", {{"record", std::string(record.substr(0, 200))}});
    return internal_failure();
  }
  entity.revision = revision;
  return entity;
}

template Result<Account> from_record(std::string_view, store::Revision);
template Result<ManagedPolicy> from_record(std::string_view, store::Revision);
template Result<Role> from_record(std::string_view, store::Revision);
template Result<User> from_record(std::string_view, store::Revision);
template Result<Group> from_record(std::string_view, store::Revision);
template Result<AccessKey> from_record(std::string_view, store::Revision);
template Result<OidcProvider> from_record(std::string_view, store::Revision);

}  // namespace gatehouse::account
