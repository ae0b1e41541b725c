#include "account/gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "base/arn.h"
#include "base/time.h"
#include "policy/catalogue/catalogue.h"
#include "policy/compiled.h"

namespace gatehouse::account {
namespace {

// The policies of one layer beside their names, for the decision's record.
struct Gathered {
  std::vector<const policy::Compiled*> compiled;
  std::vector<std::string_view> names;
  std::vector<std::shared_ptr<const void>> keep;

  void add(const policy::CompiledPtr& policy, std::string_view name) {
    compiled.push_back(policy.get());
    names.push_back(name);
  }
};

// Where the caller and the resource's owner stand in organizations. No organization at all costs one look.
struct Places {
  Places(const Organizations& organizations, std::string_view caller_account, std::string_view owner_account)
      : keep(organizations.standing()) {
    if (keep == nullptr) return;
    caller = keep->find(caller_account);
    owner = owner_account == caller_account ? caller : keep->find(owner_account);
  }
  bool together() const { return caller && owner && caller->organization->id == owner->organization->id; }

  std::shared_ptr<const Standing> keep;
  const Placement* caller = nullptr;
  const Placement* owner = nullptr;
};

struct Policies {
  Gathered identity, boundary, session, endpoint;
  bool bounded = false;
  bool session_bounded = false;
  const ControlLevels* scp = nullptr;
  const ControlLevels* rcp = nullptr;
};

// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html: "RCPs apply to
// resources for a subset of AWS services"
bool takes_rcp(std::string_view action) {
  const auto service = policy::catalogue::find_service(action.substr(0, action.find(':')));
  return service && service->supports_rcp();
}

void add_controls(const Places& places, std::string_view action, Policies& to) {
  if (places.caller && places.caller->scp) to.scp = &*places.caller->scp;
  if (places.owner && places.owner->rcp && takes_rcp(action)) to.rcp = &*places.owner->rcp;
}

void add_managed(const Directory& directory, std::string_view arn, Gathered& to) {
  // An attached policy that is not there grants nothing; it never counts as allowing.
  const auto policy = directory.policy(arn);
  if (policy == nullptr) return;
  to.add(policy->current().document.compiled, policy->arn);
  to.keep.push_back(policy);
}

void add_grants(const Directory& directory, const Grants& grants, Policies& to) {
  for (const auto& [name, policy] : grants.inline_policies) to.identity.add(policy.compiled, name);
  for (const std::string& arn : grants.attached) add_managed(directory, arn, to.identity);
  if (!grants.boundary.empty()) {
    to.bounded = true;
    add_managed(directory, grants.boundary, to.boundary);
  }
}

// What root may do, whom no policy is attached to, for those it vouches for.
const policy::CompiledPtr& everything() {
  static const policy::CompiledPtr policy = *policy::compile(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})",
      policy::Kind::identity);
  return policy;
}

Policies gather(const Directory& directory, const Caller& caller) {
  Policies out;
  const bool federated = caller.type == policy::PrincipalType::federated_user;
  if (federated && caller.name.empty()) {
    out.identity.add(everything(), "root");
  } else if (caller.type == policy::PrincipalType::user || federated) {
    const auto user = directory.user(caller.account, caller.name);
    if (user == nullptr) return out;
    out.identity.keep.push_back(user);
    add_grants(directory, user->grants, out);
    for (const std::string& id : user->groups) {
      const auto group = directory.by_id<Group>(id);
      if (group == nullptr) continue;
      out.identity.keep.push_back(group);
      add_grants(directory, group->grants, out);
    }
  } else if (caller.type == policy::PrincipalType::assumed_role) {
    const auto role = directory.role(caller.account, caller.name);
    if (role == nullptr) return out;
    out.identity.keep.push_back(role);
    add_grants(directory, role->grants, out);
  }
  if (caller.session && caller.session->has_session_policy) {
    out.session_bounded = true;
    for (const auto& compiled : caller.session->compiled) out.session.add(compiled, "session policy");
    for (const std::string& arn : caller.session->policy_arns) add_managed(directory, arn, out.session);
  }
  return out;
}

