#include "kube/schema/columns.h"

#include <fmt/format.h>

#include "base/time.h"
#include "kube/objects/json_path.h"
#include "kube/schema/json_query.h"

namespace gatehouse::kube::columns {
namespace {

std::string age(std::string_view moment, Time now) {
  const auto then = parse_iso8601(moment);
  return moment.empty() || !then ? "<unknown>" : human_duration(now - *then);
}

json::value name(const json::object& o, Time) { return json::value(text_at(o, {"metadata", "name"})); }
json::value age_of(const json::object& o, Time now) {
  return json::value(age(text_at(o, {"metadata", "creationTimestamp"}), now));
}
json::value created(const json::object& o, Time) {
  return json::value(text_at(o, {"metadata", "creationTimestamp"}));
}

std::int64_t count_of(const json::object& o, std::string_view member) {
  const json::value* v = o.if_contains(member);
  if (v == nullptr) return 0;
  if (v->is_array()) return static_cast<std::int64_t>(v->get_array().size());
  return v->is_object() ? static_cast<std::int64_t>(v->get_object().size()) : 0;
}

json::value phase(const json::object& o, Time) { return json::value(text_at(o, {"status", "phase"})); }
json::value secrets(const json::object& o, Time) { return count_of(o, "secrets"); }
json::value config_map_size(const json::object& o, Time) {
  return count_of(o, "data") + count_of(o, "binaryData");
}
json::value data_size(const json::object& o, Time) { return count_of(o, "data"); }
json::value type(const json::object& o, Time) { return json::value(text_at(o, {"type"})); }
json::value spec_size(const json::object& o, std::string_view member) {
  const json::object* spec = object_at(o, {"spec"});
  return spec == nullptr ? 0 : count_of(*spec, member);
}
json::value validations(const json::object& o, Time) { return spec_size(o, "validations"); }
json::value param_kind(const json::object& o, Time) {
  const auto kind = text_at(o, {"spec", "paramKind", "kind"});
  const auto version = text_at(o, {"spec", "paramKind", "apiVersion"});
  return json::value(kind.empty() ? "<unset>" : fmt::format("{}/{}", version, kind));
}
json::value policy_name(const json::object& o, Time) {
  return json::value(text_at(o, {"spec", "policyName"}));
}
json::value param_ref(const json::object& o, Time) {
  const auto name = text_at(o, {"spec", "paramRef", "name"});
  const auto ns = text_at(o, {"spec", "paramRef", "namespace"});
  if (name.empty()) return json::value("<unset>");
  return json::value(ns.empty() ? std::string(name) : fmt::format("{}/{}", ns, name));
}
json::value webhooks(const json::object& o, Time) { return count_of(o, "webhooks"); }
json::value holder(const json::object& o, Time) {
  return json::value(text_at(o, {"spec", "holderIdentity"}));
}

// events

std::string_view last_seen_moment(const json::object& o) {
  for (const auto moment : {text_at(o, {"series", "lastObservedTime"}), text_at(o, {"lastTimestamp"})})
    if (!moment.empty()) return moment;
  return text_at(o, {"eventTime"});
}
json::value last_seen(const json::object& o, Time now) { return json::value(age(last_seen_moment(o), now)); }
json::value first_seen(const json::object& o, Time now) {
  const auto first = text_at(o, {"firstTimestamp"});
  return json::value(age(first.empty() ? text_at(o, {"eventTime"}) : first, now));
}
json::value reason(const json::object& o, Time) { return json::value(text_at(o, {"reason"})); }
json::value event_object(const json::object& o, Time) {
  std::string kind(text_at(o, {"involvedObject", "kind"}));
  for (char& c : kind) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return json::value(fmt::format("{}/{}", kind, text_at(o, {"involvedObject", "name"})));
}
json::value subobject(const json::object& o, Time) {
  return json::value(text_at(o, {"involvedObject", "fieldPath"}));
}
json::value source(const json::object& o, Time) {
  const auto component = text_at(o, {"source", "component"});
  return json::value(component.empty() ? text_at(o, {"reportingComponent"}) : component);
}
json::value message(const json::object& o, Time) { return json::value(text_at(o, {"message"})); }
json::value count(const json::object& o, Time) {
  return std::max<std::int64_t>(1, json::int_or(o, "count", 1));
}

// nodes

json::value node_status(const json::object& o, Time) {
  std::string out = "Unknown";
  if (const json::array* conditions = array_at(o, {"status", "conditions"})) {
    for (const json::value& c : *conditions) {
      if (!c.is_object() || text_at(c.get_object(), {"type"}) != "Ready") continue;
      out = text_at(c.get_object(), {"status"}) == "True" ? "Ready" : "NotReady";
    }
  }
  if (const json::object* spec = object_at(o, {"spec"});
      spec != nullptr && json::bool_or(*spec, "unschedulable", false))
    out += ",SchedulingDisabled";
  return json::value(out);
}
json::value node_roles(const json::object& o, Time) {
  constexpr std::string_view kPrefix = "node-role.kubernetes.io/";
  std::string out;
  if (const json::object* labels = object_at(o, {"metadata", "labels"})) {
    for (const auto& label : *labels) {
      const std::string_view key = label.key();
      if (key.starts_with(kPrefix)) out.append(out.empty() ? "" : ",").append(key.substr(kPrefix.size()));
    }
  }
  return json::value(out.empty() ? "<none>" : out);
}
json::value node_version(const json::object& o, Time) {
  return json::value(text_at(o, {"status", "nodeInfo", "kubeletVersion"}));
}

// bindings

json::value role(const json::object& o, Time) {
  return json::value(fmt::format("{}/{}", text_at(o, {"roleRef", "kind"}), text_at(o, {"roleRef", "name"})));
}
std::string subjects(const json::object& o, std::string_view kind) {
  std::string out;
  if (const json::array* all = array_at(o, {"subjects"})) {
    for (const json::value& s : *all) {
      if (!s.is_object() || text_at(s.get_object(), {"kind"}) != kind) continue;
      out += out.empty() ? "" : ", ";
      if (kind == "ServiceAccount") out.append(text_at(s.get_object(), {"namespace"})).append("/");
      out += text_at(s.get_object(), {"name"});
    }
  }
  return out;
}
json::value users(const json::object& o, Time) { return json::value(subjects(o, "User")); }
json::value groups(const json::object& o, Time) { return json::value(subjects(o, "Group")); }
json::value service_accounts(const json::object& o, Time) {
  return json::value(subjects(o, "ServiceAccount"));
}

constexpr Column kName{"Name", "string", "name", 0, "Name must be unique within a namespace.", name};
constexpr Column kAge{"Age", "string", "", 0, "Time since the object was created.", age_of};
constexpr Column kCreated{"Created At", "date", "", 0, "When the object was created.", created};

constexpr Column kNamespaceRow[] = {
    kName, {"Status", "string", "", 0, "The phase of the namespace.", phase}, kAge};
constexpr Column kServiceAccountRow[] = {
    kName, {"Secrets", "string", "", 0, "How many secrets the account lists.", secrets}, kAge};
constexpr Column kConfigMapRow[] = {
    kName, {"Data", "string", "", 0, "How many keys the map has.", config_map_size}, kAge};
constexpr Column kSecretRow[] = {kName,
                                 {"Type", "string", "", 0, "What the secret is for.", type},
                                 {"Data", "string", "", 0, "How many keys the secret has.", data_size},
                                 kAge};
constexpr Column kEventRow[] = {{"Last Seen", "string", "", 0, "Time since it was last seen.", last_seen},
                                {"Type", "string", "", 0, "Normal or Warning.", type},
                                {"Reason", "string", "", 0, "Why it happened, in one word.", reason},
                                {"Object", "string", "", 0, "What it happened to.", event_object},
                                {"Subobject", "string", "", 1, "Which part of it.", subobject},
                                {"Source", "string", "", 1, "Who reports it.", source},
                                {"Message", "string", "", 0, "What happened.", message},
                                {"First Seen", "string", "", 1, "Time since it was first seen.", first_seen},
                                {"Count", "string", "", 1, "How often it was seen.", count},
                                {"Name", "string", "name", 1, "The event's own name.", name}};
constexpr Column kNodeRow[] = {kName,
                               {"Status", "string", "", 0, "Whether it is ready.", node_status},
                               {"Roles", "string", "", 0, "The roles its labels give.", node_roles},
                               kAge,
                               {"Version", "string", "", 0, "The kubelet's version.", node_version}};
constexpr Column kLeaseRow[] = {kName, {"Holder", "string", "", 0, "Who holds the lease.", holder}, kAge};
constexpr Column kRoleRow[] = {kName, kCreated};
constexpr Column kBindingRow[] = {
    kName,
    {"Role", "string", "", 0, "The role that is bound.", role},
    kAge,
    {"Users", "string", "", 1, "Users it is bound to.", users},
    {"Groups", "string", "", 1, "Groups it is bound to.", groups},
    {"ServiceAccounts", "string", "", 1, "Accounts it is bound to.", service_accounts}};
constexpr Column kPolicyRow[] = {
    kName,
    {"Validations", "integer", "", 0, "How many expressions the policy has.", validations},
    {"ParamKind", "string", "", 0, "The kind of its parameters.", param_kind},
    kAge};
constexpr Column kPolicyBindingRow[] = {kName,
                                        {"PolicyName", "string", "", 0, "The policy it binds.", policy_name},
                                        {"ParamRef", "string", "", 0, "Its parameters.", param_ref},
                                        kAge};
constexpr Column kWebhooksRow[] = {
    kName, {"Webhooks", "integer", "", 0, "How many webhooks.", webhooks}, kAge};

}  // namespace

const std::span<const Column> kNamespace = kNamespaceRow;
const std::span<const Column> kServiceAccount = kServiceAccountRow;
const std::span<const Column> kConfigMap = kConfigMapRow;
const std::span<const Column> kSecret = kSecretRow;
const std::span<const Column> kEvent = kEventRow;
const std::span<const Column> kNode = kNodeRow;
const std::span<const Column> kLease = kLeaseRow;
const std::span<const Column> kRole = kRoleRow;
const std::span<const Column> kBinding = kBindingRow;
const std::span<const Column> kWebhooks = kWebhooksRow;
const std::span<const Column> kDefinition = kRoleRow;
const std::span<const Column> kPolicy = kPolicyRow;
const std::span<const Column> kPolicyBinding = kPolicyBindingRow;
constexpr Column kNameColumn = kName;
constexpr Column kAgeColumn = kAge;

// The steps are those of k8s.io/apimachinery/pkg/util/duration, so that columns read alike.
std::string human_duration(std::chrono::milliseconds duration) {
  const std::int64_t seconds = duration.count() / 1000;
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  const std::int64_t minutes = seconds / 60;
  const std::int64_t hours = minutes / 60;
  const std::int64_t days = hours / 24;
  const auto pair = [](std::int64_t big, const char* unit, std::int64_t small, const char* rest) {
    return small == 0 ? fmt::format("{}{}", big, unit) : fmt::format("{}{}{}{}", big, unit, small, rest);
  };
  if (seconds < 120) return fmt::format("{}s", seconds);
  if (minutes < 10) return pair(minutes, "m", seconds % 60, "s");
  if (hours < 3) return fmt::format("{}m", minutes);
  if (hours < 8) return pair(hours, "h", minutes % 60, "m");
  if (hours < 48) return fmt::format("{}h", hours);
  if (days < 8) return pair(days, "d", hours % 24, "h");
  if (days < 730) return fmt::format("{}d", days);
  if (days < 8 * 365) return pair(days / 365, "y", days % 365, "d");
  return fmt::format("{}y", days / 365);
}

}  // namespace gatehouse::kube::columns

namespace gatehouse::kube {

// As apiextensions-apiserver's table converter has it.
json::value Column::of(const json::object& object, Time now) const {
  if (cell != nullptr) return cell(object, now);
  const auto found = query(object, path);
  if (found.empty()) return nullptr;
  const json::value& v = *found.front();
  if (type == "date") {
    const auto then = v.is_string() ? parse_iso8601(std::string_view(v.get_string())) : std::nullopt;
    return json::value(then ? columns::human_duration(now - *then) : "<invalid>");
  }
  if (type != "string" || v.is_string()) return v;
  return json::value(json::dump(v));
}

}  // namespace gatehouse::kube
