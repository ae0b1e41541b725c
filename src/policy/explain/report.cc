#include "policy/explain/report.h"

#include <algorithm>
#include <span>

#include "policy/compiled.h"
#include "policy/decide/layers.h"
#include "policy/decide/walk.h"
#include "policy/document/document.h"

namespace gatehouse::policy {
namespace {

constexpr std::size_t kMostChanges = 12;

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
      report_.matched.push_back({m.at, m.allow, m.sid, m.line, name(m.at), false, {}});
    }
    for (const auto& miss : explanation_.nearly) report_.nearly.push_back(near_miss(miss));
    layers();
    changes();
    return std::move(report_);
  }

 private:
  std::string name(const StatementRef& at) const {
    std::string given = names_ ? names_(at.layer, at.policy) : std::string();
    return given.empty() ? std::string(to_string(at.layer)) + " policy " + std::to_string(at.policy) : given;
  }

  const Compiled& policy(const StatementRef& at) const { return policy_at(view_, at); }

  ReportStatement near_miss(const Explanation::NearMiss& miss) const {
    ReportStatement s{miss.at, miss.allow, miss.sid, miss.line, name(miss.at), miss.principal_failed, {}};
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

  void layers() {
    const auto add = [&](bool present, Layer layer) {
      if (present) report_.layers.push_back({layer, says(layer)});
    };
    add(view_.scp.data() != nullptr, Layer::scp);
    add(view_.rcp.data() != nullptr, Layer::rcp);
    add(view_.endpoint.data() != nullptr, Layer::endpoint);
    add(view_.resource != nullptr, resource_layer(request_, view_.resource));
    add(view_.identity.data() != nullptr, Layer::identity);
    add(view_.boundary.data() != nullptr, Layer::boundary);
    add(view_.session.data() != nullptr, Layer::session);
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
                "Remove or narrow the " + described(s) + ".");
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
    attempt({Supposition::What::with_allow, kNowhere, resource}, Change::Kind::add_allow, added(resource));
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
