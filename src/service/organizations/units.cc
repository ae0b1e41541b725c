// Organizational units, and who is whose parent.
#include <algorithm>

#include "service/organizations/organizations.h"

namespace gatehouse::service::organizations {
namespace {

// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
constexpr size_t kDepth = 5;
constexpr size_t kUnits = 2000;

bool same_name(const Organization& o, std::string_view parent, std::string_view name,
               std::string_view but = "") {
  const auto siblings = o.children(parent, Kind::unit);
  return std::any_of(siblings.begin(), siblings.end(),
                     [&](const auto* unit) { return unit->name == name && unit->id != but; });
}

std::unexpected<Error> duplicate() {
  return fail("DuplicateOrganizationalUnitException", "An OU with the same name already exists.");
}

size_t count(const Organization& o, Kind kind) {
  return static_cast<size_t>(
      std::count_if(o.nodes.begin(), o.nodes.end(), [&](const auto& n) { return n.second->kind == kind; }));
}

// A root or unit of the organization that the caller manages, by the call's ParentId.
Result<std::pair<OrganizationPtr, std::string>> parent_of(const Org& org, const Call& call) {
  const std::string_view id = call.in[m::ParentId].text();
  CHECK_OK(check_id(id, Id::parent));
  TRY(auto organization, managed(org, call));
  if (organization->node(id) == nullptr) return error::parent_not_found();
  return std::pair(std::move(organization), std::string(id));
}

Result<const OrganizationNode*> unit_in(const Organization& o, std::string_view id) {
  const OrganizationNode* unit = o.node(id);
  if (unit == nullptr || unit->kind != Kind::unit) return error::unit_not_found();
  return unit;
}

}  // namespace

Result<wire::Value> create_unit(Org& org, Call& call) {
  const std::string_view parent = call.in[m::ParentId].text();
  const std::string_view name = call.in[m::Name].text();
  CHECK_OK(check_id(parent, Id::parent));
  CHECK_OK(check_length(name, 1, 128));
  TRY(const auto tags, check_tags(call.in[m::Tags]));
  wire::Value out;
  CHECK_OK(change(org, call, [&](Organization& o) -> Result<void> {
    const OrganizationNode* above = o.node(parent);
    if (above == nullptr) return error::parent_not_found();
    if (same_name(o, parent, name)) return duplicate();
    if (o.line(*above).size() > kDepth)
      return error::constraint("OU_DEPTH_LIMIT_EXCEEDED",
                               "You attempted to create an OU tree that is too many levels deep.");
    if (count(o, Kind::unit) >= kUnits)
      return error::constraint("OU_NUMBER_LIMIT_EXCEEDED",
                               "You attempted to exceed the number of OUs that you can have in an "
                               "organization.");
    const std::string id =
        account::organization_id(org.random, fmt::format("ou-{}-", std::string_view(o.root).substr(2)), 8);
    OrganizationNode unit = account::new_node(o, Kind::unit, id, std::string(parent), std::string(name));
    unit.tags = tags;
    out = wire::structure({{m::OrganizationalUnit, unit_value(unit)}});
    o.set(std::move(unit));
    return {};
  }));
  return out;
}

Result<wire::Value> describe_unit(Org& org, Call& call) {
  const std::string_view id = call.in[m::OrganizationalUnitId].text();
  CHECK_OK(check_id(id, Id::unit));
  TRY(const auto organization, managed(org, call));
  TRY(const auto* unit, unit_in(*organization, id));
  return wire::structure({{m::OrganizationalUnit, unit_value(*unit)}});
}

Result<wire::Value> update_unit(Org& org, Call& call) {
  const std::string_view id = call.in[m::OrganizationalUnitId].text();
  CHECK_OK(check_id(id, Id::unit));
  if (call.in[m::Name]) CHECK_OK(check_length(call.in[m::Name].text(), 1, 128));
  wire::Value out;
  CHECK_OK(change(org, call, [&](Organization& o) -> Result<void> {
    TRY(const auto* unit, unit_in(o, id));
    OrganizationNode changed = *unit;
    changed.name = call.in[m::Name].text_or(unit->name);
    if (same_name(o, changed.parent, changed.name, id)) return duplicate();
    out = wire::structure({{m::OrganizationalUnit, unit_value(changed)}});
    o.set(std::move(changed));
    return {};
  }));
  return out;
}

Result<wire::Value> delete_unit(Org& org, Call& call) {
  const std::string_view id = call.in[m::OrganizationalUnitId].text();
  CHECK_OK(check_id(id, Id::unit));
  CHECK_OK(change(org, call, [&](Organization& o) -> Result<void> {
    CHECK_OK(unit_in(o, id));
    const bool empty = std::none_of(o.nodes.begin(), o.nodes.end(),
                                    [&](const auto& node) { return node.second->parent == id; });
    if (!empty) {
      return fail("OrganizationalUnitNotEmptyException",
                  "The specified OU is not empty. Move all accounts to another root or to other OUs, remove "
                  "all child OUs, and try the operation again.");
    }
    o.nodes.erase(std::string(id));
    return {};
  }));
  return wire::Value();
}

Result<wire::Value> list_units_for_parent(Org& org, Call& call) {
  TRY(const auto parent, parent_of(org, call));
  return page(call, parent.first->children(parent.second, Kind::unit), m::OrganizationalUnits,
              [](const OrganizationNode* unit) { return unit_value(*unit); });
}

Result<wire::Value> list_accounts_for_parent(Org& org, Call& call) {
  TRY(const auto parent, parent_of(org, call));
  return page(call, parent.first->children(parent.second, Kind::account), m::Accounts,
              [](const OrganizationNode* account) { return account_value(*account); });
}

Result<wire::Value> list_children(Org& org, Call& call) {
  const std::string_view type = call.in[m::ChildType].text();
  if (type != "ACCOUNT" && type != "ORGANIZATIONAL_UNIT") return error::invalid("INVALID_ENUM");
  TRY(const auto parent, parent_of(org, call));
  const Kind kind = type == "ACCOUNT" ? Kind::account : Kind::unit;
  return page(
      call, parent.first->children(parent.second, kind), m::Children,
      [&](const OrganizationNode* child) { return wire::structure({{m::Id, child->id}, {m::Type, type}}); });
}

Result<wire::Value> list_parents(Org& org, Call& call) {
  const std::string_view id = call.in[m::ChildId].text();
  CHECK_OK(check_id(id, Id::child));
  TRY(const auto organization, managed(org, call));
  const OrganizationNode* child = organization->node(id);
  if (child == nullptr) return fail("ChildNotFoundException", "You specified a child that doesn't exist.");
  const std::vector<std::string> parents = {child->parent};
  return page(call, parents, m::Parents, [&](const std::string& parent) {
    return wire::structure(
        {{m::Id, parent}, {m::Type, parent == organization->root ? "ROOT" : "ORGANIZATIONAL_UNIT"}});
  });
}

}  // namespace gatehouse::service::organizations
