#include "policy/explain/report.h"

#include <algorithm>
#include <array>
#include <span>

#include "policy/compiled.h"
#include "policy/decide/layers.h"
#include "policy/decide/walk.h"
#include "policy/document/document.h"

namespace gatehouse::policy {
namespace {

constexpr std::size_t kMostChanges = 12;
constexpr std::size_t kMostElsewhere = 5;

// Services whose resources take a policy.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
bool takes_resource_policy(std::string_view action) {
  static constexpr std::array<std::string_view, 26> kServices = {
      "s3",        "sqs",         "sns",         "kms",       "lambda",  "ecr",
      "glue",      "events",      "logs",        "dynamodb",  "kinesis", "secretsmanager",
      "es",        "execute-api", "backup",      "codebuild", "acm-pca", "codeartifact",
      "s3tables",  "s3express",   "s3-outposts", "glacier",   "signer",  "elasticfilesystem",
      "s3vectors", "sts"};
  return std::ranges::find(kServices, action.substr(0, action.find(':'))) != kServices.end();
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i)
    text.append(i == 0 ? "" : i + 1 == words.size() ? " and " : ", ").append(words[i]);
  return text;
}

class Reporter {
 public:
  Reporter(const Request& request, const PolicyView& policies, MessageStyle style, const PolicyNames& names)
      : request_(request), view_(applicable(request, policies)), names_(names) {
    explanation_ = explain(request, policies);
    report_.principal =
        request.principal.arn.empty() ? std::string("anonymous") : std::string(request.principal.arn);
    report_.action = request.action;
    report_.resource = request.resource;
    report_.decision = explanation_.decision;
    if (!report_.decision.allowed()) report_.message = denial_message(request, report_.decision, style);
  }

  Report run() {
    for (const auto& m : explanation_.matched) {
      report_.matched.push_back({m.at, m.allow, m.sid, m.line, name(m.at), false, false, {}, {}, {}, false});
    }
    for (const auto& miss : explanation_.nearly) report_.nearly.push_back(near_miss(miss));
    elsewhere();
    for (auto* statements : {&report_.matched, &report_.nearly}) {
      for (ReportStatement& s : *statements) s.not_principal = compiled_at(s.at).not_principal;
    }
    layers();
    changes();
    notes();
    return std::move(report_);
  }

 private:
  std::string name(const StatementRef& at) const {
    std::string given = names_ ? names_(at.layer, at.policy) : std::string();
    return given.empty() ? std::string(to_string(at.layer)) + " policy " + std::to_string(at.policy) : given;
  }

  const Compiled& policy(const StatementRef& at) const { return policy_at(view_, at); }

  ReportStatement near_miss(const Explanation::NearMiss& miss) const {
    ReportStatement s{miss.at, miss.allow, miss.sid, miss.line, name(miss.at), miss.principal_failed,
                      false,   {},         {},       {}};
    if (miss.failed.empty()) return s;
    const Document document = parse_document(policy(miss.at).source());
    const ConditionElement& condition = document.statements()[miss.at.statement].condition;
    for (const auto& where : miss.failed) {
      const ConditionOperator& op = condition.operators[where.operator_index];
      const ConditionEntry& entry = op.entries[where.entry_index];
      FailedCondition f{std::string(op.name),
                        std::string(entry.key),
                        document.position(entry.key_offset).line,
                        {},
                        true,
                        {}};
      for (const Scalar& value : entry.list.values) f.wanted.emplace_back(value.text);
      if (request_.context != nullptr) {
        if (const auto* found = request_.context->find(entry.key)) {
          f.missing = false;
          for (const std::string_view value : request_.context->values(*found)) f.found.emplace_back(value);
        }
      }
      s.failed.push_back(std::move(f));
    }
    return s;
  }

  const CompiledStatement& compiled_at(const StatementRef& at) const {
    return statement_of(policy(at), at.statement);
  }

  static const CompiledStatement& statement_of(const Compiled& policy, std::size_t index) {
    return policy.program().statements()[index];
  }

  // Where an Allow is missing: those of the layer that are about this action, on other resources.
  void elsewhere() {
    if (report_.decision.outcome != Outcome::implicitly_denied) return;
    const Layer layer = report_.decision.decided_by;
    const QueryText text(request_.action);
    const Query query = make_query(request_, text, view_);
    std::size_t found = 0;
    const auto look = [&](const Compiled& policy, std::size_t index) {
      for (std::size_t i = 0; i < policy.statement_count() && found < kMostElsewhere; ++i) {
        const CompiledStatement& s = statement_of(policy, i);
        if (!s.allow || resource_matches(s, query) || !action_matches(s, query)) continue;
        StatementRef at{layer, 0, 0};
        at.policy = static_cast<std::uint32_t>(index);
        at.statement = static_cast<std::uint32_t>(i);
        report_.nearly.push_back(on_other_resources(at, s.not_resource));
        ++found;
      }
    };
    const auto look_all = [&](std::span<const Compiled* const> policies) {
      for (std::size_t i = 0; i < policies.size(); ++i) look(*policies[i], i);
    };
    if (layer == Layer::identity) look_all(view_.identity);
    if (layer == Layer::boundary) look_all(view_.boundary);
    if (layer == Layer::session) look_all(view_.session);
    if (layer == Layer::endpoint) look_all(view_.endpoint);
    if (layer == Layer::resource && view_.resource != nullptr) look(*view_.resource, 0);
  }

