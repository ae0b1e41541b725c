// What add-ons there are, and how they can be configured.
#include <algorithm>

#include "service/eks/addons/catalogue.h"
#include "service/eks/clusters/clusters.h"
#include "service/eks/operations.h"
#include "service/eks/support.h"

namespace gatehouse::service::eks {
namespace {

using wire::structure;
using wire::Value;

Value compatibilities(const AddonKind& kind, const AddonVersion& v, std::string_view wanted) {
  Value::List out;
  for (const auto& kubernetes : kubernetes_versions()) {
    if (!fits(v, kubernetes.minor) || (!wanted.empty() && wanted != kubernetes.minor)) continue;
    out.push_back(structure({{m::clusterVersion, kubernetes.minor},
                             {m::platformVersions, Value::List{"*"}},
                             {m::defaultVersion, default_version(kind, kubernetes.minor) == &v}}));
  }
  return out;
}

// Those of its versions that are for the Kubernetes version; null where there is none.
Value render(const AddonKind& kind, std::string_view kubernetes) {
  Value::List versions;
  for (const AddonVersion& v : kind.versions) {
    Value fitting = compatibilities(kind, v, kubernetes);
    if (fitting.list().empty()) continue;
    versions.push_back(structure({{m::addonVersion, v.name},
                                  {m::architecture, Value::List{"amd64", "arm64"}},
                                  {m::computeTypes, Value::List{"ec2"}},
                                  {m::compatibilities, std::move(fitting)},
                                  {m::requiresConfiguration, false},
                                  {m::requiresIamPermissions, !kind.accounts.empty()}}));
  }
  if (versions.empty()) return {};
  return structure({{m::addonName, kind.name},
                    {m::type, kind.type},
                    {m::addonVersions, std::move(versions)},
                    {m::publisher, "eks"},
                    {m::owner, "aws"},
                    {m::defaultNamespace, kind.ns}});
}

bool is_wanted(const Value& filter, std::string_view value) {
  const auto wanted = texts(filter);
  return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

}  // namespace

Result<Value> describe_addon_versions(Eks&, Call& call) {
  const Value& in = call.in;
  const std::string_view name = in[m::addonName].text();
  if (!name.empty() && find_addon(name) == nullptr)
    return error::invalid_parameter("Addon specified is not supported");
  const std::string_view kubernetes = in[m::kubernetesVersion].text();
  if (!kubernetes.empty() && find_version(kubernetes) == nullptr)
    return error::invalid_parameter(fmt::format("Invalid kubernetesVersion: {}", kubernetes));
  Value::List list;
  for (const AddonKind& kind : addon_kinds()) {
    if ((!name.empty() && kind.name != name) || !is_wanted(in[m::types], kind.type) ||
        !is_wanted(in[m::publishers], "eks") || !is_wanted(in[m::owners], "aws"))
      continue;
    if (Value shown = render(kind, kubernetes)) list.push_back(std::move(shown));
  }
  return page(in, m::addons, std::move(list),
              [](const Value& v) { return std::string(v[m::addonName].text()); });
}

Result<Value> describe_addon_configuration(Eks&, Call& call) {
  const auto* kind = find_addon(call.in[m::addonName].text());
  if (kind == nullptr) return error::invalid_parameter("Addon specified is not supported");
  const std::string_view version = call.in[m::addonVersion].text();
  if (find_version(*kind, version) == nullptr)
    return error::invalid_parameter("Addon version specified is not supported");
  Value::List accounts;
  for (const auto& account : kind->accounts) {
    accounts.push_back(structure({{m::serviceAccount, account.name},
                                  {m::recommendedManagedPolicies,
                                   Value::List{fmt::format("arn:aws:iam::aws:policy/{}", account.policy)}}}));
  }
  return structure({{m::addonName, kind->name},
                    {m::addonVersion, version},
                    {m::configurationSchema, kind->schema},
                    {m::podIdentityConfiguration, std::move(accounts)}});
}

}  // namespace gatehouse::service::eks
