// The second walk: every statement of every policy compared by itself, without the index. Its decision must
// be decide()'s.
#include "policy/decide/layers.h"

namespace gatehouse::policy {
namespace {

class Walker {
 public:
  Walker(const Request& request, const PolicyView& view, Explanation& out)
      : text_(request.action),
        query_(make_query(request, text_, view.boundary.data() != nullptr)),
        out_(out) {}

  void walk(LayerVerdict& verdict, Layer layer, std::span<const Compiled* const> policies,
            std::size_t first = 0) {
    if (policies.data() == nullptr) return;
    verdict.present = true;
    for (std::size_t i = 0; i < policies.size(); ++i) walk_policy(verdict, layer, *policies[i], first + i);
  }

  void walk_levels(LayerVerdict& verdict, Layer layer,
                   std::span<const std::span<const Compiled* const>> levels) {
    if (levels.data() == nullptr) return;
    LayerVerdict whole;
    whole.present = true;
    whole.allows = !levels.empty();
    std::size_t first = 0;
    for (const auto& level : levels) {
      LayerVerdict one;
      walk(one, layer, level, first);
      first += level.size();
      whole.allows = whole.allows && one.allows;
      if (one.denies && !whole.denies) {
        whole.denies = true;
        whole.deny = one.deny;
      }
    }
    verdict = whole;
  }

  void walk_policy(LayerVerdict& verdict, Layer layer, const Compiled& policy, std::size_t index) {
    const auto statements = policy.program().statements;
    for (std::size_t i = 0; i < statements.size(); ++i) {
      const CompiledStatement& s = statements[i];
      const StatementRef at{layer, static_cast<std::uint16_t>(index), static_cast<std::uint16_t>(i)};
      if (const Closeness matched = statement_matches(s, query_); matched != Closeness::none) {
        note(verdict, s, at, matched);
        out_.matched.push_back({at, s.allow, std::string(s.sid), s.line});
      } else if (action_matches(s, query_) && resource_matches(s, query_)) {
        near_miss(s, at);
      }
    }
  }

 private:
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
    out_.nearly.push_back(std::move(miss));
  }

  QueryText text_;
  Query query_;
  Explanation& out_;
};

}  // namespace

Explanation explain(const Request& request, const PolicyView& policies) {
  Explanation result;
  const PolicyView view = applicable(request, policies);
  Walker walker(request, view, result);
  Verdicts v;
  walker.walk_levels(v.scp, Layer::scp, view.scp);
  walker.walk_levels(v.rcp, Layer::rcp, view.rcp);
  walker.walk(v.endpoint, Layer::endpoint, view.endpoint);
  if (view.resource != nullptr) {
    v.resource.present = true;
    walker.walk_policy(v.resource, resource_layer(request, view.resource), *view.resource, 0);
  }
  walker.walk(v.identity, Layer::identity, view.identity);
  walker.walk(v.boundary, Layer::boundary, view.boundary);
  walker.walk(v.session, Layer::session, view.session);
  result.decision = combine(request, view, v);
  // As IAM's simulator does: where a Deny struck, the Allows did not matter.
  if (result.decision.outcome == Outcome::explicitly_denied) {
    std::erase_if(result.matched, [](const Explanation::Mattered& m) { return m.allow; });
  }
  return result;
}

}  // namespace gatehouse::policy
