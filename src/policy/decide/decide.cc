#include <algorithm>

#include "policy/decide/layers.h"

namespace gatehouse::policy {
namespace {

constexpr std::size_t kMostFetched = 16;

// Policies of many callers lie all over memory: waiting for all of them at once takes as long as for one, and
// the request is made ready meanwhile.
void fetch(const PolicyView& view) {
  for (const auto& layer : {view.identity, view.boundary, view.session, view.endpoint}) {
    for (const Compiled* policy : layer.first(std::min(layer.size(), kMostFetched)))
      __builtin_prefetch(policy);
  }
  if (view.resource != nullptr) __builtin_prefetch(view.resource);
}

// Puts the query to every policy of every layer. The order matters only for which Deny is named first; all
// Allows are needed only while no Deny has struck.
class Asker {
 public:
  Asker(const Request& request, const PolicyView& view)
      : text_(request.action), query_(make_query(request, text_, view)) {}

  void ask(LayerVerdict& verdict, Layer layer, std::span<const Compiled* const> policies,
           std::size_t first = 0) {
    if (policies.data() == nullptr) return;
    verdict.present = true;
    for (const Compiled* policy : policies.first(std::min(policies.size(), kMostFetched))) {
      if (policy->program().concerns(query_, false)) policy->program().fetch(query_);
    }
    for (std::size_t i = 0; i < policies.size(); ++i) ask_one(verdict, layer, *policies[i], first + i);
  }

  // Every level must allow; each level's policies count on from the one before.
  void ask_levels(LayerVerdict& verdict, Layer layer,
                  std::span<const std::span<const Compiled* const>> levels) {
    if (levels.data() == nullptr) return;
    verdict.present = true;
    bool every_level_allows = !levels.empty();
    std::size_t first = 0;
    for (const auto& level : levels) {
      LayerVerdict one;
      ask(one, layer, level, first);
      first += level.size();
      every_level_allows = every_level_allows && one.allows;
      if (one.denies && !verdict.denies) {
        verdict.denies = true;
        verdict.deny = one.deny;
      }
    }
    verdict.allows = every_level_allows;
  }

  const Query& query() const { return query_; }

  void ask_one(LayerVerdict& verdict, Layer layer, const Compiled& policy, std::size_t index) {
    if (verdict.denies) return;
    const bool deny_only = verdict.closeness == Closeness::self;
    if (!policy.program().concerns(query_, deny_only)) return;
    const Verdict said = policy.program().evaluate(query_, deny_only);
    const auto ref = [&](std::uint32_t statement) {
      return StatementRef{layer, static_cast<std::uint32_t>(index), statement};
    };
    if (said.denies() && !verdict.denies) {
      verdict.denies = true;
      verdict.deny = ref(said.deny);
    }
    if (said.allows() && said.closeness > verdict.closeness) {
      verdict.allows = true;
      verdict.closeness = said.closeness;
      verdict.allow = ref(said.allow);
    }
  }

 private:
  QueryText text_;
  Query query_;
};

}  // namespace

Decision decide(const Request& request, const PolicyView& policies) {
  const PolicyView view = applicable(request, policies);
  fetch(view);
  Asker asker(request, view);
  Verdicts v;
  asker.ask_levels(v.scp, Layer::scp, view.scp);
  asker.ask_levels(v.rcp, Layer::rcp, view.rcp);
  asker.ask(v.endpoint, Layer::endpoint, view.endpoint);
  if (view.resource != nullptr) {
    v.resource.present = true;
    asker.ask_one(v.resource, resource_layer(request, view.resource), *view.resource, 0);
  }
  asker.ask(v.identity, Layer::identity, view.identity);
  asker.ask(v.boundary, Layer::boundary, view.boundary);
  asker.ask(v.session, Layer::session, view.session);
  return combine(asker.query(), view, v);
}

std::string_view to_string(Outcome o) {
  switch (o) {
    case Outcome::allowed:
      return "Allowed";
    case Outcome::implicitly_denied:
      return "ImplicitlyDenied";
    case Outcome::explicitly_denied:
      return "ExplicitlyDenied";
  }
  return "";
}

std::string_view to_string(Layer l) {
  switch (l) {
    case Layer::scp:
      return "scp";
    case Layer::rcp:
      return "rcp";
    case Layer::endpoint:
      return "endpoint";
    case Layer::resource:
      return "resource";
    case Layer::trust:
      return "trust";
    case Layer::identity:
      return "identity";
    case Layer::boundary:
      return "boundary";
    case Layer::session:
      return "session";
  }
  return "";
}

}  // namespace gatehouse::policy
