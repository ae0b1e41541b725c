#include "service/iam/policies/simulate.h"

#include "base/arn.h"
#include "base/time.h"
#include "policy/document/document.h"
#include "service/iam/policies/simulation.h"
#include "service/iam/principals/principals.h"

namespace gatehouse::service::iam {
namespace {

constexpr std::string_view kType = "IAM Policy";

Result<policy::CompiledPtr> compile_input(std::string_view text, policy::Kind kind) {
  auto compiled = policy::compile(text, kind);
  if (!compiled)
    return error::invalid_input(fmt::format("Invalid policy document. {}", compiled.error().message));
  return compiled;
}

Result<void> add_inputs(const Call& call, Simulation& simulation) {
  int n = 0;
  for (const wire::Value& text : call.in[m::PolicyInputList].list()) {
    TRY(auto compiled, compile_input(text.text(), policy::Kind::identity));
    simulation.add_identity(
        {fmt::format("PolicyInputList.{}", ++n), std::string(kType), std::move(compiled)});
  }
  n = 0;
  for (const wire::Value& text : call.in[m::PermissionsBoundaryPolicyInputList].list()) {
    TRY(auto compiled, compile_input(text.text(), policy::Kind::identity));
    if (n == 0) simulation.clear_boundary();
    simulation.add_boundary(
        {fmt::format("PermissionsBoundaryPolicyInputList.{}", ++n), std::string(kType), std::move(compiled)});
  }
  return {};
}

// A role's trust policy is a resource policy too, of another kind.
policy::Kind kind_of_resource_policy(const Call& call) {
  const auto& resources = call.in[m::ResourceArns].list();
  const auto arn = resources.empty() ? std::nullopt : Arn::parse(resources.front().text());
  const bool role = arn && arn->service == "iam" && arn->resource.starts_with("role/");
  return role ? policy::Kind::trust : policy::Kind::resource;
}

Result<void> add_resource_policy(const Call& call, Simulation& simulation) {
  const wire::Value& text = call.in[m::ResourcePolicy];
  if (!text) return {};
  TRY(auto compiled, compile_input(text.text(), kind_of_resource_policy(call)));
  simulation.set_resource_policy({"ResourcePolicy", "Resource Policy", std::move(compiled)});
  return {};
}

Result<void> add_context(const Call& call, Simulation& simulation) {
  for (const wire::Value& entry : call.in[m::ContextEntries].list()) {
    const std::string_view name = entry[m::ContextKeyName].text();
    if (name.empty() || name.find(':') == name.npos)
      return error::invalid_input(fmt::format("Invalid context key name: '{}'", name));
    std::vector<std::string> values;
    for (const wire::Value& v : entry[m::ContextKeyValues].list()) values.emplace_back(v.text());
    const bool list = entry[m::ContextKeyType].text().ends_with("List");
    if (!list && values.size() > 1) {
      return error::invalid_input(
          fmt::format("The context key {} has several values and is not of a list type.", name));
    }
    simulation.add_key(std::string(name), std::move(values), list);
  }
  return {};
}

Result<void> check_action(std::string_view action) {
  const auto colon = action.find(':');
  if (colon == action.npos || colon == 0 || colon + 1 == action.size())
    return error::invalid_input(fmt::format("Invalid Action: '{}'", action));
  return {};
}

// ResourceOwner is an account's number or its root's ARN.
Result<void> set_owner(const Call& call, Simulation& simulation) {
  const std::string_view owner = call.in[m::ResourceOwner].text();
  if (owner.empty()) return {};
  const auto arn = Arn::parse(owner);
  const std::string_view account = arn ? std::string_view(arn->account) : owner;
  if (!is_account_id(account))
    return error::invalid_input(fmt::format("The resource owner {} is not valid.", owner));
  simulation.set_owner(std::string(account));
  return {};
}

// Launching an instance is asked of several resources at once; a scenario says which.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html
struct Scenario {
  std::string_view name;
  bool subnet, volume;
};
constexpr Scenario kScenarios[] = {{"EC2-VPC-InstanceStore", false, false},
                                   {"EC2-VPC-InstanceStore-Subnet", true, false},
                                   {"EC2-VPC-EBS", false, true},
                                   {"EC2-VPC-EBS-Subnet", true, true}};

Result<void> check_scenario(std::string_view option, const std::vector<std::string>& resources) {
  if (option.empty()) return {};
  const auto* scenario = std::find_if(std::begin(kScenarios), std::end(kScenarios),
                                      [&](const Scenario& s) { return s.name == option; });
  if (scenario == std::end(kScenarios))
    return error::invalid_input(fmt::format("Invalid resource handling option: '{}'", option));
  std::vector<std::string_view> wanted{"instance", "image", "security-group", "network-interface"};
  if (scenario->subnet) wanted.push_back("subnet");
  if (scenario->volume) wanted.push_back("volume");
  for (const std::string_view type : wanted) {
    const bool there = std::any_of(resources.begin(), resources.end(), [&](const std::string& resource) {
      const auto arn = Arn::parse(resource);
      return arn && arn->service == "ec2" && arn->resource.substr(0, arn->resource.find('/')) == type;
    });
    if (!there) {
      return error::invalid_input(
          fmt::format("The resource handling option {} requires a resource of the type {}.", option, type));
    }
  }
  return {};
}

// A result an action, in pages.
Result<wire::Value> run(const Call& call, Simulation& simulation) {
  CHECK_OK(add_context(call, simulation));
  CHECK_OK(add_resource_policy(call, simulation));
  CHECK_OK(set_owner(call, simulation));
  std::vector<std::string> actions, resources;
  for (const wire::Value& action : call.in[m::ActionNames].list()) {
    CHECK_OK(check_action(action.text()));
    actions.emplace_back(action.text());
  }
  for (const wire::Value& resource : call.in[m::ResourceArns].list()) {
    if (resource.text() != "*" && !Arn::parse(resource.text()))
      return error::invalid_input(fmt::format("Invalid Resource ARN: '{}'", resource.text()));
    resources.emplace_back(resource.text());
  }
  CHECK_OK(check_scenario(call.in[m::ResourceHandlingOption].text(), resources));
  return page(call, actions, m::EvaluationResults,
              [&](const std::string& action) { return simulation.run(action, resources); });
}

// A principal's policies and boundary, and the keys that its calls have.
class PrincipalReader {
 public:
  PrincipalReader(const Iam& iam, const Call& call, Simulation& simulation)
      : iam_(iam), call_(call), simulation_(simulation) {}

