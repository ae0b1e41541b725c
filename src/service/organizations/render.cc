// What the API shows of an organization's parts.
#include "service/organizations/organizations.h"

namespace gatehouse::service::organizations {
namespace {

wire::Value type_value(ControlType type) {
  return wire::structure({{m::Type, account::to_string(type)}, {m::Status, "ENABLED"}});
}

wire::Value resource_value(std::string_view type, std::string_view value) {
  return wire::structure({{m::Type, type}, {m::Value, value}});
}

wire::Value party_value(std::string_view type, std::string_view id) {
  return wire::structure({{m::Id, id}, {m::Type, type}});
}

std::string_view state_word(account::AccountRequest::State state) {
  using State = account::AccountRequest::State;
  switch (state) {
    case State::in_progress:
      return "IN_PROGRESS";
    case State::succeeded:
      return "SUCCEEDED";
    case State::failed:
      return "FAILED";
  }
  return "";
}

}  // namespace

// AvailablePolicyTypes tells of SCPs whether or not they are enabled: "Do not use … The field is deprecated".
wire::Value organization_value(const Org&, const Organization& o) {
  const OrganizationNode& management = *o.node(o.management);
  wire::Value::List types;
  if (o.all_features) types.push_back(type_value(ControlType::scp));
  return wire::structure({{m::Id, o.id},
                          {m::Arn, o.arn},
                          {m::FeatureSet, o.all_features ? "ALL" : "CONSOLIDATED_BILLING"},
                          {m::MasterAccountArn, management.arn},
                          {m::MasterAccountId, o.management},
                          {m::MasterAccountEmail, management.email},
                          {m::AvailablePolicyTypes, std::move(types)}});
}

wire::Value root_value(const Organization& o) {
  const OrganizationNode& root = *o.node(o.root);
  wire::Value::List types;
  for (const ControlType type : account::kControlTypes) {
    if (o.is_enabled(type)) types.push_back(type_value(type));
  }
  return wire::structure(
      {{m::Id, root.id}, {m::Arn, root.arn}, {m::Name, root.name}, {m::PolicyTypes, std::move(types)}});
}

wire::Value unit_value(const OrganizationNode& unit) {
  return wire::structure({{m::Id, unit.id}, {m::Arn, unit.arn}, {m::Name, unit.name}});
}

wire::Value account_value(const OrganizationNode& a) {
  return wire::structure({{m::Id, a.id},
                          {m::Arn, a.arn},
                          {m::Email, a.email},
                          {m::Name, a.name},
                          {m::Status, a.suspended ? "SUSPENDED" : "ACTIVE"},
                          {m::State, a.suspended ? "SUSPENDED" : "ACTIVE"},
                          {m::JoinedMethod, a.invited ? "INVITED" : "CREATED"},
                          {m::JoinedTimestamp, a.joined}});
}

wire::Value policy_summary(const ControlPolicy& p) {
  return wire::structure({{m::Id, p.id},
                          {m::Arn, p.arn},
                          {m::Name, p.name},
                          {m::Description, p.description},
                          {m::Type, account::to_string(p.type)},
                          {m::AwsManaged, p.aws_managed}});
}

wire::Value policy_value(const ControlPolicy& p) {
  return wire::structure({{m::PolicySummary, policy_summary(p)}, {m::Content, p.document.text}});
}

wire::Value request_value(const account::AccountRequest& r) {
  using State = account::AccountRequest::State;
  wire::Value out = wire::structure({{m::Id, r.id},
                                     {m::AccountName, r.name},
                                     {m::State, state_word(r.state)},
                                     {m::RequestedTimestamp, r.requested}});
  if (r.state != State::in_progress) out.set(m::CompletedTimestamp, r.completed);
  if (r.state == State::succeeded) out.set(m::AccountId, r.account);
  if (r.state == State::failed) out.set(m::FailureReason, r.failure);
  return out;
}

// https://docs.aws.amazon.com/organizations/latest/APIReference/API_Handshake.html
wire::Value handshake_value(const Org& org, const Organization& o, const account::Handshake& h) {
  wire::Value::List resources, parties;
  wire::Value of = resource_value("ORGANIZATION", o.id);
  if (h.action == "INVITE") {
    const OrganizationNode& management = *o.node(o.management);
    of.set(m::Resources, wire::Value::List{resource_value("MASTER_EMAIL", management.email),
                                           resource_value("MASTER_NAME", management.name),
                                           resource_value("ORGANIZATION_FEATURE_SET",
                                                          o.all_features ? "ALL" : "CONSOLIDATED_BILLING")});
  }
  resources.push_back(std::move(of));
  parties.push_back(party_value("ORGANIZATION", std::string_view(o.id).substr(2)));
  if (!h.account.empty()) {
    parties.push_back(party_value("ACCOUNT", h.account));
    resources.push_back(resource_value("ACCOUNT", h.account));
    if (const auto invited = org.directory.account(h.account); invited && h.action == "INVITE")
      resources.push_back(resource_value("EMAIL", invited->email));
  }
  if (!h.notes.empty()) resources.push_back(resource_value("NOTES", h.notes));
  if (!h.parent.empty()) resources.push_back(resource_value("PARENT_HANDSHAKE", h.parent));
  return wire::structure({{m::Id, h.id},
                          {m::Arn, h.arn},
                          {m::Parties, std::move(parties)},
                          {m::State, h.state},
                          {m::RequestedTimestamp, h.requested},
                          {m::ExpirationTimestamp, h.expires},
                          {m::Action, h.action},
                          {m::Resources, std::move(resources)}});
}

}  // namespace gatehouse::service::organizations
