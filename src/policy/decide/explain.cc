// The second walk: every statement of every policy compared by itself, without the index. Its decision must
// be decide()'s.
#include "policy/decide/walk.h"

namespace gatehouse::policy {
namespace {

using What = Supposition::What;

const Supposition kAsItIs;

class Walker {
 public:
  Walker(const Request& request, const PolicyView& view, const Supposition& supposition, Explanation* out)
      : text_(request.action),
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
    const auto statements = policy.program().statements;
    for (std::size_t i = 0; i < statements.size(); ++i) {
      const CompiledStatement& s = statements[i];
      const StatementRef at{layer, static_cast<std::uint16_t>(index), static_cast<std::uint16_t>(i)};
      if (const Closeness matched = supposed(statement_matches(s, query_), s, at);
          matched != Closeness::none) {
        note(verdict, s, at, matched);
        if (out_ != nullptr) out_->matched.push_back({at, s.allow, std::string(s.sid), s.line});
      } else if (out_ != nullptr && action_matches(s, query_) && resource_matches(s, query_)) {
        near_miss(s, at);
      }
    }
  }

  Closeness supposed(Closeness matched, const CompiledStatement& s, StatementRef at) const {
    if (at != supposition_.at) return matched;
    if (supposition_.what == What::without_statement) return Closeness::none;
    if (supposition_.what != What::with_statement) return matched;
    const Closeness who = principal_matches(s, query_);
    return who == Closeness::none ? Closeness::self : who;
  }

  static void note(LayerVerdict& verdict, const CompiledStatement& s, StatementRef at, Closeness matched) {
    if (!s.allow) {
      if (!verdict.denies) verdict.deny = at;
      verdict.denies = true;
    } else if (matched > verdict.closeness) {
      verdict.allows = true;
      verdict.closeness = matched;
      verdict.allow = at;
    }
  }

  void near_miss(const CompiledStatement& s, StatementRef at) {
    Explanation::NearMiss miss;
    miss.at = at;
    miss.allow = s.allow;
    miss.sid = s.sid;
    miss.line = s.line;
    miss.principal_failed = principal_matches(s, query_) == Closeness::none;
    for (const Test& test : s.tests) {
      if (holds(test, query_.context)) continue;
      miss.failed.push_back({test.operator_index, test.entry_index});
    }
    out_->nearly.push_back(std::move(miss));
  }

  QueryText text_;
  Query query_;
  const Request& request_;
  const PolicyView& view_;
  const Supposition& supposition_;
  Explanation* out_;
  Verdicts v_;
};

}  // namespace

Explanation explain(const Request& request, const PolicyView& policies) {
  Explanation result;
  const PolicyView view = applicable(request, policies);
  result.decision = Walker(request, view, kAsItIs, &result).run();
  // As IAM's simulator does: where a Deny struck, the Allows did not matter.
  if (result.decision.outcome == Outcome::explicitly_denied) {
    std::erase_if(result.matched, [](const Explanation::Mattered& m) { return m.allow; });
  }
  return result;
}

Decision decide_supposing(const Request& request, const PolicyView& policies,
                          const Supposition& supposition) {
  const PolicyView view = applicable(request, policies);
  return Walker(request, view, supposition, nullptr).run();
}

}  // namespace gatehouse::policy
