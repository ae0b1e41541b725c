#include "kube/schema/rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "kube/objects/json_path.h"

namespace gatehouse::kube::rules {
namespace {

constexpr size_t kMaxData = 1 << 20;  // of a ConfigMap or a Secret: 1 MiB

bool is_config_key(std::string_view key) {
  return !key.empty() && key.size() <= 253 && key != "." && key != ".." &&
         std::all_of(key.begin(), key.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                  c == '_' || c == '.';
         });
}

constexpr std::string_view kConfigKeyRule =
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
    "'KEY_NAME',  "
    "or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

// Adds up what `member` holds and checks its keys.
size_t check_data(const json::object& object, std::string_view member, Causes& causes) {
  size_t total = 0;
  const json::object* data = object_at(object, {member});
  if (data == nullptr) return 0;
  for (const auto& [key, value] : *data) {
    if (!is_config_key(key))
      causes.push_back(invalid(fmt::format("{}[{}]", member, std::string_view(key)), key, kConfigKeyRule));
    if (value.is_string()) total += value.get_string().size();
  }
  return total;
}

void check_immutable(const json::object& object, const json::object* old, Path members, Causes& causes) {
  if (old == nullptr || !json::bool_or(*old, "immutable", false)) return;
  if (!json::bool_or(object, "immutable", false))
    causes.push_back(
        {"FieldValueForbidden", "immutable", "Forbidden: field is immutable when `immutable` is set"});
  for (const std::string_view member : members) {
    const json::value* now = object.if_contains(member);
    const json::value* before = old->if_contains(member);
    if ((now == nullptr) != (before == nullptr) || (now != nullptr && *now != *before))
      causes.push_back({"FieldValueForbidden", std::string(member),
                        "Forbidden: field is immutable when `immutable` is set"});
  }
}

// A registry's credentials must be JSON. What is wrong is not shown: it is secret.
void check_docker(const json::object& object, std::string_view key, Causes& causes) {
  const std::string field = fmt::format("data[{}]", key);
  const json::value* value = at(object, {"data", key});
  if (value == nullptr || !value->is_string()) {
    causes.push_back(required(field));
    return;
  }
  const auto text = unbase64(std::string_view(value->get_string()));
  const auto parsed = text ? json::parse(*text) : Result<json::value>(fail("", ""));
  if (!parsed || !parsed->is_object())
    causes.push_back(invalid(field, "<secret contents redacted>", "invalid character in its JSON"));
}

void check_rule(const json::object& rule, const std::string& field, bool namespaced, Causes& causes) {
  const auto empty = [&](std::string_view member) {
    const json::array* list = array_at(rule, {member});
    return list == nullptr || list->empty();
  };
  if (empty("verbs")) causes.push_back(required(field + ".verbs", "verbs must contain at least one value"));
  if (!empty("nonResourceURLs")) {
    if (namespaced)
      causes.push_back(invalid(field + ".nonResourceURLs", json::dump(*rule.if_contains("nonResourceURLs")),
                               "namespaced rules cannot apply to non-resource URLs"));
    if (!empty("apiGroups") || !empty("resources") || !empty("resourceNames"))
      causes.push_back(invalid(field + ".nonResourceURLs", json::dump(*rule.if_contains("nonResourceURLs")),
                               "rules cannot apply to both regular resources and non-resource URLs"));
    return;
  }
  if (empty("apiGroups"))
    causes.push_back(required(field + ".apiGroups", "resource rules must supply at least one api group"));
  if (empty("resources"))
    causes.push_back(required(field + ".resources", "resource rules must supply at least one resource"));
}

void check_rules(const json::object& object, bool namespaced, Causes& causes) {
  const json::array* all = array_at(object, {"rules"});
  for (size_t i = 0; all != nullptr && i < all->size(); ++i) {
    if ((*all)[i].is_object())
      check_rule((*all)[i].get_object(), fmt::format("rules[{}]", i), namespaced, causes);
  }
}

void check_subject(const json::object& subject, const std::string& field, Causes& causes) {
  const auto kind = text_at(subject, {"kind"});
  const auto group = text_at(subject, {"apiGroup"});
  if (text_at(subject, {"name"}).empty()) causes.push_back(required(field + ".name"));
  if (kind == "ServiceAccount") {
    if (!group.empty()) causes.push_back(unsupported(field + ".apiGroup", group, "\"\""));
    if (text_at(subject, {"namespace"}).empty()) causes.push_back(required(field + ".namespace"));
  } else if (kind == "User" || kind == "Group") {
    if (group != "rbac.authorization.k8s.io")
      causes.push_back(unsupported(field + ".apiGroup", group, "\"rbac.authorization.k8s.io\""));
  } else {
    causes.push_back(unsupported(field + ".kind", kind, "\"Group\", \"ServiceAccount\", \"User\""));
  }
}

void check_binding(const json::object& object, const json::object* old, bool namespaced, Causes& causes) {
  const auto kind = text_at(object, {"roleRef", "kind"});
  if (text_at(object, {"roleRef", "apiGroup"}) != "rbac.authorization.k8s.io")
    causes.push_back(unsupported("roleRef.apiGroup", text_at(object, {"roleRef", "apiGroup"}),
                                 "\"rbac.authorization.k8s.io\""));
  if (kind != "ClusterRole" && !(namespaced && kind == "Role"))
    causes.push_back(
        unsupported("roleRef.kind", kind, namespaced ? "\"Role\", \"ClusterRole\"" : "\"ClusterRole\""));
  if (text_at(object, {"roleRef", "name"}).empty()) causes.push_back(required("roleRef.name"));
  if (old != nullptr) {
    const json::value* now = object.if_contains("roleRef");
    const json::value* before = old->if_contains("roleRef");
    if (now != nullptr && before != nullptr && *now != *before)
      causes.push_back(invalid("roleRef", json::dump(*now), "cannot change roleRef"));
  }
  const json::array* subjects = array_at(object, {"subjects"});
  for (size_t i = 0; subjects != nullptr && i < subjects->size(); ++i) {
    if ((*subjects)[i].is_object())
      check_subject((*subjects)[i].get_object(), fmt::format("subjects[{}]", i), causes);
  }
}

}  // namespace