std::string_view principal_type(policy::PrincipalType type) {
  switch (type) {
    case policy::PrincipalType::root:
      return "Account";
    case policy::PrincipalType::user:
      return "User";
    case policy::PrincipalType::assumed_role:
      return "AssumedRole";
    case policy::PrincipalType::federated_user:
      return "FederatedUser";
    default:
      return "Anonymous";
  }
}

// The global keys, with the text they need kept beside them.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
class Keys {
 public:
  Keys(const Caller& caller, const Circumstances& c, const VpcEndpoint* endpoint,
       const Requirement& requirement, std::string_view owner, const Places& places) {
    set("aws:CurrentTime", iso8601(c.now));
    set("aws:EpochTime", std::to_string(unix_seconds(c.now)));
    set("aws:SecureTransport", c.secure_transport ? "true" : "false");
    if (endpoint != nullptr) {
      endpoint_keys(*endpoint, c.source_ip, places);
    } else if (!c.source_ip.empty()) {
      set("aws:SourceIp", c.source_ip);
    }
    set("aws:ViaAWSService", "false");
    if (!c.user_agent.empty()) set("aws:UserAgent", c.user_agent);
    if (!c.referer.empty()) set("aws:Referer", c.referer);
    if (!c.region.empty()) set("aws:RequestedRegion", c.region);
    if (!owner.empty()) set("aws:ResourceAccount", owner);
    if (caller.type != policy::PrincipalType::service) {
      set("aws:PrincipalType", principal_type(caller.type));
      set("aws:PrincipalAccount", caller.anonymous() ? std::string_view("anonymous") : caller.account);
      set("aws:userid", caller.anonymous() ? std::string_view("anonymous") : caller.user_id);
    }
    if (places.owner) set_organization("aws:ResourceOrgID", "aws:ResourceOrgPaths", *places.owner);
    if (caller.type == policy::PrincipalType::service) {
      set("aws:PrincipalIsAWSService", "true");
      set("aws:PrincipalServiceName", caller.arn);
    } else if (!caller.anonymous() && caller.type != policy::PrincipalType::federated) {
      signed_keys(caller, c.now);
      if (places.caller) set_organization("aws:PrincipalOrgID", "aws:PrincipalOrgPaths", *places.caller);
    }
    for (const auto& [name, values] : caller.keys) set_list(name, values, values.size() != 1);
    for (const auto& key : requirement.keys) set_list(key.name, key.values, key.multivalued);
  }

  const policy::Context& context() const { return context_; }