  ReportStatement on_other_resources(const StatementRef& at, bool not_resource) const {
    ReportStatement s;
    s.at = at;
    s.sid = policy(at).sid(at.statement);
    s.line = policy(at).line(at.statement);
    s.policy_name = name(at);
    s.not_resource = not_resource;
    const Document document = parse_document(policy(at).source());
    const Statement& written = document.statements()[at.statement];
    const ValueList& list = not_resource ? written.not_resource : written.resource;
    for (const Scalar& value : list.values) {
      s.resources.emplace_back(value.text);
      add_valueless(value.text, s.valueless);
    }
    return s;
  }

  // ${key} whose key the request does not have, and no default is given.
  void add_valueless(std::string_view text, std::vector<std::string>& names) const {
    for (std::size_t at = text.find("${"); at != text.npos; at = text.find("${", at + 2)) {
      const std::string_view key = text.substr(at + 2, text.find_first_of("},", at) - at - 2);
      const bool literal = key == "*" || key == "?" || key == "$";
      const bool has_default = text.substr(at + 2 + key.size()).starts_with(',');
      if (literal || has_default || (request_.context != nullptr && request_.context->find(key) != nullptr))
        continue;
      if (std::ranges::find(names, key) == names.end()) names.emplace_back(key);
    }
  }

  void layers() {
    const auto add = [&](bool present, Layer layer) {
      if (present) report_.layers.push_back({layer, says(layer), detail(layer)});
      if (!present && layer == report_.decision.decided_by && !report_.decision.allowed())
        report_.layers.push_back({layer, ReportLayer::Says::absent, {}});
    };
    add(view_.scp.data() != nullptr, Layer::scp);
    add(view_.rcp.data() != nullptr, Layer::rcp);
    add(view_.endpoint.data() != nullptr, Layer::endpoint);
    add(view_.resource != nullptr, resource_layer(request_, view_.resource));
    add(view_.identity.data() != nullptr, Layer::identity);
    add(view_.boundary.data() != nullptr, Layer::boundary);
    add(view_.session.data() != nullptr, Layer::session);
  }

  // "level 2 of 3 does not allow it", from the root of the organization down.
  std::string detail(Layer layer) const {
    if (layer != Layer::scp || says(layer) != ReportLayer::Says::nothing) return {};
    const QueryText text(request_.action);
    const Query query = make_query(request_, text, view_);
    std::vector<std::string> silent;
    for (std::size_t i = 0; i < view_.scp.size(); ++i) {
      const bool allows = std::ranges::any_of(
          view_.scp[i], [&](const Compiled* p) { return p->program().evaluate(query).allows(); });
      if (!allows) silent.push_back(std::to_string(i + 1));
    }
    if (silent.empty()) return "there is no level";
    return (silent.size() == 1 ? "level " : "levels ") + joined(silent) + " of " +
           std::to_string(view_.scp.size()) + ", counted from the root, " +
           (silent.size() == 1 ? "has" : "have") + " no Allow for it";
  }

  ReportLayer::Says says(Layer layer) const {
    using Says = ReportLayer::Says;
    const auto of_layer = [&](bool allow) {
      return std::ranges::any_of(explanation_.matched,
                                 [&](const auto& m) { return m.at.layer == layer && m.allow == allow; });
    };
    if (of_layer(false)) return Says::denies;
    if (layer == Layer::rcp) return Says::allows;  // the default policy is always there
    if (layer == report_.decision.decided_by && report_.decision.outcome == Outcome::implicitly_denied) {
      return Says::nothing;
    }
    return of_layer(true) || allows_behind_a_deny(layer) ? Says::allows : Says::nothing;
  }

  // Where a Deny struck elsewhere, explain() leaves the Allows out.
  bool allows_behind_a_deny(Layer layer) const {
    if (report_.decision.outcome != Outcome::explicitly_denied) return false;
    const QueryText text(request_.action);
    const Query query = make_query(request_, text, view_);
    const auto any = [&](std::span<const Compiled* const> policies) {
      return std::ranges::any_of(policies,
                                 [&](const Compiled* p) { return p->program().evaluate(query).allows(); });
    };
    switch (layer) {
      case Layer::scp:
        return std::ranges::all_of(view_.scp, any);
      case Layer::rcp:
        return true;
      case Layer::endpoint:
        return any(view_.endpoint);
      case Layer::identity:
        return any(view_.identity);
      case Layer::boundary:
        return any(view_.boundary);
      case Layer::session:
        return any(view_.session);
      case Layer::resource:
      case Layer::trust:
        break;
    }
    return view_.resource->program().evaluate(query).allows();
  }

