// The compiled form of a policy, and how a request is put to it.
//
// Statements are found, not searched. Three tables lead to them: by action, by what a resource pattern
// literally begins with, and by principal. Each lists, in ascending order, every statement that could match;
// the table with the fewest candidates is taken and each candidate then compared in full. So the cost follows
// the number of statements that come close to the request, not the number there are. A policy of a few
// statements has signatures instead, which say in one look which of them come close.
//
// With many policies most of the time is spent waiting for memory. So what is asked of every policy stands in
// one cache line, and what is asked of a small one behind it in a row.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/condition/condition.h"
#include "policy/decide/index.h"
#include "policy/decide/principal.h"
#include "policy/match/arn_pattern.h"

namespace gatehouse::policy {

// What is asked, prepared once for all policies.
struct Query {
  const Request& request;
  const Context& context;
  std::string_view action;  // in lower case
  std::uint64_t action_hash, service_hash;
  Signature signature;
  ArnText resource;
  Caller caller;
};

// Holds a Query's text in lower case; actions of usual length without allocating.
class QueryText {
 public:
  explicit QueryText(std::string_view action);
  std::string_view action() const { return view_; }

 private:
  char buffer_[128];
  std::string long_;
  std::string_view view_;
};

Query make_query(const Request& request, const QueryText& text, const PolicyView& view);

// Fits a cache line.
struct CompiledStatement {
  bool allow = false;
  bool not_action = false, not_resource = false, not_principal = false;
  bool has_resource = false, has_principal = false;
  std::uint32_t action_count = 0, resource_count = 0, principal_count = 0, test_count = 0;
  const Pattern* first_action = nullptr;
  const ArnPattern* first_resource = nullptr;
  const PrincipalPattern* first_principal = nullptr;
  const Test* first_test = nullptr;

  std::span<const Pattern> actions() const { return {first_action, action_count}; }  // in lower case
  std::span<const ArnPattern> resources() const { return {first_resource, resource_count}; }
  std::span<const PrincipalPattern> principals() const { return {first_principal, principal_count}; }
  std::span<const Test> tests() const { return {first_test, test_count}; }
};

static_assert(sizeof(CompiledStatement) <= 64);

// What only people ask about a statement.
struct StatementName {
  std::string_view sid;
  int line = 0;
};

// What a policy says to a request.
struct Verdict {
  static constexpr std::uint32_t kNone = UINT32_MAX;
  std::uint32_t deny = kNone;   // the first Deny that matches
  std::uint32_t allow = kNone;  // the first of the closest Allows; only looked for until a deny is found
  Closeness closeness = Closeness::none;

  bool denies() const { return deny != kNone; }
  bool allows() const { return allow != kNone; }
};

// The parts of matching one statement, each alone for explanations.
bool action_matches(const CompiledStatement& s, const Query& q);
bool resource_matches(const CompiledStatement& s, const Query& q);
Closeness principal_matches(const CompiledStatement& s, const Query& q);  // self where there is no Principal
bool conditions_hold(const CompiledStatement& s, const Query& q);
// `action_known`: it is known to match.
Closeness statement_matches(const CompiledStatement& s, const Query& q, bool action_known = false);

class Program {
 public:
  Program() = default;
  Program(std::span<const CompiledStatement> statements, const Index& index, std::size_t hot_bytes);

  std::span<const CompiledStatement> statements() const { return {first_, count_}; }

  // Whether the policy could say anything: evaluate() may be spared otherwise.
  bool concerns(const Query& q, bool deny_only) const {
    return (has_deny_ || !deny_only) && index_.concerns(q);
  }
  // Asks for the memory that evaluate() reads first.
  void fetch(const Query& q) const;
  // `deny_only`: the layer's Allow is found already, and no other can be better.
  Verdict evaluate(const Query& q, bool deny_only = false) const;

  // In ascending order, at least every statement whose action and resource match.
  void near(const Query& q, std::vector<std::uint32_t>& statements) const;

 private:
  struct Tables;
  void consider(std::uint32_t id, bool action_known, const Query& q, bool deny_only, Verdict& verdict) const;
  const Candidates& choose(const Query& q, bool by_principal, Tables& tables) const;

  const CompiledStatement* first_ = nullptr;
  std::uint32_t count_ = 0;
  bool has_deny_ = false;
  std::uint8_t hot_lines_ = 0;  // cache lines from first_ on that evaluating a small policy may read
  Index index_;
};

}  // namespace gatehouse::policy
