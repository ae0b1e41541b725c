// The second walk: statement by statement, keeping what each one says. explain() visits those that the index
// finds near, whoever their Principal is; the others visit every statement there is. All must decide as
// decide() does.
#include "policy/decide/walk.h"

namespace gatehouse::policy {
namespace {

using What = Supposition::What;

const Supposition kAsItIs;

class Walker {
 public:
  enum class Way : std::uint8_t { index, scan };

  Walker(Way way, const Request& request, const PolicyView& view, const Supposition& supposition,
         Explanation* out)
      : way_(way),
        text_(request.action),
        query_(make_query(request, text_, view)),
        request_(request),
        view_(view),
        supposition_(supposition),
        out_(out) {}

  Decision run() {
    walk_levels(v_.scp, Layer::scp, view_.scp);
    walk_levels(v_.rcp, Layer::rcp, view_.rcp);
    walk(v_.endpoint, Layer::endpoint, view_.endpoint);
    const Layer resource = resource_layer(request_, view_.resource);
    if (view_.resource != nullptr) {
      v_.resource.present = true;
      walk_policy(v_.resource, resource, *view_.resource, 0);
    }
    suppose_allow(v_.resource, resource);
    walk(v_.identity, Layer::identity, view_.identity);
    walk(v_.boundary, Layer::boundary, view_.boundary);
    walk(v_.session, Layer::session, view_.session);
    return combine(query_, view_, v_);
  }

 private:
  void walk(LayerVerdict& verdict, Layer layer, std::span<const Compiled* const> policies) {
    walk_list(verdict, layer, policies, 0);
    suppose_allow(verdict, layer);
  }

  void walk_list(LayerVerdict& verdict, Layer layer, std::span<const Compiled* const> policies,
                 std::size_t first) {
    if (policies.data() == nullptr) return;
    verdict.present = true;
    for (std::size_t i = 0; i < policies.size(); ++i) walk_policy(verdict, layer, *policies[i], first + i);
  }

  void walk_levels(LayerVerdict& verdict, Layer layer,
                   std::span<const std::span<const Compiled* const>> levels) {
    if (levels.data() == nullptr) return;
    verdict.present = true;
    verdict.allows = !levels.empty();
    std::size_t first = 0;
    for (const auto& level : levels) {
      LayerVerdict one;
      walk_list(one, layer, level, first);
      first += level.size();
      verdict.allows = verdict.allows && one.allows;
      if (one.denies && !verdict.denies) {
        verdict.denies = true;
        verdict.deny = one.deny;
      }
    }
    suppose_allow(verdict, layer);
  }

  void suppose_allow(LayerVerdict& verdict, Layer layer) const {
    if (supposition_.what != What::with_allow || supposition_.layer != layer) return;
    verdict.present = verdict.allows = true;
    verdict.closeness = Closeness::self;
  }

  void walk_policy(LayerVerdict& verdict, Layer layer, const Compiled& policy, std::size_t index) {
    StatementRef at{layer, static_cast<std::uint32_t>(index), 0};
    if (way_ == Way::scan) {
      for (; at.statement < policy.statement_count(); ++at.statement) walk_statement(verdict, policy, at);
      return;
    }
    policy.program().near(query_, near_);
    for (const std::uint32_t id : near_) {
      at.statement = id;
      walk_statement(verdict, policy, at);
    }
  }

  void walk_statement(LayerVerdict& verdict, const Compiled& policy, const StatementRef& at) {
    const CompiledStatement& s = policy.program().statements()[at.statement];
    if (const Closeness matched = supposed(statement_matches(s, query_), s, at); matched != Closeness::none) {
      note(verdict, s, at, matched);
      if (out_ == nullptr) return;
      out_->matched.push_back(
          {at, s.allow, std::string(policy.sid(at.statement)), policy.line(at.statement)});
    } else if (out_ != nullptr && action_matches(s, query_) && resource_matches(s, query_)) {
      near_miss(policy, s, at);
    }
  }

  Closeness supposed(Closeness matched, const CompiledStatement& s, const StatementRef& at) const {
    if (supposition_.what == What::nothing || at != supposition_.at) return matched;
    if (supposition_.what == What::without_statement) return Closeness::none;
    if (supposition_.what != What::with_statement) return matched;
    const Closeness who = principal_matches(s, query_);
    return who == Closeness::none ? Closeness::self : who;
  }

  static void note(LayerVerdict& verdict, const CompiledStatement& s, const StatementRef& at,
                   Closeness matched) {
    if (!s.allow) {
      if (!verdict.denies) verdict.deny = at;
      verdict.denies = true;
    } else if (matched > verdict.closeness) {
      verdict.allows = true;
      verdict.closeness = matched;
      verdict.allow = at;
    }
  }

  void near_miss(const Compiled& policy, const CompiledStatement& s, const StatementRef& at) {
    Explanation::NearMiss miss;
    miss.at = at;
    miss.allow = s.allow;
    miss.sid = policy.sid(at.statement);
    miss.line = policy.line(at.statement);
    miss.principal_failed = principal_matches(s, query_) == Closeness::none;
    for (const Test& test : s.tests()) {
      if (holds(test, query_.context)) continue;
      miss.failed.push_back({test.operator_index, test.entry_index});
    }
    out_->nearly.push_back(std::move(miss));
  }

  Way way_;
  QueryText text_;
  Query query_;
  const Request& request_;
  const PolicyView& view_;
  const Supposition& supposition_;
  Explanation* out_;
  Verdicts v_;
  std::vector<std::uint32_t> near_;
};

Explanation explain(Walker::Way way, const Request& request, const PolicyView& policies) {
  Explanation result;
  const PolicyView view = applicable(request, policies);
  result.decision = Walker(way, request, view, kAsItIs, &result).run();
  // As IAM's simulator does: where a Deny struck, the Allows did not matter.
  if (result.decision.outcome == Outcome::explicitly_denied) {
    std::erase_if(result.matched, [](const Explanation::Mattered& m) { return m.allow; });
  }
  return result;
}

}  // namespace

Explanation explain(const Request& request, const PolicyView& policies) {
  return explain(Walker::Way::index, request, policies);
}

Explanation explain_by_scanning(const Request& request, const PolicyView& policies) {
  return explain(Walker::Way::scan, request, policies);
}

Decision decide_supposing(const Request& request, const PolicyView& policies,
                          const Supposition& supposition) {
  const PolicyView view = applicable(request, policies);
  return Walker(Walker::Way::scan, request, view, supposition, nullptr).run();
}

}  // namespace gatehouse::policy
