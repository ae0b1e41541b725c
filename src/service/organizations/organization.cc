// The organization itself, its root's policy types, and the services it trusts.
#include "service/organizations/organizations.h"

namespace gatehouse::service::organizations {

const std::vector<account::Tag>* tags_of(const Organization& o, std::string_view id) {
  if (const OrganizationNode* node = o.node(id)) return &node->tags;
  if (const ControlPolicy* policy = o.policy(id)) return &policy->tags;
  return nullptr;
}

Result<OrganizationPtr> own(const Org& org, const Call& call) {
  auto organization = org.organizations.of_account(call.account);
  if (organization == nullptr) return error::not_in_use();
  return organization;
}

Result<OrganizationPtr> managed(const Org& org, const Call& call) {
  TRY(auto organization, own(org, call));
  if (organization->management != call.account) return error::access_denied();
  return organization;
}

Result<void> change(const Org& org, const Call& call,
                    const std::function<Result<void>(Organization&)>& edit) {
  TRY(const auto organization, managed(org, call));
  const auto authorised = call.pin<Authorised>();
  return org.organizations.change(organization->id, [&](Organization& o) -> Result<void> {
    for (const auto& [id, tags] : authorised ? authorised->tags : Authorised().tags) {
      const auto* now = tags_of(o, id);
      if (now == nullptr || *now == tags) continue;  // gone: the edit says so better
      return fail("ConcurrentModificationException",
                  "The target of the operation is currently being modified by a different request. Try "
                  "again later.");
    }
    return edit(o);
  });
}

Result<wire::Value> create_organization(Org& org, Call& call) {
  const std::string_view features = call.in[m::FeatureSet].text_or("ALL");
  if (features != "ALL" && features != "CONSOLIDATED_BILLING") return error::invalid("INVALID_ENUM");
  const auto account = org.directory.account(call.account);
  if (account == nullptr) return internal_failure();
  Organization made = account::new_organization(*account, features == "ALL", call.now(), org.random);
  wire::Value out = organization_value(org, made);
  const auto created = org.organizations.create(std::move(made));
  if (!created && created.error().code == store::kConflict) {
    return fail("AlreadyInOrganizationException",
                "The provided account is already a member of an organization.");
  }
  if (!created) return fail(created.error());
  return wire::structure({{m::Organization, std::move(out)}});
}

Result<wire::Value> describe_organization(Org& org, Call& call) {
  TRY(const auto organization, own(org, call));
  return wire::structure({{m::Organization, organization_value(org, *organization)}});
}

// Policies and empty units go with it; accounts have to be removed first.
Result<wire::Value> delete_organization(Org& org, Call& call) {
  for (int i = 0; i < 4; ++i) {
    TRY(const auto organization, managed(org, call));
    if (organization->accounts().size() > 1) {
      return fail("OrganizationNotEmptyException",
                  "To delete an organization you must first remove all member accounts (except the master).");
    }
    const auto removed = org.organizations.remove(*organization);
    if (removed) return wire::Value();
    if (removed.error().code != store::kConflict) return fail(removed.error());
  }
  return fail("ConcurrentModificationException",
              "The target of the operation is currently being modified by a different request. Try again "
              "later.");
}

Result<wire::Value> list_roots(Org& org, Call& call) {
  TRY(const auto organization, managed(org, call));
  const std::vector<const Organization*> roots = {organization.get()};
  return page(call, roots, m::Roots, [](const Organization* o) { return root_value(*o); });
}

namespace {

Result<wire::Value> switch_type(Org& org, Call& call, bool on) {
  const std::string_view root = call.in[m::RootId].text();
  CHECK_OK(check_id(root, Id::root));
  TRY(const ControlType type, check_type(call.in[m::PolicyType]));
  wire::Value out;
  CHECK_OK(change(org, call, [&](Organization& o) -> Result<void> {
    if (root != o.root) return error::root_not_found();
    if (!o.all_features) {
      return fail("PolicyTypeNotAvailableForOrganizationException",
                  "You can't use the specified policy type with the feature set currently enabled for this "
                  "organization.");
    }
    if (on && o.is_enabled(type))
      return fail("PolicyTypeAlreadyEnabledException", "The specified policy type is already enabled.");
    if (!on && !o.is_enabled(type))
      return fail("PolicyTypeNotEnabledException",
                  "This operation can be performed only for enabled policy types.");
    account::enable(o, type, on);
    out = wire::structure({{m::Root, root_value(o)}});
    return {};
  }));
  return out;
}

Result<std::string> service_principal(const Call& call) {
  const std::string_view name = call.in[m::ServicePrincipal].text();
  CHECK_OK(check_length(name, 1, 128));
  if (!name.ends_with(".amazonaws.com")) {
    return error::invalid("UNRECOGNIZED_SERVICE_PRINCIPAL",
                          "You specified a service principal that we don't recognize.");
  }
  return std::string(name);
}

Result<void> needs_all_features(const Organization& o) {
  if (o.all_features) return {};
  return error::constraint("ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
                           "You attempted to perform an operation that requires the organization to be "
                           "configured to support all features.");
}

}  // namespace

Result<wire::Value> enable_policy_type(Org& org, Call& call) { return switch_type(org, call, true); }
Result<wire::Value> disable_policy_type(Org& org, Call& call) { return switch_type(org, call, false); }

Result<wire::Value> enable_service_access(Org& org, Call& call) {
  TRY(const std::string name, service_principal(call));
  CHECK_OK(change(org, call, [&](Organization& o) -> Result<void> {
    CHECK_OK(needs_all_features(o));
    o.services.try_emplace(name, call.now());
    return {};
  }));
  return wire::Value();
}

Result<wire::Value> disable_service_access(Org& org, Call& call) {
  TRY(const std::string name, service_principal(call));
  CHECK_OK(change(org, call, [&](Organization& o) -> Result<void> {
    CHECK_OK(needs_all_features(o));
    o.services.erase(name);
    return {};
  }));
  return wire::Value();
}

Result<wire::Value> list_service_access(Org& org, Call& call) {
  TRY(const auto organization, managed(org, call));
  CHECK_OK(needs_all_features(*organization));
  const std::vector<std::pair<std::string, Time>> services(organization->services.begin(),
                                                           organization->services.end());
  return page(call, services, m::EnabledServicePrincipals, [](const auto& service) {
    return wire::structure({{m::ServicePrincipal, service.first}, {m::DateEnabled, service.second}});
  });
}

}  // namespace gatehouse::service::organizations