Cause required(std::string field, std::string_view detail) {
  return {"FieldValueRequired", std::move(field),
          detail.empty() ? std::string("Required value") : fmt::format("Required value: {}", detail)};
}

Cause invalid(std::string field, std::string_view value, std::string_view detail) {
  const bool structured = value.starts_with('{') || value.starts_with('[');
  return {"FieldValueInvalid", std::move(field),
          structured ? fmt::format("Invalid value: {}: {}", value, detail)
                     : fmt::format("Invalid value: \"{}\": {}", value, detail)};
}

Cause unsupported(std::string field, std::string_view value, std::string_view supported) {
  return {"FieldValueNotSupported", std::move(field),
          fmt::format("Unsupported value: \"{}\": supported values: {}", value, supported)};
}

void complete_namespace(json::object& object, const json::object* old) {
  json::object& metadata = make_object(object, "metadata");
  // https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-metadata-name
  const std::string name(text_at(object, {"metadata", "name"}));
  if (!name.empty()) make_object(metadata, "labels")["kubernetes.io/metadata.name"] = name;
  if (old == nullptr) {
    make_object(object, "spec")["finalizers"] = json::array{"kubernetes"};
    object["status"] = json::object{{"phase", "Active"}};
  }
}

void complete_secret(json::object& object, const json::object*) {
  // stringData is write-only: it goes into data and is not kept.
  if (const json::object* plain = object_at(object, {"stringData"})) {
    const json::object copy = *plain;
    json::object& data = make_object(object, "data");
    for (const auto& [key, value] : copy)
      if (value.is_string()) data[key] = base64(std::string_view(value.get_string()));
    object.erase("stringData");
  }
  if (text_at(object, {"type"}).empty()) object["type"] = "Opaque";
}

void complete_binding(json::object& object, const json::object*) {
  if (json::value* ref = object.if_contains("roleRef"); ref != nullptr && ref->is_object()) {
    if (text_at(ref->get_object(), {"apiGroup"}).empty())
      ref->get_object()["apiGroup"] = "rbac.authorization.k8s.io";
  }
  json::value* subjects = object.if_contains("subjects");
  if (subjects == nullptr || !subjects->is_array()) return;
  for (json::value& s : subjects->get_array()) {
    if (!s.is_object()) continue;
    const auto kind = text_at(s.get_object(), {"kind"});
    if ((kind == "User" || kind == "Group") && text_at(s.get_object(), {"apiGroup"}).empty())
      s.get_object()["apiGroup"] = "rbac.authorization.k8s.io";
  }
}

