// Add-ons of a cluster. What runs of them is nothing; what they bring of identities is real: their service
// accounts, with a role by annotation or by Pod Identity.
// https://docs.aws.amazon.com/eks/latest/userguide/eks-add-ons.html
#include <algorithm>
#include <array>

#include "kube/addon_accounts.h"
#include "service/eks/addons/catalogue.h"
#include "service/eks/identity/pod_identities.h"
#include "service/eks/operations.h"
#include "service/eks/support.h"

namespace gatehouse::service::eks {
namespace {

using wire::structure;
using wire::Value;

Value text_or_none(const std::string& text) { return text.empty() ? Value() : Value(text); }

Value render(const Cluster& c, const Addon& a, std::string_view status = "ACTIVE") {
  Value::List associations;
  for (const auto& id : a.associations)
    associations.emplace_back(part_arn(static_cast<const PodIdentity*>(nullptr), c, id, id));
  return structure({{m::addon, structure({{m::addonName, a.name},
                                          {m::clusterName, c.name},
                                          {m::status, status},
                                          {m::addonVersion, a.version},
                                          {m::health, structure({{m::issues, Value::List()}})},
                                          {m::addonArn, arn_of(c, a)},
                                          {m::createdAt, a.created},
                                          {m::modifiedAt, a.modified},
                                          {m::serviceAccountRoleArn, text_or_none(a.role)},
                                          {m::tags, value_of(a.tags)},
                                          {m::publisher, "eks"},
                                          {m::owner, "aws"},
                                          {m::configurationValues, text_or_none(a.configuration)},
                                          {m::podIdentityAssociations, std::move(associations)},
                                          {m::namespaceConfig, structure({{m::namespace_, a.ns}})}})}});
}

Result<void> check_resolution(const Value& how) {
  constexpr std::array<std::string_view, 3> kKnown = {"NONE", "OVERWRITE", "PRESERVE"};
  if (!how || std::ranges::find(kKnown, how.text()) != kKnown.end()) return {};
  return error::invalid_parameter(fmt::format("Invalid resolveConflicts: {}", how.text()));
}

// The version asked for, or else the cluster's default.
Result<std::string> read_version(const AddonKind& kind, const Cluster& c, const Value& asked) {
  const auto* version = asked ? find_version(kind, asked.text()) : default_version(kind, c.version);
  if (version == nullptr || !fits(*version, c.version))
    return error::invalid_parameter("Addon version specified is not supported");
  return std::string(version->name);
}

// What creating and updating take alike.
Result<void> read_settings(const AddonKind& kind, const Value& in, Addon& a) {
  CHECK_OK(check_resolution(in[m::resolveConflicts]));
  if (const auto& role = in[m::serviceAccountRoleArn]) {
    a.role = role.text();
    if (!a.role.empty()) CHECK_OK(check_role_arn(a.role));
    if (!a.role.empty() && kind.accounts.empty()) {
      return error::invalid_parameter(
          fmt::format("Addon {} does not support a service account role", kind.name));
    }
  }
  if (const auto& values = in[m::configurationValues]) {
    CHECK_OK(check_configuration(kind, values.text()));
    a.configuration = values.text();
  }
  return {};
}

Result<void> set_association(const Eks& eks, Call& call, const Cluster& cluster, const Addon& addon,
                             const Value& wanted, std::vector<PodIdentity>& owned, store::Batch& batch,
                             std::vector<std::string>& ids) {
  const std::string account(wanted[m::serviceAccount].text());
  const std::string role(wanted[m::roleArn].text());
  const auto it = std::ranges::find(owned, account, &PodIdentity::service_account);
  PodIdentity identity;
  if (it == owned.end()) {
    TRY(identity, new_pod_identity(eks, call, cluster, {addon.ns, account, role, arn_of(cluster, addon)}));
  } else {
    identity = std::move(*it);
    owned.erase(it);
    identity.role = role;
    identity.modified = eks.rooms().clock.now();
    CHECK_OK(check_pod_role(eks, call, cluster, identity));
  }
  Eks::put(batch, cluster, identity);
  ids.push_back(identity.id);
  return {};
}

// Makes the add-on's associations those that are asked for, and no others.
Result<void> set_associations(const Eks& eks, Call& call, const Cluster& cluster, const AddonKind& kind,
                              Addon& addon, const Value& wanted, store::Batch& batch) {
  std::vector<PodIdentity> owned;
  for (const auto& id : addon.associations) {
    TRY(auto one, eks.part<PodIdentity>(cluster, id));
    if (one) owned.push_back(std::move(*one));
  }
  std::vector<std::string> ids;
  std::vector<std::string_view> seen;
  for (const Value& association : wanted.list()) {
    const std::string_view account = association[m::serviceAccount].text();
    if (std::ranges::find(kind.accounts, account, &AddonServiceAccount::name) == kind.accounts.end() ||
        std::ranges::find(seen, account) != seen.end()) {
      return error::invalid_parameter(fmt::format(
          "The service account {} is not one of addon {}, or is named twice", account, kind.name));
    }
    seen.push_back(account);
    CHECK_OK(set_association(eks, call, cluster, addon, association, owned, batch, ids));
  }
  for (const PodIdentity& left : owned) Eks::remove(batch, cluster, left);
  addon.associations = std::move(ids);
  return {};
}

Result<void> keep_accounts(const Eks& eks, const Cluster& cluster, const AddonKind& kind, const Addon& addon,
                           std::string_view resolution) {
  const auto& rooms = eks.rooms();
  const auto kube = rooms.clusters.by_hex(cluster.hex);
  if (kube == nullptr) return {};
  for (const auto& account : kind.accounts) {
    CHECK_OK(kube::keep_addon_account(*kube, {rooms.clock, rooms.random, rooms.ca_pem},
                                      {addon.ns, account.name, addon.role, resolution == "OVERWRITE"}));
  }
  return {};
}

Result<Addon> new_addon(const Eks& eks, const Call& call, const Cluster& cluster, const AddonKind& kind) {
  const Value& in = call.in;
  Addon addon;
  addon.name = kind.name;
  addon.id = eks.rooms().random.uuid();
  addon.created = addon.modified = eks.rooms().clock.now();
  addon.ns = in[m::namespaceConfig][m::namespace_].text_or(kind.ns);
  if (!is_name(addon.ns, 63)) return error::invalid_parameter(fmt::format("Invalid namespace: {}", addon.ns));
  TRY(addon.version, read_version(kind, cluster, in[m::addonVersion]));
  CHECK_OK(read_settings(kind, in, addon));
  TRY(addon.tags, read_tags(in[m::tags]));
  return addon;
}

Result<const AddonKind*> known(std::string_view name) {
  if (const auto* kind = find_addon(name)) return kind;
  return error::invalid_parameter("Addon specified is not supported");
}

}  // namespace

Result<Value> create_addon(Eks& eks, Call& call) {
  TRY(auto cluster, existing(eks, call));
  TRY(const auto* kind, known(call.in[m::addonName].text()));
  TRY(auto addon, new_addon(eks, call, cluster, *kind));
  TRY(const auto there, eks.part<Addon>(cluster, addon.name));
  if (there) return error::in_use("Addon already exists.");
  store::Batch batch;
  CHECK_OK(set_associations(eks, call, cluster, *kind, addon, call.in[m::podIdentityAssociations], batch));
  Eks::put(batch, cluster, addon);
  CHECK_OK(eks.store(cluster, std::move(batch)));
  CHECK_OK(keep_accounts(eks, cluster, *kind, addon, call.in[m::resolveConflicts].text()));
  return render(cluster, addon, "CREATING");
}

Result<Value> describe_addon(Eks& eks, Call& call) {
  TRY(const auto cluster, existing(eks, call));
  TRY(const auto addon, existing_part<Addon>(eks, cluster, call.in[m::addonName].text()));
  return render(cluster, addon);
}

Result<Value> list_addons(Eks& eks, Call& call) {
  TRY(const auto cluster, existing(eks, call));
  TRY(const auto all, eks.parts<Addon>(cluster));
  Value::List names;
  for (const Addon& addon : all) names.emplace_back(addon.name);
  return page(call.in, m::addons, std::move(names), text_key);
}

Result<Value> update_addon(Eks& eks, Call& call) {
  const Value& in = call.in;
  TRY(auto cluster, existing(eks, call));
  TRY(auto addon, existing_part<Addon>(eks, cluster, in[m::addonName].text()));
  TRY(const auto* kind, known(addon.name));
  store::Batch batch;
  std::vector<UpdateParam> params;
  if (in[m::addonVersion]) {
    TRY(addon.version, read_version(*kind, cluster, in[m::addonVersion]));
    params.push_back({"AddonVersion", addon.version});
  }
  CHECK_OK(read_settings(*kind, in, addon));
  if (in[m::serviceAccountRoleArn]) params.push_back({"ServiceAccountRoleArn", addon.role});
  if (const auto& how = in[m::resolveConflicts])
    params.push_back({"ResolveConflicts", std::string(how.text())});
  if (in[m::configurationValues]) params.push_back({"ConfigurationValues", addon.configuration});
  if (const auto& wanted = in[m::podIdentityAssociations]) {
    CHECK_OK(set_associations(eks, call, cluster, *kind, addon, wanted, batch));
    params.push_back(
        {"PodIdentityAssociations", fmt::format("[\"{}\"]", fmt::join(addon.associations, "\",\""))});
  }
  const Update update = begin_update(eks, addon.updates, "AddonUpdate", std::move(params));
  addon.modified = update.created;
  Eks::put(batch, cluster, addon);
  CHECK_OK(eks.store(cluster, std::move(batch)));
  CHECK_OK(keep_accounts(eks, cluster, *kind, addon, in[m::resolveConflicts].text()));
  return render(update, "InProgress");
}

// Its Pod Identity associations go with it; what it brought into the cluster stays if it shall be preserved.
Result<Value> delete_addon(Eks& eks, Call& call) {
  TRY(auto cluster, existing(eks, call));
  TRY(auto addon, existing_part<Addon>(eks, cluster, call.in[m::addonName].text()));
  TRY(const auto* kind, known(addon.name));
  Value shown = render(cluster, addon, "DELETING");
  store::Batch batch;
  CHECK_OK(set_associations(eks, call, cluster, *kind, addon, Value(), batch));
  Eks::remove(batch, cluster, addon);
  CHECK_OK(eks.store(cluster, std::move(batch)));
  const auto kube = eks.rooms().clusters.by_hex(cluster.hex);
  if (kube != nullptr && !call.in[m::preserve].boolean()) {
    for (const auto& account : kind->accounts)
      CHECK_OK(kube::drop_addon_account(*kube, addon.ns, account.name));
  }
  return shown;
}

}  // namespace gatehouse::service::eks
