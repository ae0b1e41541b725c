// The compiled form of a policy, and how a request is put to it.
//
// Statements are found, not searched. Three tables lead to them: by action, by what a resource pattern
// literally begins with, and by principal. Each lists, in ascending order, every statement that could match;
// the table with the fewest candidates is taken and each candidate then compared in full. So the cost follows
// the number of statements that come close to the request, not the number there are.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "policy/condition/condition.h"
#include "policy/decide/index.h"
#include "policy/decide/principal.h"
#include "policy/match/arn_pattern.h"

namespace gatehouse::policy {

// What is asked, prepared once for all policies.
struct Query {
  const Request& request;
  const Context& context;
  std::string_view action;   // in lower case
  std::string_view service;  // "s3", the action's front
  std::uint64_t action_hash, service_hash;
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

struct CompiledStatement {
  bool allow = false;
  bool not_action = false, not_resource = false, not_principal = false;
  bool has_resource = false, has_principal = false;
  std::span<const Pattern> actions;  // in lower case
  std::span<const ArnPattern> resources;
  std::span<const PrincipalPattern> principals;
  std::span<const Test> tests;
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

struct Program {
  std::span<const CompiledStatement> statements;
  Index index;

  bool has_deny = false;

  // Asks for the memory that evaluate() reads first.
  void fetch() const {
    __builtin_prefetch(statements.data());
    index.fetch();
  }

  // `deny_only`: the layer's Allow is found already, and no other can be better.
  Verdict evaluate(const Query& q, bool deny_only = false) const;
  Verdict evaluate_slowly(const Query& q) const;  // statement by statement, without the index

 private:
  Verdict evaluate(const Candidates& candidates, const Query& q, bool deny_only) const;
};

}  // namespace gatehouse::policy