  void changes() {
    for (const ReportStatement& s : report_.matched) {
      if (s.allow == report_.decision.allowed()) {
        attempt({Supposition::What::without_statement, s.at, s.at.layer}, Change::Kind::remove_statement,
                "Remove or narrow the " + described(s) + "." +
                    (s.not_principal ? " Its NotPrincipal spares only whom it lists: for a session, the "
                                       "session, its role and the account; nobody under a boundary."
                                     : ""));
      }
    }
    for (const ReportStatement& s : report_.nearly) {
      attempt({Supposition::What::with_statement, s.at, s.at.layer}, Change::Kind::match_statement,
              "Let the " + described(s) + " apply: " + what_failed(s) + ".");
    }
    if (report_.decision.allowed()) return;
    for (const Layer layer :
         {Layer::scp, Layer::endpoint, Layer::identity, Layer::boundary, Layer::session}) {
      attempt({Supposition::What::with_allow, kNowhere, layer}, Change::Kind::add_allow, added(layer));
    }
    const Layer resource = resource_layer(request_, view_.resource);
    if (view_.resource == nullptr && (!takes_resource_policy(request_.action) || request_.resource == "*"))
      return;
    attempt({Supposition::What::with_allow, kNowhere, resource}, Change::Kind::add_allow, added(resource));
  }

  void notes() {
    if (report_.decision.outcome != Outcome::implicitly_denied || !report_.changes.empty()) return;
    std::vector<std::string> silent;
    for (const ReportLayer& layer : report_.layers) {
      if (layer.says == ReportLayer::Says::nothing || layer.says == ReportLayer::Says::absent)
        silent.emplace_back(to_string(layer.layer));
    }
    report_.notes.push_back("No single change is enough: " + joined(silent) +
                            (silent.size() == 1 ? " must allow it." : " must each allow it."));
  }

  static constexpr StatementRef kNowhere{Layer::identity, 0xFFFF, 0xFFFF};

  void attempt(const Supposition& supposition, Change::Kind kind, std::string text) {
    if (report_.changes.size() >= kMostChanges) return;
    const Decision then = decide_supposing(request_, view_, supposition);
    if (then.allowed() == report_.decision.allowed()) return;
    report_.changes.push_back({kind, supposition.layer, supposition.at, std::move(text)});
  }

  static std::string described(const ReportStatement& s) {
    return std::string(s.allow ? "Allow" : "Deny") + (s.sid.empty() ? "" : " \"" + s.sid + "\"") +
           " on line " + std::to_string(s.line) + " of " + s.policy_name;
  }

  static std::string what_failed(const ReportStatement& s) {
    if (!s.valueless.empty()) return "its Resource needs a value for ${" + s.valueless.front() + "}";
    if (!s.resources.empty())
      return s.not_resource ? "its NotResource spares this" : "its Resource is another";
    if (s.principal_failed)
      return s.failed.empty() ? "its Principal is another" : "its Principal and conditions fail";
    std::string keys;
    for (const FailedCondition& f : s.failed)
      keys.append(keys.empty() ? "" : ", ").append(f.op + " " + f.key);
    return "fails " + keys;
  }

  std::string added(Layer layer) const {
    const std::string what = "for " + report_.action + " on " + report_.resource;
    switch (layer) {
      case Layer::scp:
        return "Allow it at every level of the organization's service control policies, " + what + ".";
      case Layer::endpoint:
        return "Add an Allow to the VPC endpoint's policy, " + what + ".";
      case Layer::identity:
        return "Add an Allow to an identity policy of the caller, " + what + ".";
      case Layer::boundary:
        return "Add an Allow to the permissions boundary, " + what + ".";
      case Layer::session:
        return "Add an Allow to the session policy, " + what + ".";
      case Layer::trust:
        return "Add an Allow to the role's trust policy that names " + report_.principal + ".";
      case Layer::resource:
      case Layer::rcp:
        break;
    }
    return "Add an Allow to the resource's policy that names " + report_.principal + ", " + what + ".";
  }

  const Request& request_;
  PolicyView view_;
  const PolicyNames& names_;
  Explanation explanation_;
  Report report_;
};

}  // namespace

Report make_report(const Request& request, const PolicyView& policies, MessageStyle style,
                   const PolicyNames& names) {
  return Reporter(request, policies, style, names).run();
}

}  // namespace gatehouse::policy
