#include "policy/testing/coverage.h"

#include <gtest/gtest.h>

#include <vector>

namespace gatehouse::policy::testing {
namespace {

using std::string;

// 26 operators and Null.
const std::vector<string> kOperators = {"StringEquals",
                                        "StringNotEquals",
                                        "StringEqualsIgnoreCase",
                                        "StringNotEqualsIgnoreCase",
                                        "StringLike",
                                        "StringNotLike",
                                        "NumericEquals",
                                        "NumericNotEquals",
                                        "NumericLessThan",
                                        "NumericLessThanEquals",
                                        "NumericGreaterThan",
                                        "NumericGreaterThanEquals",
                                        "DateEquals",
                                        "DateNotEquals",
                                        "DateLessThan",
                                        "DateLessThanEquals",
                                        "DateGreaterThan",
                                        "DateGreaterThanEquals",
                                        "Bool",
                                        "BinaryEquals",
                                        "IpAddress",
                                        "NotIpAddress",
                                        "ArnEquals",
                                        "ArnLike",
                                        "ArnNotEquals",
                                        "ArnNotLike"};

const char* const kPrincipals[] = {"*",
                                   "AWS *",
                                   "account",
                                   "root",
                                   "user",
                                   "role",
                                   "role with path",
                                   "session",
                                   "federated user",
                                   "role id",
                                   "user id",
                                   "Service",
                                   "OIDC provider",
                                   "SAML provider",
                                   "web identity",
                                   "CanonicalUser",
                                   "NotPrincipal in Allow",
                                   "NotPrincipal in Deny"};

const char* const kCallers[] = {"anonymous",
                                "root",
                                "user",
                                "user elsewhere",
                                "session",
                                "session known by its role",
                                "service-linked session",
                                "federated user",
                                "service",
                                "OIDC provider",
                                "SAML provider",
                                "web identity"};

const char* const kLayers[] = {"Allowed by identity",
                               "Allowed by resource",
                               "Allowed by trust",
                               "Allowed by key",
                               "Allowed under two SCP levels",
                               "Allowed under two RCP levels",
                               "Allowed through an endpoint",
                               "ImplicitlyDenied by scp",
                               "ImplicitlyDenied by endpoint",
                               "ImplicitlyDenied by resource",
                               "ImplicitlyDenied by trust",
                               "ImplicitlyDenied by key",
                               "ImplicitlyDenied by identity",
                               "ImplicitlyDenied by boundary",
                               "ImplicitlyDenied by session",
                               "ExplicitlyDenied by scp",
                               "ExplicitlyDenied by rcp",
                               "ExplicitlyDenied by endpoint",
                               "ExplicitlyDenied by resource",
                               "ExplicitlyDenied by trust",
                               "ExplicitlyDenied by key",
                               "ExplicitlyDenied by identity",
                               "ExplicitlyDenied by boundary",
                               "ExplicitlyDenied by session"};

const json::object& statement_at(const json::object& c, const StatementRef& at) {
  const bool of_resource = at.layer == Layer::resource || at.layer == Layer::trust;
  const json::value& layer =
      c.at("policies").at(of_resource ? std::string_view("resource") : to_string(at.layer));
  std::vector<const json::value*> policies;
  if (of_resource) {
    policies.push_back(&layer);
  } else {
    for (const json::value& one : layer.as_array()) {
      if (one.is_object()) policies.push_back(&one);
      if (!one.is_array()) continue;
      for (const json::value& policy : one.get_array()) policies.push_back(&policy);
    }
  }
  return policies.at(at.policy)->at("Statement").at(at.statement).as_object();
}

string kind_of_aws_principal(const string& id) {
  if (id == "*") return "AWS *";
  if (id.starts_with("AROA")) return "role id";
  if (id.starts_with("AIDA")) return "user id";
  if (id.ends_with(":root")) return "root";
  if (id.find(":user/") != id.npos) return "user";
  if (id.find(":role/data/") != id.npos) return "role with path";
  if (id.find(":role/") != id.npos) return "role";
  if (id.find(":assumed-role/") != id.npos) return "session";
  return id.find(":federated-user/") != id.npos ? "federated user" : "account";
}

string kind_of_provider(const string& id) {
  if (id.find(":oidc-provider/") != id.npos) return "OIDC provider";
  return id.find(":saml-provider/") != id.npos ? "SAML provider" : "web identity";
}

// Empty where several are named, and nobody can say which of them it was.
string kind_of_principal(const json::value& element) {
  if (element.is_string()) return "*";
  const json::object& types = element.as_object();
  if (types.size() != 1 || !types.begin()->value().is_string()) return "";
  const string type(types.begin()->key()), id(types.begin()->value().get_string());
  if (type == "AWS") return kind_of_aws_principal(id);
  return type == "Federated" ? kind_of_provider(id) : type;
}

string kind_of_caller(const Request& request) {
  const Principal& p = request.principal;
  switch (p.type) {
    case PrincipalType::anonymous:
      return "anonymous";
    case PrincipalType::root:
      return "root";
    case PrincipalType::user:
      return p.account == "111122223333" ? "user" : "user elsewhere";
    case PrincipalType::assumed_role:
      if (p.role_arn.find("aws-service-role") != p.role_arn.npos) return "service-linked session";
      return p.arn == p.role_arn ? "session known by its role" : "session";
    case PrincipalType::federated_user:
      return "federated user";
    case PrincipalType::service:
      return "service";
    case PrincipalType::federated:
      return kind_of_provider(string(p.arn));
  }
  return "";
}

// "StringLike" and how it was written: as it is, IfExists, ForAllValues, ForAnyValue.
std::vector<string> forms_of(string op) {
  std::vector<string> forms;
  string quantifier;
  if (const auto colon = op.find(':'); colon != op.npos) {
    quantifier = op.substr(0, colon + 1);
    op = op.substr(colon + 1);
  }
  const bool if_exists = op.ends_with("IfExists");
  if (if_exists) op.resize(op.size() - 8);
  if (!quantifier.empty()) forms.push_back(quantifier + op);
  if (if_exists) forms.push_back(op + "IfExists");
  if (forms.empty()) forms.push_back(op);
  return forms;
}

}  // namespace

void Coverage::count(const json::object& c, const Answers& answers) {
  ++cases_;
  ++outcomes_[answers.engine.decision];
  Tally& caller = callers_[kind_of_caller(answers.parsed->request())];
  ++(answers.explanation.decision.allowed() ? caller.yes : caller.no);
  count_layers(c, answers);
  for (const Explanation::Mattered& m : answers.explanation.matched) {
    const json::object& s = statement_at(c, m.at);
    count_conditions(s, nullptr);
    count_principal(s, true);
  }
  for (const Explanation::NearMiss& m : answers.explanation.nearly) {
    const json::object& s = statement_at(c, m.at);
    count_conditions(s, &m);
    if (m.principal_failed) count_principal(s, false);
  }
}

void Coverage::count_layers(const json::object& c, const Answers& answers) {
  const Request& request = answers.parsed->request();
  const json::object& policies = c.at("policies").as_object();
  string layer = answers.engine.decided_by;
  if (layer == "resource" && request.action.starts_with("kms:")) layer = "key";
  ++layers_[answers.engine.decision + " by " + layer];
  if (!answers.explanation.decision.allowed()) return;
  const auto levels = [&](const char* name) {
    return policies.contains(name) ? policies.at(name).as_array().size() : 0;
  };
  layers_["Allowed under two SCP levels"] += levels("scp") >= 2;
  layers_["Allowed under two RCP levels"] += levels("rcp") >= 2;
  layers_["Allowed through an endpoint"] += policies.contains("endpoint");
}

void Coverage::count_conditions(const json::object& statement, const Explanation::NearMiss* missed) {
  const json::value* condition = statement.if_contains("Condition");
  if (condition == nullptr) return;
  std::uint16_t index = 0;
  for (const auto& [op, keys] : condition->as_object()) {
    const bool failed = missed != nullptr && std::ranges::any_of(missed->failed, [&](const auto& one) {
                          return one.operator_index == index;
                        });
    for (const string& form : forms_of(string(op))) ++(failed ? operators_[form].no : operators_[form].yes);
    ++index;
  }
}

void Coverage::count_principal(const json::object& statement, bool fits) {
  string kind;
  if (const json::value* element = statement.if_contains("Principal")) kind = kind_of_principal(*element);
  if (statement.contains("NotPrincipal"))
    kind = "NotPrincipal in " + json::string_or(statement, "Effect", "");
  if (!kind.empty()) ++(fits ? principals_[kind].yes : principals_[kind].no);
}

void Coverage::expect_everything() const {
  for (const char* outcome : {"Allowed", "ImplicitlyDenied", "ExplicitlyDenied"}) {
    const auto at = outcomes_.find(outcome);
    EXPECT_GT(at == outcomes_.end() ? 0 : at->second, cases_ / 10) << outcome;
  }
  expect_operators();
  expect_layers();
}

void Coverage::expect_operators() const {
  std::vector<string> forms = {"Null"};
  for (const string& op : kOperators) {
    for (const string& form : {op, op + "IfExists", "ForAllValues:" + op, "ForAnyValue:" + op})
      forms.push_back(form);
  }
  EXPECT_EQ(kOperators.size() + 1, 27U);
  for (const string& form : forms) {
    const auto at = operators_.find(form);
    ASSERT_NE(at, operators_.end()) << form;
    EXPECT_GT(at->second.yes, cases_ / 5000) << form << " seldom holds";
    EXPECT_GT(at->second.no, cases_ / 5000) << form << " seldom fails";
  }
}

void Coverage::expect_layers() const {
  for (const char* kind : kPrincipals) {
    const auto at = principals_.find(kind);
    ASSERT_NE(at, principals_.end()) << kind;
    EXPECT_GT(at->second.yes, cases_ / 5000) << kind;
    // Everybody is everybody.
    if (string(kind).ends_with('*')) continue;
    EXPECT_GT(at->second.no, cases_ / 5000) << "not " << kind;
  }
  for (const char* kind : kCallers) {
    const auto at = callers_.find(kind);
    ASSERT_NE(at, callers_.end()) << kind;
    EXPECT_GT(at->second.yes, cases_ / 5000) << kind;
    EXPECT_GT(at->second.no, cases_ / 5000) << kind;
  }
  for (const char* layer : kLayers) {
    const auto at = layers_.find(layer);
    EXPECT_GT(at == layers_.end() ? 0 : at->second, cases_ / 1000) << layer;
  }
}

std::string Coverage::summary() const {
  string text = std::to_string(cases_) + " cases\n";
  const auto line = [&](const string& name, std::uint64_t n) {
    text += "  " + name + ": " + std::to_string(n) + "\n";
  };
  for (const auto& [name, n] : outcomes_) line(name, n);
  for (const auto& [name, n] : layers_) line(name, n);
  for (const auto* tallies : {&callers_, &principals_, &operators_}) {
    for (const auto& [name, tally] : *tallies)
      text += "  " + name + ": " + std::to_string(tally.yes) + " yes, " + std::to_string(tally.no) + " no\n";
  }
  return text;
}

}  // namespace gatehouse::policy::testing
