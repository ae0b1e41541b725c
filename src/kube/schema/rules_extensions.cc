// Webhook configurations, admission policies and custom resource definitions: they are kept for whoever reads
// them, so they must be what kube-apiserver would have let through.
#include <fmt/format.h>

#include <algorithm>

#include "kube/objects/json_path.h"
#include "kube/schema/custom.h"
#include "kube/schema/rules.h"

namespace gatehouse::kube::rules {
namespace {

void otherwise(json::object& o, std::string_view member, json::value value) {
  if (!o.contains(member)) o[member] = std::move(value);
}

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

// Calls visit(element, "list[i]") for each object of a list.
template <typename Object, typename Visit>
void each(Object& o, std::string_view list, const std::string& at, const Visit& visit) {
  auto* found = o.if_contains(list);
  if (found == nullptr || !found->is_array()) return;
  size_t i = 0;
  for (auto& element : found->get_array()) {
    if (element.is_object())
      visit(element.get_object(), fmt::format("{}{}[{}]", at.empty() ? "" : at + ".", list, i));
    ++i;
  }
}

void complete_scopes(json::object& o, std::string_view list) {
  each(o, list, "", [](json::object& rule, const std::string&) { otherwise(rule, "scope", "*"); });
}

void check_client(const json::object& hook, const std::string& at, Causes& causes) {
  const auto url = text_at(hook, {"clientConfig", "url"});
  const json::object* service = object_at(hook, {"clientConfig", "service"});
  const std::string field = at + ".clientConfig";
  if (url.empty() == (service == nullptr)) {
    causes.push_back(required(field, "exactly one of url or service is required"));
  } else if (service == nullptr && !url.starts_with("https://")) {
    causes.push_back(invalid(field + ".url", url, "'https' is the only allowed URL scheme"));
  } else if (service != nullptr) {
    for (const char* member : {"name", "namespace"})
      if (text_at(*service, {member}).empty())
        causes.push_back(required(fmt::format("{}.service.{}", field, member)));
  }
}

void check_hook(const json::object& hook, const std::string& at, Causes& causes) {
  const auto name = text_at(hook, {"name"});
  if (name.empty()) {
    causes.push_back(required(at + ".name"));
  } else if (!is_dns_subdomain(name) || std::count(name.begin(), name.end(), '.') < 2) {
    causes.push_back(
        invalid(at + ".name", name, "should be a domain with at least three segments separated by dots"));
  }
  check_client(hook, at, causes);
  const auto effects = text_at(hook, {"sideEffects"});
  if (effects.empty()) {
    causes.push_back(required(at + ".sideEffects", "must specify one of None, NoneOnDryRun"));
  } else if (!one_of(effects, {"None", "NoneOnDryRun"})) {
    causes.push_back(unsupported(at + ".sideEffects", effects, R"("None", "NoneOnDryRun")"));
  }
  const json::array* versions = array_at(hook, {"admissionReviewVersions"});
  if (versions == nullptr || versions->empty())
    causes.push_back(required(at + ".admissionReviewVersions", "must specify one of v1, v1beta1"));
  const auto seconds = json::int_or(hook, "timeoutSeconds", 10);
  if (seconds < 1 || seconds > 30)
    causes.push_back(
        {"FieldValueInvalid", at + ".timeoutSeconds",
         fmt::format("Invalid value: {}: the timeout value must be between 1 and 30 seconds", seconds)});
  if (const auto policy = text_at(hook, {"failurePolicy"}); !one_of(policy, {"Fail", "Ignore"}))
    causes.push_back(unsupported(at + ".failurePolicy", policy, R"("Fail", "Ignore")"));
  if (const auto match = text_at(hook, {"matchPolicy"}); !one_of(match, {"Equivalent", "Exact"}))
    causes.push_back(unsupported(at + ".matchPolicy", match, R"("Equivalent", "Exact")"));
}

}  // namespace

// https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/ has the defaults.
void complete_webhooks(json::object& object, const json::object*) {
  each(object, "webhooks", "", [](json::object& hook, const std::string&) {
    otherwise(hook, "failurePolicy", "Fail");
    otherwise(hook, "matchPolicy", "Equivalent");
    otherwise(hook, "namespaceSelector", json::object());
    otherwise(hook, "objectSelector", json::object());
    otherwise(hook, "timeoutSeconds", 10);
    complete_scopes(hook, "rules");
    json::object& client = make_object(hook, "clientConfig");
    if (json::value* service = client.if_contains("service"); service != nullptr && service->is_object())
      otherwise(service->get_object(), "port", 443);
  });
}

void complete_mutating(json::object& object, const json::object* old) {
  complete_webhooks(object, old);
  each(object, "webhooks", "",
       [](json::object& hook, const std::string&) { otherwise(hook, "reinvocationPolicy", "Never"); });
}

void check_webhooks(const json::object& object, const json::object*, Causes& causes) {
  std::vector<std::string_view> names;
  each(object, "webhooks", "", [&](const json::object& hook, const std::string& at) {
    check_hook(hook, at, causes);
    const auto name = text_at(hook, {"name"});
    if (std::find(names.begin(), names.end(), name) != names.end())
      causes.push_back({"FieldValueDuplicate", at + ".name", fmt::format("Duplicate value: \"{}\"", name)});
    names.push_back(name);
  });
}

void complete_policy(json::object& object, const json::object*) {
  json::object& spec = make_object(object, "spec");
  otherwise(spec, "failurePolicy", "Fail");
  if (json::value* match = spec.if_contains("matchConstraints"); match != nullptr && match->is_object()) {
    json::object& o = match->get_object();
    otherwise(o, "matchPolicy", "Equivalent");
    otherwise(o, "namespaceSelector", json::object());
    otherwise(o, "objectSelector", json::object());
    complete_scopes(o, "resourceRules");
    complete_scopes(o, "excludeResourceRules");
  }
}

void check_policy(const json::object& object, const json::object*, Causes& causes) {
  const json::array* validations = array_at(object, {"spec", "validations"});
  const json::array* notes = array_at(object, {"spec", "auditAnnotations"});
  if (validations == nullptr && notes == nullptr)
    causes.push_back(required("spec.validations",
                              "validations or auditAnnotations must be non-empty; at least one must be set"));
  if (object_at(object, {"spec", "matchConstraints"}) == nullptr)
    causes.push_back(required("spec.matchConstraints"));
  if (const auto policy = text_at(object, {"spec", "failurePolicy"}); !one_of(policy, {"Fail", "Ignore"}))
    causes.push_back(unsupported("spec.failurePolicy", policy, R"("Fail", "Ignore")"));
  if (const json::object* spec = object_at(object, {"spec"}))
    each(*spec, "validations", "spec", [&](const json::object& validation, const std::string& at) {
      if (text_at(validation, {"expression"}).empty())
        causes.push_back(required(at + ".expression", "expression is not specified"));
    });
}

void complete_policy_binding(json::object& object, const json::object*) {
  json::value* match = make_object(object, "spec").if_contains("matchResources");
  if (match != nullptr && match->is_object()) {
    otherwise(match->get_object(), "matchPolicy", "Equivalent");
    otherwise(match->get_object(), "namespaceSelector", json::object());
    otherwise(match->get_object(), "objectSelector", json::object());
  }
}

void check_policy_binding(const json::object& object, const json::object*, Causes& causes) {
  if (text_at(object, {"spec", "policyName"}).empty()) causes.push_back(required("spec.policyName"));
  const json::array* actions = array_at(object, {"spec", "validationActions"});
  if (actions == nullptr || actions->empty()) causes.push_back(required("spec.validationActions"));
  for (size_t i = 0; actions != nullptr && i < actions->size(); ++i)
    if (const auto action = std::string_view((*actions)[i].get_string());
        !one_of(action, {"Audit", "Deny", "Warn"}))
      causes.push_back(
          unsupported(fmt::format("spec.validationActions[{}]", i), action, R"("Audit", "Deny", "Warn")"));
}

// What apiextensions-apiserver's defaults and its naming and establishing controllers do, at once.
void complete_definition(json::object& object, const json::object* old) {
  json::object& spec = make_object(object, "spec");
  json::object& names = make_object(spec, "names");
  std::string kind(text_at(names, {"kind"}));
  if (text_at(names, {"listKind"}).empty() && !kind.empty()) names["listKind"] = kind + "List";
  for (char& c : kind) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  if (text_at(names, {"singular"}).empty() && !kind.empty()) names["singular"] = kind;
  if (text_at(make_object(spec, "conversion"), {"strategy"}).empty())
    spec["conversion"].get_object()["strategy"] = "None";
  each(spec, "versions", "", [](json::object& version, const std::string&) {
    otherwise(version, "served", false);
    otherwise(version, "storage", false);
  });
  json::object& status = make_object(object, "status");
  status["acceptedNames"] = names;
  const json::array* before = old == nullptr ? nullptr : array_at(*old, {"status", "storedVersions"});
  json::array kept = before == nullptr ? json::array() : *before;
  each(spec, "versions", "", [&](json::object& version, const std::string&) {
    const json::value name(text_at(version, {"name"}));
    if (json::bool_or(version, "storage", false) && std::find(kept.begin(), kept.end(), name) == kept.end())
      kept.push_back(name);
  });
  if (old == nullptr || !status.contains("storedVersions")) status["storedVersions"] = kept;
  if (old != nullptr && status.contains("conditions")) return;
  const std::string since(text_at(object, {"metadata", "creationTimestamp"}));
  const auto condition = [&](std::string_view type, std::string_view reason, std::string_view message) {
    return json::object{{"type", type},
                        {"status", "True"},
                        {"lastTransitionTime", since},
                        {"reason", reason},
                        {"message", message}};
  };
  status["conditions"] =
      json::array{condition("NamesAccepted", "NoConflicts", "no conflicts found"),
                  condition("Established", "InitialNamesAccepted", "the initial names have been accepted")};
}

void check_definition(const json::object& object, const json::object* old, Causes& causes) {
  static const json::object kNone;
  const json::object* found = object_at(object, {"spec"});
  const json::object& spec = found == nullptr ? kNone : *found;
  const auto plural = text_at(spec, {"names", "plural"});
  const auto group = text_at(spec, {"group"});
  const auto scope = text_at(spec, {"scope"});
  const auto name = text_at(object, {"metadata", "name"});
  if (name != fmt::format("{}.{}", plural, group))
    causes.push_back(invalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group"));
  if (group.empty()) {
    causes.push_back(required("spec.group"));
  } else if (!is_dns_subdomain(group) || group.find('.') == std::string_view::npos) {
    causes.push_back(invalid("spec.group", group, "should be a domain with at least one dot"));
  }
  for (const char* member : {"plural", "singular", "kind", "listKind"}) {
    std::string text(text_at(spec, {"names", member}));
    const std::string field = fmt::format("spec.names.{}", member);
    for (char& c : text)
      if (std::string_view(member).ends_with("ind")) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    if (text.empty()) {
      causes.push_back(required(field));
    } else if (!is_dns_label(text)) {
      causes.push_back(
          invalid(field, text,
                  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
                  "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or "
                  "'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"));
    }
  }
  if (!one_of(scope, {"Cluster", "Namespaced"}))
    causes.push_back(scope.empty() ? required("spec.scope")
                                   : unsupported("spec.scope", scope, R"("Cluster", "Namespaced")"));
  int kept = 0;
  each(spec, "versions", "spec", [&](const json::object& version, const std::string& at) {
    kept += json::bool_or(version, "storage", false) ? 1 : 0;
    if (!is_dns_label(text_at(version, {"name"})))
      causes.push_back(invalid(at + ".name", text_at(version, {"name"}), "must be a DNS-1035 label"));
    const json::object* schema = object_at(version, {"schema", "openAPIV3Schema"});
    if (schema == nullptr) {
      causes.push_back(required(at + ".schema.openAPIV3Schema", "schemas are required"));
    } else {
      check_schema(*schema, at + ".schema.openAPIV3Schema", causes);
    }
  });
  if (kept != 1)
    causes.push_back(
        {"FieldValueInvalid", "spec.versions",
         fmt::format("Invalid value: {}: must have exactly one version marked as storage version",
                     json::dump(spec.contains("versions") ? spec.at("versions") : json::value(nullptr)))});
  if (old == nullptr) return;
  for (const char* member : {"group", "scope"})
    if (text_at(spec, {member}) != text_at(*old, {"spec", member}))
      causes.push_back(
          invalid(fmt::format("spec.{}", member), text_at(spec, {member}), "field is immutable"));
  const json::array* stored = array_at(object, {"status", "storedVersions"});
  for (size_t i = 0; stored != nullptr && i < stored->size(); ++i) {
    bool known = false;
    each(spec, "versions", "", [&](const json::object& version, const std::string&) {
      known = known || (*stored)[i] == json::value(text_at(version, {"name"}));
    });
    if (!known)
      causes.push_back(invalid(fmt::format("status.storedVersions[{}]", i), (*stored)[i].get_string(),
                               "must appear in spec.versions"));
  }
}

}  // namespace gatehouse::kube::rules
