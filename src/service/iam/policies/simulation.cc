#include "service/iam/policies/simulation.h"

#include "base/arn.h"
#include "policy/document/document.h"
#include "policy/match/text.h"
#include "service/iam/policies/simulate.h"

namespace gatehouse::service::iam {
namespace {

std::string_view word(policy::Outcome outcome) {
  switch (outcome) {
    case policy::Outcome::allowed:
      return "allowed";
    case policy::Outcome::explicitly_denied:
      return "explicitDeny";
    default:
      return "implicitDeny";
  }
}

wire::Value position_value(const policy::Document& document, std::uint32_t offset) {
  const policy::Position at = document.position(offset);
  return wire::structure({{m::Line, at.line}, {m::Column, at.column}});
}

// Where AWS sees a statement begin: where what stands before it ends, be that the bracket or the statement
// before.
std::uint32_t start_of(const policy::Document& document, size_t statement) {
  if (statement > 0) return document.statements()[statement - 1].end;
  std::uint32_t at = document.statements().front().offset;
  while (at > 0 && std::isspace(static_cast<unsigned char>(document.source()[at - 1]))) --at;
  return at;
}

wire::Value boundary_detail(std::optional<bool> within) {
  return within ? wire::structure({{m::AllowedByPermissionsBoundary, *within}}) : wire::Value();
}

// "arn:aws:s3:::${BucketName}/${ObjectName}"
std::string resource_template(std::string_view action) {
  const auto known = policy::catalogue::find_action(action);
  if (!known || known->resource_count() == 0) return "*";
  const std::string_view formats = known->resource(0).arn_formats();
  std::string name(formats.substr(0, formats.find(", ")));
  constexpr std::string_view kPartition = "${Partition}";
  if (const auto at = name.find(kPartition); at != name.npos) name.replace(at, kPartition.size(), "aws");
  return name;
}

bool same_key(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::vector<const policy::Compiled*> pointers(const std::vector<Simulation::Source>& sources) {
  std::vector<const policy::Compiled*> out;
  for (const auto& source : sources) out.push_back(source.compiled.get());
  return out;
}

// A layer that is there, even if it is empty.
std::span<const policy::Compiled* const> present(const std::vector<const policy::Compiled*>& layer) {
  static constexpr const policy::Compiled* kNone = nullptr;
  return layer.empty() ? std::span(&kNone, 0) : std::span(layer);
}

}  // namespace

Result<void> Simulation::set_caller(std::string_view arn, std::string_view unique_id) {
  const auto parts = Arn::parse(arn);
  if (!parts || !is_account_id(parts->account))
    return error::invalid_input(fmt::format("The caller ARN {} is not valid.", arn));
  caller_account_ = parts->account;
  caller_arn_ = arn;
  unique_id_ = unique_id;
  if (parts->resource == "root") {
    type_ = policy::PrincipalType::root;
  } else if (parts->resource.starts_with("role/")) {
    type_ = policy::PrincipalType::assumed_role;
    role_arn_ = arn;
    caller_arn_ = fmt::format("arn:aws:sts::{}:assumed-role/{}/simulated", parts->account,
                              parts->resource.substr(parts->resource.rfind('/') + 1));
  } else if (parts->resource.starts_with("assumed-role/")) {
    type_ = policy::PrincipalType::assumed_role;
    std::string_view role = parts->resource.substr(std::string_view("assumed-role/").size());
    role_arn_ = arn_of<account::Role>(parts->account, "/", role.substr(0, role.find('/')));
  } else if (!parts->resource.starts_with("user/")) {
    return error::invalid_input(fmt::format("The caller ARN {} is not valid.", arn));
  }
  return {};
}

void Simulation::add_key(std::string name, std::vector<std::string> values, bool multivalued) {
  const bool known =
      std::any_of(keys_.begin(), keys_.end(), [&](const Key& k) { return same_key(k.name, name); });
  if (!known) keys_.push_back({std::move(name), std::move(values), multivalued});
}

const account::ControlLevels* Simulation::controls() const {
  const account::Placement* place = standing_ ? standing_->find(account_) : nullptr;
  return place && place->scp ? &*place->scp : nullptr;
}

Simulation::Outcome Simulation::decide(const std::string& action, const std::string& resource) const {
  policy::Context context;
  std::deque<std::vector<std::string_view>> lists;
  for (const Key& key : keys_) {
    if (!key.multivalued && key.values.size() == 1) {
      context.set(key.name, std::string_view(key.values.front()));
    } else {
      lists.emplace_back(key.values.begin(), key.values.end());
      context.set(key.name, std::span<const std::string_view>(lists.back()));
    }
  }
  const std::string& account = caller_account_.empty() ? account_ : caller_account_;
  const std::string nobody = fmt::format("arn:aws:iam::{}:user/simulated", account);
  policy::Request request;
  request.principal = {type_, account, caller_arn_.empty() ? nobody : caller_arn_, role_arn_, unique_id_, {}};
  request.action = action;
  request.resource = resource;
  request.context = &context;
  const auto arn = Arn::parse(resource);
  request.resource_account = !owner_.empty()                      ? std::string_view(owner_)
                             : arn && is_account_id(arn->account) ? std::string_view(arn->account)
                                                                  : std::string_view(account_);
  const auto identity = pointers(identity_), boundary = pointers(boundary_);
  policy::PolicyView view;
  view.identity = present(identity);
  if (bounded_) view.boundary = present(boundary);
  if (resource_) view.resource = resource_->compiled.get();
  policy::PolicyView organization;
  if (const auto* scp = controls()) view.scp = organization.scp = scp->levels;
  Outcome outcome;
  outcome.explanation = policy::explain(request, view);
  outcome.crosses = request.resource_account != account;
  outcome.within_organization = policy::decide(request, organization).decided_by != policy::Layer::scp;
  if (bounded_) {
    policy::PolicyView alone;
    alone.identity = present(boundary);
    outcome.within_boundary = policy::decide(request, alone).allowed();
  }
  return outcome;
}

wire::Value Simulation::specific(const std::string& resource, const Outcome& outcome) const {
  wire::Value out = wire::structure({{m::EvalResourceName, resource},
                                     {m::EvalResourceDecision, word(outcome.explanation.decision.outcome)},
                                     {m::MatchedStatements, matched(outcome.explanation)},
                                     {m::MissingContextValues, missing()}});
  out.set(m::PermissionsBoundaryDecisionDetail, boundary_detail(outcome.within_boundary));
  return out;
}

// Of several resources AWS tells each by itself, and the worst of them under the name of the resource's type.
wire::Value Simulation::run(const std::string& action, const std::vector<std::string>& resources) const {
  wire::Value::List each;
  policy::Outcome worst = policy::Outcome::allowed;
  std::optional<bool> within;
  bool within_organization = true;
  Outcome outcome;
  for (const std::string& resource : resources) {
    outcome = decide(action, resource);
    worst = std::max(worst, outcome.explanation.decision.outcome);
    if (outcome.within_boundary) within = within.value_or(true) && *outcome.within_boundary;
    within_organization = within_organization && outcome.within_organization;
    each.push_back(specific(resource, outcome));
  }
  if (resources.empty()) {
    outcome = decide(action, "*");
    worst = outcome.explanation.decision.outcome;
    within = outcome.within_boundary;
    within_organization = outcome.within_organization;
  }
  const std::string name = resources.empty()       ? "*"
                           : resources.size() == 1 ? resources.front()
                                                   : resource_template(action);
  wire::Value out = wire::structure(
      {{m::EvalActionName, action},
       {m::EvalResourceName, name},
       {m::EvalDecision, word(worst)},
       {m::MatchedStatements,
        resources.size() > 1 ? wire::Value(wire::Value::List()) : matched(outcome.explanation)},
       {m::MissingContextValues, resources.empty() ? missing() : wire::Value(wire::Value::List())},
       {m::OrganizationsDecisionDetail,
        wire::structure({{m::AllowedByOrganizations, within_organization}})}});
  out.set(m::PermissionsBoundaryDecisionDetail, boundary_detail(within));
  if (!resources.empty()) {
    if (!outcome.crosses) out.set(m::EvalDecisionDetails, wire::Value::Map());
    out.set(m::ResourceSpecificResults, std::move(each));
  }
  return out;
}

const Simulation::Source* Simulation::source_of(const policy::StatementRef& at) const {
  switch (at.layer) {
    case policy::Layer::identity:
      return &identity_[at.policy];
    case policy::Layer::boundary:
      return &boundary_[at.policy];
    case policy::Layer::resource:
    case policy::Layer::trust:
      return &*resource_;
    default:
      return nullptr;
  }
}

// Where something denies, only that; a boundary's Allow grants nothing, so it is left out.
wire::Value Simulation::matched(const policy::Explanation& explanation) const {
  const bool denied = explanation.decision.outcome == policy::Outcome::explicitly_denied;
  wire::Value::List list;
  for (const auto& statement : explanation.matched) {
    if (statement.allow == denied) continue;
    if (statement.allow && statement.at.layer == policy::Layer::boundary) continue;
    const Source* source = source_of(statement.at);
    if (source == nullptr) continue;
    const policy::Document document = policy::parse_document(source->compiled->source());
    const policy::Statement& written = document.statements()[statement.at.statement];
    list.push_back(wire::structure(
        {{m::SourcePolicyId, source->id},
         {m::SourcePolicyType, source->type},
         {m::StartPosition, position_value(document, start_of(document, statement.at.statement))},
         {m::EndPosition, position_value(document, written.end)}}));
  }
  return list;
}

wire::Value Simulation::missing() const {
  std::vector<std::string> needed;
  for (const auto& source : identity_) add_context_keys(source.compiled->source(), needed);
  for (const auto& source : boundary_) add_context_keys(source.compiled->source(), needed);
  if (resource_) add_context_keys(resource_->compiled->source(), needed);
  std::erase_if(needed, [&](const std::string& name) {
    return std::any_of(keys_.begin(), keys_.end(), [&](const Key& k) { return same_key(k.name, name); });
  });
  return strings(needed);
}

}  // namespace gatehouse::service::iam