 private:
  void signed_keys(const Caller& caller, Time now) {
    set("aws:PrincipalIsAWSService", "false");
    const bool role = caller.type == policy::PrincipalType::assumed_role && !caller.role_arn.empty();
    set("aws:PrincipalArn", role ? caller.role_arn : caller.arn);
    if (caller.type == policy::PrincipalType::user) set("aws:username", caller.name);
    for (const auto& [key, value] : caller.tags) {
      kept_.push_back("aws:PrincipalTag/" + key);
      context_.set(kept_.back(), std::string_view(value));
    }
    if (!caller.session) return;
    set("aws:TokenIssueTime", iso8601(caller.session->issued));
    const bool second_factor = caller.session->second_factor != Time{};
    set("aws:MultiFactorAuthPresent", second_factor ? "true" : "false");
    if (second_factor) {
      const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - caller.session->second_factor);
      set("aws:MultiFactorAuthAge", std::to_string(age.count()));
    }
    if (!caller.session->source_identity.empty()) set("aws:SourceIdentity", caller.session->source_identity);
    if (!caller.session->federated_provider.empty())
      set("aws:FederatedProvider", caller.session->federated_provider);
  }

  // A private address says nothing of itself: aws:SourceIp is not there.
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-network-properties
  void endpoint_keys(const VpcEndpoint& endpoint, const std::string& source_ip, const Places& places) {
    set("aws:SourceVpce", std::string_view(endpoint.id));
    set("aws:SourceVpc", std::string_view(endpoint.vpc));
    set("aws:VpcSourceIp", source_ip);
    set("aws:VpceAccount", std::string_view(endpoint.account));
    const Placement* place = places.keep == nullptr ? nullptr : places.keep->find(endpoint.account);
    if (place != nullptr) set_organization("aws:VpceOrgID", "aws:VpceOrgPaths", *place);
  }

  void set_organization(std::string_view id, std::string_view paths, const Placement& place) {
    context_.set(id, std::string_view(place.organization->id));
    const std::string_view path = place.path;
    context_.set(paths, std::span(&path, 1));
  }

  void set(std::string_view name, std::string_view value) { context_.set(name, value); }
  void set(std::string_view name, std::string value) {
    kept_.push_back(std::move(value));
    context_.set(name, std::string_view(kept_.back()));
  }
  void set(std::string_view name, const char* value) { context_.set(name, std::string_view(value)); }
  void set_list(std::string_view name, const std::vector<std::string>& values, bool multivalued) {
    if (!multivalued && values.size() == 1) {
      context_.set(name, std::string_view(values.front()));
    } else {
      const std::vector<std::string_view> views(values.begin(), values.end());
      context_.set(name, std::span(views));
    }
  }

  policy::Context context_;
  std::deque<std::string> kept_;
};

// What a service asks on the caller's behalf, S3 of KMS, comes from the service and through no endpoint of
// the caller's. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html
bool is_forwarded(const Requirement& requirement) {
  return std::ranges::any_of(requirement.keys,
                             [](const Requirement::Key& key) { return key.name == "kms:ViaService"; });
}

std::string_view name_of(const Policies& policies, const policy::StatementRef& at) {
  const auto named = [&](const Gathered& g) {
    return at.policy < g.names.size() ? g.names[at.policy] : std::string_view();
  };
  switch (at.layer) {
    case policy::Layer::identity:
      return named(policies.identity);
    case policy::Layer::boundary:
      return named(policies.boundary);
    case policy::Layer::session:
      return named(policies.session);
    case policy::Layer::resource:
      return "resource policy";
    case policy::Layer::trust:
      return "trust policy";
    case policy::Layer::scp:
      return policies.scp->policies[at.policy]->arn;
    case policy::Layer::rcp:
      return policies.rcp->policies[at.policy]->arn;
    case policy::Layer::endpoint:
      return named(policies.endpoint);
  }
  return "";
}

const policy::Compiled* compiled_of(const Policies& policies, const Requirement& requirement,
                                    const policy::StatementRef& at) {
  const auto nth = [&](const Gathered& g) {
    return at.policy < g.compiled.size() ? g.compiled[at.policy] : nullptr;
  };
  switch (at.layer) {
    case policy::Layer::identity:
      return nth(policies.identity);
    case policy::Layer::boundary:
      return nth(policies.boundary);
    case policy::Layer::session:
      return nth(policies.session);
    case policy::Layer::resource:
    case policy::Layer::trust:
      return requirement.resource_policy.get();
    case policy::Layer::scp:
      return policies.scp->compiled[at.policy];
    case policy::Layer::rcp:
      return policies.rcp->compiled[at.policy];
    case policy::Layer::endpoint:
      return nth(policies.endpoint);
  }
  return nullptr;
}

// Of an SCP denial without a Deny: the root, unit or account whose policies, the first from the root, do not
// allow. For the record; the message does not tell.
std::string_view silent_level(const policy::Request& request, const ControlLevels& scp) {
  for (size_t i = 0; i < scp.levels.size(); ++i) {
    policy::PolicyView alone;
    alone.scp = std::span(scp.levels).subspan(i, 1);
    if (policy::decide(request, alone).decided_by == policy::Layer::scp) return scp.nodes[i]->arn;
  }
  return "";
}