  Result<void> read() {
    const std::string_view arn = call_.in[m::PolicySourceArn].text();
    const std::string_view name = arn.substr(arn.rfind('/') + 1);
    if (const auto user = iam_.directory.user(call_.account, name); user && user->arn == arn) {
      add(*user, "user");
      for (const auto& group : groups_of(iam_, *user)) add(*group, "group");
      simulation_.add_key("aws:username", {user->name}, false);
      return add_keys(*user, "User", user->id);
    }
    if (const auto role = iam_.directory.role(call_.account, name); role && role->arn == arn) {
      add(*role, "role");
      return add_keys(*role, "AssumedRole", role->id + ":simulated");
    }
    if (const auto group = iam_.directory.group(call_.account, name); group && group->arn == arn) {
      add(*group, "group");
      return {};
    }
    return error::no_such_entity(fmt::format("The entity with ARN {} cannot be found.", arn));
  }

 private:
  template <typename T>
  void add(const T& entity, std::string_view word) {
    for (const auto& [name, document] : entity.grants.inline_policies) {
      simulation_.add_identity(
          {fmt::format("{}_{}_{}", word, entity.name, name), std::string(kType), document.compiled});
    }
    for (const std::string& arn : entity.grants.attached) {
      if (const auto policy = iam_.directory.policy(arn))
        simulation_.add_identity({policy->name, std::string(kType), policy->current().document.compiled});
    }
    if (entity.grants.boundary.empty()) return;
    simulation_.bound();
    if (const auto policy = iam_.directory.policy(entity.grants.boundary))
      simulation_.add_boundary({policy->name, std::string(kType), policy->current().document.compiled});
  }

