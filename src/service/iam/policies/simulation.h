// One simulation: the policies in play, who asks, and the context. Filled by simulate.cc from the request
// and, for a principal, from the directory; run for each action and resource.
#pragma once

#include <deque>
#include <optional>

#include "account/organizations.h"
#include "policy/compiled.h"
#include "service/iam/about.h"

namespace gatehouse::service::iam {

class Simulation {
 public:
  explicit Simulation(std::string account) : account_(std::move(account)) {}

  struct Source {
    std::string id, type;
    policy::CompiledPtr compiled;
  };
  void add_identity(Source source) { identity_.push_back(std::move(source)); }
  void add_boundary(Source source) {
    bounded_ = true;
    boundary_.push_back(std::move(source));
  }
  void clear_boundary() { boundary_.clear(); }
  void bound() { bounded_ = true; }  // by a policy that is not there: nothing is allowed
  void set_resource_policy(Source source) { resource_ = std::move(source); }

  // Of the principal's account, whose service control policies bind it.
  void set_standing(std::shared_ptr<const account::Standing> standing) { standing_ = std::move(standing); }

  // A user's, role's, root's or session's ARN; empty: nobody in particular of the account.
  Result<void> set_caller(std::string_view arn, std::string_view unique_id);
  void set_owner(std::string account) { owner_ = std::move(account); }
  // Later ones do not replace.
  void add_key(std::string name, std::vector<std::string> values, bool multivalued);

  const std::vector<Source>& identity() const { return identity_; }
  // The result for one action on these resources; none: on "*".
  wire::Value run(const std::string& action, const std::vector<std::string>& resources) const;

 private:
  struct Outcome {
    policy::Explanation explanation;
    bool crosses = false;  // into another account
    std::optional<bool> within_boundary;
    bool within_organization = true;
  };
  Outcome decide(const std::string& action, const std::string& resource) const;
  wire::Value specific(const std::string& resource, const Outcome& outcome) const;
  const account::ControlLevels* controls() const;
  const Source* source_of(const policy::StatementRef& at) const;
  wire::Value matched(const policy::Explanation& explanation) const;
  wire::Value missing() const;

  std::string account_, owner_;
  std::vector<Source> identity_, boundary_;
  bool bounded_ = false;
  std::optional<Source> resource_;
  std::shared_ptr<const account::Standing> standing_;
  policy::PrincipalType type_ = policy::PrincipalType::user;
  std::string caller_account_, caller_arn_, role_arn_, unique_id_;
  struct Key {
    std::string name;
    std::vector<std::string> values;
    bool multivalued;
  };
  std::vector<Key> keys_;
};

}  // namespace gatehouse::service::iam