// "… with an explicit deny in a service control policy: arn:aws:organizations::…": the ARN is for those of
// the same account or organization, and only policies that have one are named.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html, since January 2026
void name_policy(Verdict& verdict) {
  if (verdict.acquainted && verdict.decision.outcome == policy::Outcome::explicitly_denied &&
      verdict.record.policy.starts_with("arn:"))
    verdict.message.append(": ").append(verdict.record.policy);
}

std::span<const policy::Compiled* const> present(const Gathered& g) {
  static constexpr const policy::Compiled* kNone = nullptr;  // an address for a layer that is there but empty
  return g.compiled.empty() ? std::span(&kNone, 0) : std::span(g.compiled);
}

}  // namespace

Requirement& Requirement::request_tags(const std::vector<Tag>& tags) {
  if (tags.empty()) return *this;
  std::vector<std::string> names;
  for (const auto& [name, value] : tags) {
    key("aws:RequestTag/" + name, value);
    names.push_back(name);
  }
  return keys_of("aws:TagKeys", std::move(names));
}

Requirement& Requirement::resource_tags(const std::vector<Tag>& tags) {
  for (const auto& [name, value] : tags) key("aws:ResourceTag/" + name, value);
  return *this;
}

Verdict Gate::check(const Caller& caller, const Circumstances& circumstances, const Requirement& requirement,
                    policy::MessageStyle style) const {
  std::string_view owner = requirement.resource_account;
  if (owner.empty()) {
    if (const auto arn = Arn::parse(requirement.resource); arn && is_account_id(arn->account))
      owner = arn->account;
  }
  if (owner.empty()) owner = caller.account;

  const Places places(organizations_, caller.account, owner);
  Policies policies = gather(directory_, caller);
  add_controls(places, requirement.action, policies);
  const VpcEndpoint* endpoint = is_forwarded(requirement) ? nullptr : circumstances.endpoint.get();
  if (endpoint != nullptr) policies.endpoint.add(endpoint->policy, endpoint->id);
  const Keys keys(caller, circumstances, endpoint, requirement, owner, places);
  const bool others = !requirement.object_owner.empty();
  const policy::Request request{caller.principal(), requirement.action, requirement.resource,
                                others ? std::string_view(requirement.object_owner) : owner, &keys.context()};
  policy::PolicyView view;
  view.identity = present(policies.identity);
  if (policies.bounded) view.boundary = present(policies.boundary);
  if (policies.session_bounded) view.session = present(policies.session);
  view.resource = requirement.resource_policy.get();
  view.only_denies = others;
  view.listed = requirement.listed;
  if (endpoint != nullptr) view.endpoint = present(policies.endpoint);
  if (policies.scp) view.scp = policies.scp->levels;
  if (policies.rcp) view.rcp = policies.rcp->levels;

  Verdict verdict;
  verdict.acquainted = !caller.anonymous() && (owner == caller.account || places.together());
  verdict.decision = policy::decide(request, view);
  DecisionRecord& record = verdict.record;
  record.action = requirement.action;
  record.resource = requirement.resource;
  record.outcome = verdict.decision.outcome;
  record.decided_by = verdict.decision.decided_by;
  if (verdict.decision.has_statement) {
    const policy::StatementRef& at = verdict.decision.statement;
    record.policy = name_of(policies, at);
    record.statement = at.statement;
    if (const auto* compiled = compiled_of(policies, requirement, at))
      record.sid = compiled->sid(at.statement);
  } else if (verdict.decision.allowed() && verdict.decision.decided_by == policy::Layer::resource) {
    record.policy = "access control list";
  } else if (verdict.decision.decided_by == policy::Layer::scp && policies.scp) {
    record.policy = silent_level(request, *policies.scp);
  }
  if (!verdict.decision.allowed()) {
    if (!requirement.names_resource) style.with_resource = false;
    verdict.message = policy::denial_message(request, verdict.decision, style);
    name_policy(verdict);
  }
  return verdict;
}

}  // namespace gatehouse::account
