#include "policy/decide/program.h"

#include <algorithm>

#include "policy/match/text.h"

namespace gatehouse::policy {
namespace {

const Context kNothingKnown;

// Takes a statement that matches into the verdict. Verdicts are the same in whatever order statements come.
void note(Verdict& verdict, const CompiledStatement& s, std::uint32_t id, Closeness matched) {
  if (!s.allow) {
    verdict.deny = std::min(verdict.deny, id);
  } else if (matched > verdict.closeness) {
    verdict.closeness = matched;
    verdict.allow = id;
  } else if (matched == verdict.closeness) {
    verdict.allow = std::min(verdict.allow, id);
  }
}

// Whether the statement could still change the verdict.
bool matters(const Verdict& verdict, const CompiledStatement& s, std::uint32_t id, bool deny_only) {
  if (!s.allow) return id < verdict.deny;
  if (deny_only || verdict.denies()) return false;
  return verdict.closeness < Closeness::self || id < verdict.allow;
}

}  // namespace

QueryText::QueryText(std::string_view action) {
  char* to = buffer_;
  if (action.size() > sizeof buffer_) {
    long_.resize(action.size());
    to = long_.data();
  }
  std::ranges::transform(action, to, lower);
  view_ = {to, action.size()};
}

Query make_query(const Request& request, const QueryText& text, const PolicyView& view) {
  const bool compared =
      view.resource != nullptr || view.endpoint.data() != nullptr || view.rcp.data() != nullptr;
  const std::string_view action = text.action();
  const std::string_view service = action.substr(0, action.find(':'));
  return {request,
          request.context != nullptr ? *request.context : kNothingKnown,
          action,
          service,
          hash_text(action),
          hash_text(service),
          ArnText(request.resource),
          Caller(request.principal, view.boundary.data() != nullptr, compared)};
}

bool action_matches(const CompiledStatement& s, const Query& q) {
  const bool listed =
      std::ranges::any_of(s.actions, [&](const Pattern& p) { return match_literally(p, q.action); });
  return listed != s.not_action;
}

// A variable without a value makes the statement void: it neither matches a Resource nor lies outside a
// NotResource.
bool resource_matches(const CompiledStatement& s, const Query& q) {
  if (!s.has_resource) return true;
  bool unknown = false;
  for (const ArnPattern& pattern : s.resources) {
    const Match one = match(pattern, q.resource, q.context);
    if (one == Match::yes) return !s.not_resource;
    unknown = unknown || one == Match::unknown;
  }
  return s.not_resource && !unknown;
}

Closeness principal_matches(const CompiledStatement& s, const Query& q) {
  if (!s.has_principal) return Closeness::self;
  if (!s.not_principal) return closeness(s.principals, q.caller);
  return outside(s.principals, q.caller, !s.allow) ? Closeness::self : Closeness::none;
}

bool conditions_hold(const CompiledStatement& s, const Query& q) {
  return std::ranges::all_of(s.tests, [&](const Test& test) { return holds(test, q.context); });
}

Closeness statement_matches(const CompiledStatement& s, const Query& q, bool action_known) {
  if ((!action_known && !action_matches(s, q)) || !resource_matches(s, q)) return Closeness::none;
  const Closeness who = principal_matches(s, q);
  if (who == Closeness::none || !conditions_hold(s, q)) return Closeness::none;
  return who;
}

Verdict Program::evaluate(const Query& q, bool deny_only) const {
  if (deny_only && !has_deny) return {};
  Candidates actions;
  index.by_action(q, actions);
  if (actions.total() <= kFewCandidates) return evaluate(actions, q, deny_only);
  Candidates resources, principals;
  const Candidates* best = &actions;
  if (index.has_resources()) {
    index.by_resource(q, resources);
    if (resources.total() < best->total()) best = &resources;
  }
  if (index.has_principals() && best->total() > kFewCandidates) {
    index.by_principal(q, principals);
    if (principals.total() < best->total()) best = &principals;
  }
  return evaluate(*best, q, deny_only);
}

Verdict Program::evaluate(const Candidates& candidates, const Query& q, bool deny_only) const {
  Verdict verdict;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    for (const std::uint32_t id : candidates[i]) {
      const CompiledStatement& s = statements[id];
      if (!matters(verdict, s, id, deny_only)) continue;
      const Closeness matched = statement_matches(s, q, candidates.action_matches(i));
      if (matched != Closeness::none) note(verdict, s, id, matched);
    }
  }
  return verdict;
}

Verdict Program::evaluate_slowly(const Query& q) const {
  Verdict verdict;
  for (std::uint32_t id = 0; id < statements.size(); ++id) {
    const Closeness matched = statement_matches(statements[id], q);
    if (matched != Closeness::none) note(verdict, statements[id], id, matched);
  }
  return verdict;
}

}  // namespace gatehouse::policy
