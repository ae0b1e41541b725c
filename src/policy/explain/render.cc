#include "base/json.h"
#include "policy/explain/report.h"

namespace gatehouse::policy {
namespace {

using Says = ReportLayer::Says;

std::string_view to_string(Says says) {
  switch (says) {
    case Says::allows:
      return "allows";
    case Says::nothing:
      return "says nothing";
    case Says::denies:
      return "denies";
    case Says::absent:
      return "is absent";
  }
  return "";
}

std::string quoted_list(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text.append(text.empty() ? "" : ", ").append("\"" + value + "\"");
  return text.empty() ? "no value" : text;
}

std::string heading(const ReportStatement& s) {
  return s.policy_name + ", statement " + std::to_string(s.at.statement) +
         (s.sid.empty() ? "" : " \"" + s.sid + "\"") + ", line " + std::to_string(s.line) + " (" +
         (s.allow ? "Allow" : "Deny") + ")";
}

json::object statement_json(const ReportStatement& s) {
  json::object o{{"layer", policy::to_string(s.at.layer)},
                 {"policy", s.at.policy},
                 {"policyName", s.policy_name},
                 {"statement", s.at.statement},
                 {"line", s.line},
                 {"effect", s.allow ? "Allow" : "Deny"}};
  if (!s.sid.empty()) o["sid"] = s.sid;
  return o;
}

json::array strings(const std::vector<std::string>& values) {
  json::array a;
  for (const std::string& value : values) a.emplace_back(value);
  return a;
}

json::object near_miss_json(const ReportStatement& s) {
  json::object o = statement_json(s);
  o["principalMatches"] = !s.principal_failed;
  o["resourceMatches"] = s.resources.empty();
  if (!s.resources.empty()) o[s.not_resource ? "notResources" : "resources"] = strings(s.resources);
  if (!s.valueless.empty()) o["variablesWithoutValue"] = strings(s.valueless);
  json::array conditions;
  for (const FailedCondition& f : s.failed) {
    json::object c{{"operator", f.op}, {"key", f.key}, {"line", f.line}, {"policy", strings(f.wanted)}};
    c["request"] = f.missing ? json::value(nullptr) : json::value(strings(f.found));
    conditions.push_back(std::move(c));
  }
  o["failedConditions"] = std::move(conditions);
  return o;
}

std::string_view to_string(Change::Kind kind) {
  switch (kind) {
    case Change::Kind::remove_statement:
      return "removeStatement";
    case Change::Kind::match_statement:
      return "matchStatement";
    case Change::Kind::add_allow:
      return "addAllow";
  }
  return "";
}

std::string near_miss_text(const ReportStatement& s) {
  std::string out = "  " + heading(s) + "\n";
  if (s.principal_failed) {
    out += s.not_principal ? "    its NotPrincipal lists the caller\n"
                           : "    its Principal does not name the caller\n";
  }
  if (!s.resources.empty()) {
    out += s.not_resource ? "    its NotResource is " : "    its Resource is ";
    out += quoted_list(s.resources) + "\n";
  }
  for (const std::string& key : s.valueless) out += "    the request has no value for ${" + key + "}\n";
  for (const FailedCondition& f : s.failed) {
    out += "    " + f.op + " " + f.key + " (line " + std::to_string(f.line) + "): the policy has " +
           quoted_list(f.wanted) + ", the request " +
           (f.missing ? std::string("does not have the key") : "has " + quoted_list(f.found)) + "\n";
  }
  return out;
}

}  // namespace

std::string report_text(const Report& r) {
  std::string out = std::string(policy::to_string(r.decision.outcome)) + ", decided by " +
                    std::string(policy::to_string(r.decision.decided_by)) + "\n  " + r.principal + "\n  " +
                    r.action + " on " + r.resource + "\n";
  if (!r.message.empty()) out += "  " + r.message + "\n";
  out += "\nLayers\n";
  if (r.layers.empty()) out += "  no policy applies\n";
  for (const ReportLayer& layer : r.layers) {
    std::string name(policy::to_string(layer.layer));
    name.resize(10, ' ');
    out += "  " + name + std::string(to_string(layer.says)) +
           (layer.detail.empty() ? "" : ": " + layer.detail) + "\n";
  }
  if (!r.matched.empty()) out += "\nStatements that mattered\n";
  for (const ReportStatement& s : r.matched) out += "  " + heading(s) + "\n";
  if (!r.nearly.empty()) out += "\nStatements that nearly matched\n";
  for (const ReportStatement& s : r.nearly) out += near_miss_text(s);
  if (!r.changes.empty()) out += "\nAny one of these would alter the answer\n";
  for (const Change& change : r.changes) out += "  - " + change.text + "\n";
  for (const std::string& note : r.notes) out += "\n" + note + "\n";
  return out;
}

std::string report_json(const Report& r) {
  json::object o{{"principal", r.principal},
                 {"action", r.action},
                 {"resource", r.resource},
                 {"decision", policy::to_string(r.decision.outcome)},
                 {"decidedBy", policy::to_string(r.decision.decided_by)}};
  if (!r.message.empty()) o["message"] = r.message;
  json::array layers, matched, nearly, changes;
  for (const ReportLayer& layer : r.layers) {
    json::object one{{"layer", policy::to_string(layer.layer)}, {"says", to_string(layer.says)}};
    if (!layer.detail.empty()) one["detail"] = layer.detail;
    layers.push_back(std::move(one));
  }
  for (const ReportStatement& s : r.matched) matched.push_back(statement_json(s));
  for (const ReportStatement& s : r.nearly) nearly.push_back(near_miss_json(s));
  for (const Change& change : r.changes) {
    json::object c{{"change", to_string(change.kind)},
                   {"layer", policy::to_string(change.layer)},
                   {"text", change.text}};
    if (change.kind != Change::Kind::add_allow) {
      c["policy"] = change.at.policy;
      c["statement"] = change.at.statement;
    }
    changes.push_back(std::move(c));
  }
  o["layers"] = std::move(layers);
  o["matched"] = std::move(matched);
  o["nearly"] = std::move(nearly);
  o["changes"] = std::move(changes);
  o["notes"] = strings(r.notes);
  return json::dump_pretty(o);
}

}  // namespace gatehouse::policy
