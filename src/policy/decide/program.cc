#include "policy/decide/program.h"

#include <algorithm>

#include "policy/match/text.h"

namespace gatehouse::policy {
namespace {

const Context kNothingKnown;

constexpr std::size_t kCacheLine = 64, kMostHotLines = 16;

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
  std::size_t at = 0;
  for (; at + 8 <= action.size(); at += 8) store8(to + at, lower8(load8(action.data() + at)));
  for (; at < action.size(); ++at) to[at] = lower(action[at]);
  view_ = {to, action.size()};
}

Query make_query(const Request& request, const QueryText& text, const PolicyView& view) {
  const bool compared =
      view.resource != nullptr || view.endpoint.data() != nullptr || view.rcp.data() != nullptr;
  const std::string_view action = text.action();
  const std::uint64_t action_hash = hash_text(action);
  const std::uint64_t service_hash = hash_text(action.substr(0, action.find(':')));
  return {request,
          request.context != nullptr ? *request.context : kNothingKnown,
          action,
          action_hash,
          service_hash,
          action_signature(action_hash) | service_signature(service_hash),
          ArnText(request.resource),
          Caller(request.principal, view.boundary.data() != nullptr, compared)};
}

bool action_matches(const CompiledStatement& s, const Query& q) {
  const bool listed =
      std::ranges::any_of(s.actions(), [&](const Pattern& p) { return match_literally(p, q.action); });
  return listed != s.not_action;
}

// A variable without a value makes the statement void: it neither matches a Resource nor lies outside a
// NotResource.
bool resource_matches(const CompiledStatement& s, const Query& q) {
  if (!s.has_resource) return true;
  bool unknown = false;
  for (const ArnPattern& pattern : s.resources()) {
    const Match one = match(pattern, q.resource, q.context);
    if (one == Match::yes) return !s.not_resource;
    unknown = unknown || one == Match::unknown;
  }
  return s.not_resource && !unknown;
}

Closeness principal_matches(const CompiledStatement& s, const Query& q) {
  if (!s.has_principal) return Closeness::self;
  if (!s.not_principal) return closeness(s.principals(), q.caller);
  return outside(s.principals(), q.caller, !s.allow) ? Closeness::self : Closeness::none;
}

bool conditions_hold(const CompiledStatement& s, const Query& q) {
  return std::ranges::all_of(s.tests(), [&](const Test& test) { return holds(test, q.context); });
}

Closeness statement_matches(const CompiledStatement& s, const Query& q, bool action_known) {
  if ((!action_known && !action_matches(s, q)) || !resource_matches(s, q)) return Closeness::none;
  const Closeness who = principal_matches(s, q);
  if (who == Closeness::none || !conditions_hold(s, q)) return Closeness::none;
  return who;
}

struct Program::Tables {
  Candidates actions, resources, principals;
};

Program::Program(std::span<const CompiledStatement> statements, const Index& index, std::size_t hot_bytes)
    : first_(statements.data()),
      count_(static_cast<std::uint32_t>(statements.size())),
      has_deny_(!std::ranges::all_of(statements, &CompiledStatement::allow)),
      hot_lines_(static_cast<std::uint8_t>(std::min(hot_bytes / kCacheLine + 1, kMostHotLines))),
      index_(index) {}

void Program::fetch(const Query& q) const {
  if (index_.has_tables()) return index_.fetch(q);
  const char* at = reinterpret_cast<const char*>(first_);
  for (std::size_t i = 0; i < hot_lines_; ++i) __builtin_prefetch(at + i * kCacheLine);
}

void Program::consider(std::uint32_t id, bool action_known, const Query& q, bool deny_only,
                       Verdict& verdict) const {
  const CompiledStatement& s = first_[id];
  if (!matters(verdict, s, id, deny_only)) return;
  const Closeness matched = statement_matches(s, q, action_known);
  if (matched != Closeness::none) note(verdict, s, id, matched);
}

Verdict Program::evaluate(const Query& q, bool deny_only) const {
  Verdict verdict;
  if (!index_.has_tables()) {
    for (std::uint32_t id = 0; id < count_; ++id) {
      if (index_.may_match(id, q.signature)) consider(id, false, q, deny_only, verdict);
    }
    return verdict;
  }
  Tables tables;
  const Candidates& candidates = choose(q, true, tables);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    for (const std::uint32_t id : candidates[i]) {
      consider(id, candidates.action_matches(i), q, deny_only, verdict);
    }
  }
  return verdict;
}

const Candidates& Program::choose(const Query& q, bool by_principal, Tables& tables) const {
  index_.by_action(q, tables.actions);
  const Candidates* best = &tables.actions;
  if (index_.has_resources() && best->total() > kFewCandidates) {
    index_.by_resource(q, tables.resources);
    if (tables.resources.total() < best->total()) best = &tables.resources;
  }
  if (by_principal && index_.has_principals() && best->total() > kFewCandidates) {
    index_.by_principal(q, tables.principals);
    if (tables.principals.total() < best->total()) best = &tables.principals;
  }
  return *best;
}

void Program::near(const Query& q, std::vector<std::uint32_t>& statements) const {
  statements.clear();
  if (!index_.concerns(q)) return;
  if (!index_.has_tables()) {
    for (std::uint32_t id = 0; id < count_; ++id) {
      if (index_.may_match(id, q.signature)) statements.push_back(id);
    }
    return;
  }
  Tables tables;
  const Candidates& candidates = choose(q, false, tables);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    statements.insert(statements.end(), candidates[i].begin(), candidates[i].end());
  }
  std::ranges::sort(statements);
  statements.erase(std::ranges::unique(statements).begin(), statements.end());
}

}  // namespace gatehouse::policy