  // What was sent goes before: add_key() keeps the first.
  template <typename T>
  Result<void> add_keys(const T& entity, std::string_view type, std::string user_id) {
    CHECK_OK(add_context(call_, simulation_));
    simulation_.add_key("aws:PrincipalArn", {entity.arn}, false);
    simulation_.add_key("aws:PrincipalAccount", {entity.account}, false);
    simulation_.add_key("aws:PrincipalType", {std::string(type)}, false);
    simulation_.add_key("aws:userid", {std::move(user_id)}, false);
    simulation_.add_key("aws:CurrentTime", {iso8601(call_.now())}, false);
    simulation_.add_key("aws:EpochTime", {std::to_string(unix_seconds(call_.now()))}, false);
    for (const auto& [key, value] : entity.tags)
      simulation_.add_key("aws:PrincipalTag/" + key, {value}, false);
    return simulation_.set_caller(entity.arn, entity.id);
  }

  const Iam& iam_;
  const Call& call_;
  Simulation& simulation_;
};

void add_variables(std::string_view text, std::vector<std::string>& keys) {
  for (size_t at = text.find("${"); at != text.npos; at = text.find("${", at + 2)) {
    std::string_view name = text.substr(at + 2);
    const auto end = name.find_first_of(",}");
    if (end == name.npos) return;
    name = name.substr(0, end);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (name.find(':') != name.npos) keys.emplace_back(name);
  }
}

}  // namespace

void add_context_keys(std::string_view policy, std::vector<std::string>& keys) {
  std::vector<std::string> found;
  const policy::Document document = policy::parse_document(policy);
  for (const policy::Statement& s : document.statements()) {
    for (const auto* list : {&s.resource, &s.not_resource})
      for (const policy::Scalar& v : list->values) add_variables(v.text, found);
    for (const policy::ConditionOperator& op : s.condition.operators) {
      for (const policy::ConditionEntry& entry : op.entries) {
        found.emplace_back(entry.key);
        for (const policy::Scalar& v : entry.list.values) add_variables(v.text, found);
      }
    }
  }
  for (std::string& key : found) {
    const bool known = std::any_of(keys.begin(), keys.end(), [&](const std::string& k) {
      return account::named_key("", k) == account::named_key("", key);
    });
    if (!known) keys.push_back(std::move(key));
  }
}

Result<Requirements> at_policy_source(Iam&, Call& call) {
  account::Requirement r;
  r.resource = call.in[m::PolicySourceArn].text();
  r.resource_account = call.account;
  return Requirements{std::move(r)};
}

Result<wire::Value> simulate_custom_policy(Iam&, Call& call) {
  Simulation simulation(call.account);
  CHECK_OK(add_inputs(call, simulation));
  if (call.in[m::CallerArn]) CHECK_OK(simulation.set_caller(call.in[m::CallerArn].text(), ""));
  if (call.in[m::ResourcePolicy] && !call.in[m::CallerArn])
    return error::invalid_input("CallerArn is required if you include a ResourcePolicy.");
  return run(call, simulation);
}

Result<wire::Value> simulate_principal_policy(Iam& iam, Call& call) {
  Simulation simulation(call.account);
  simulation.set_standing(iam.organizations.standing());
  CHECK_OK(PrincipalReader(iam, call, simulation).read());
  CHECK_OK(add_inputs(call, simulation));
  if (call.in[m::CallerArn]) CHECK_OK(simulation.set_caller(call.in[m::CallerArn].text(), ""));
  return run(call, simulation);
}

Result<wire::Value> get_context_keys_for_custom_policy(Iam&, Call& call) {
  std::vector<std::string> keys;
  for (const wire::Value& text : call.in[m::PolicyInputList].list()) {
    CHECK_OK(compile_input(text.text(), policy::Kind::identity));
    add_context_keys(text.text(), keys);
  }
  return wire::structure({{m::ContextKeyNames, strings(keys)}});
}

Result<wire::Value> get_context_keys_for_principal_policy(Iam& iam, Call& call) {
  Simulation simulation(call.account);
  CHECK_OK(PrincipalReader(iam, call, simulation).read());
  CHECK_OK(add_inputs(call, simulation));
  std::vector<std::string> keys;
  for (const auto& source : simulation.identity()) add_context_keys(source.compiled->source(), keys);
  return wire::structure({{m::ContextKeyNames, strings(keys)}});
}

}  // namespace gatehouse::service::iam