void check_namespace(const json::object&, const json::object*, Causes&) {}

void check_config_map(const json::object& object, const json::object* old, Causes& causes) {
  const size_t total = check_data(object, "data", causes) + check_data(object, "binaryData", causes) * 3 / 4;
  if (total > kMaxData)
    causes.push_back(
        {"FieldValueTooLong", "", fmt::format("Too long: must have at most {} bytes", kMaxData)});
  const json::object* data = object_at(object, {"data"});
  const json::object* binary = object_at(object, {"binaryData"});
  for (size_t i = 0; data != nullptr && binary != nullptr && i < binary->size(); ++i) {
    const std::string_view key = (binary->begin() + static_cast<std::ptrdiff_t>(i))->key();
    if (data->contains(key))
      causes.push_back(
          invalid(fmt::format("data[{}]", key), key, fmt::format("duplicate of key present in binaryData")));
  }
  check_immutable(object, old, {"data", "binaryData"}, causes);
}

void check_secret(const json::object& object, const json::object* old, Causes& causes) {
  if (check_data(object, "data", causes) * 3 / 4 > kMaxData)
    causes.push_back(
        {"FieldValueTooLong", "data", fmt::format("Too long: must have at most {} bytes", kMaxData)});
  const auto type = text_at(object, {"type"});
  if (old != nullptr && type != text_at(*old, {"type"}))
    causes.push_back(invalid("type", type, "field is immutable"));
  const auto needs = [&](std::string_view key) {
    if (at(object, {"data", key}) == nullptr) causes.push_back(required(fmt::format("data[{}]", key)));
  };
  // https://kubernetes.io/docs/concepts/configuration/secret/#secret-types
  if (type == "kubernetes.io/tls") {
    needs("tls.crt");
    needs("tls.key");
  } else if (type == "kubernetes.io/dockerconfigjson") {
    check_docker(object, ".dockerconfigjson", causes);
  } else if (type == "kubernetes.io/dockercfg") {
    check_docker(object, ".dockercfg", causes);
  } else if (type == "kubernetes.io/ssh-auth") {
    needs("ssh-privatekey");
  } else if (type == "kubernetes.io/basic-auth") {
    if (at(object, {"data", "username"}) == nullptr && at(object, {"data", "password"}) == nullptr) {
      needs("username");
      needs("password");
    }
  } else if (type == "kubernetes.io/service-account-token" &&
             at(object, {"metadata", "annotations", "kubernetes.io/service-account.name"}) == nullptr) {
    causes.push_back(required("metadata.annotations[kubernetes.io/service-account.name]"));
  }
  check_immutable(object, old, {"data"}, causes);
}

void check_event(const json::object& object, const json::object*, Causes& causes) {
  const auto involved = text_at(object, {"involvedObject", "namespace"});
  const auto own = text_at(object, {"metadata", "namespace"});
  const bool cluster_scoped = involved.empty() && (own == "default" || own == "kube-system");
  if (involved != own && !cluster_scoped)
    causes.push_back(invalid("involvedObject.namespace", involved, "does not match event.namespace"));
}

// events.k8s.io asks of new events what core/v1 leaves open. `object` is as it is kept.
void check_reported_event(const json::object& object, const json::object* old, Causes& causes) {
  check_event(object, old, causes);
  if (old != nullptr) return;
  for (const auto& [member, shown] :
       {std::pair("eventTime", "eventTime"), std::pair("reportingComponent", "reportingController"),
        std::pair("reportingInstance", "reportingInstance"), std::pair("action", "action"),
        std::pair("reason", "reason")})
    if (text_at(object, {member}).empty()) causes.push_back(required(shown));
  const auto type = text_at(object, {"type"});
  if (type != "Normal" && type != "Warning") causes.push_back(invalid("type", type, "has invalid value: "));
}

void check_role(const json::object& object, const json::object*, Causes& causes) {
  check_rules(object, true, causes);
}
void check_cluster_role(const json::object& object, const json::object*, Causes& causes) {
  check_rules(object, false, causes);
}
void check_role_binding(const json::object& object, const json::object* old, Causes& causes) {
  check_binding(object, old, true, causes);
}
void check_cluster_role_binding(const json::object& object, const json::object* old, Causes& causes) {
  check_binding(object, old, false, causes);
}

}  // namespace gatehouse::kube::rules
