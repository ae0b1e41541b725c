// An OIDC provider of the customer's whose tokens the cluster's API takes.
// https://docs.aws.amazon.com/eks/latest/userguide/authenticate-oidc-identity-provider.html
#include <algorithm>

#include "service/eks/operations.h"
#include "service/eks/support.h"

namespace gatehouse::service::eks {
namespace {

using wire::structure;
using wire::Value;

constexpr std::string_view kReserved = "system:";

Result<IdentityProvider> read_request(const Eks& eks, const Call& call, const Cluster& cluster) {
  const Value& oidc = call.in[m::oidc];
  IdentityProvider p;
  p.name = oidc[m::identityProviderConfigName].text();
  if (!is_name(p.name, 100)) {
    return error::invalid_parameter(fmt::format("The identity provider config name is invalid: {}", p.name));
  }
  p.issuer = oidc[m::issuerUrl].text();
  if (!p.issuer.starts_with("https://") || p.issuer.size() <= std::string_view("https://").size() ||
      p.issuer.find_first_of("?# ") != std::string::npos)
    return error::invalid_parameter(fmt::format(
        "The issuer URL must begin with https:// and have neither query nor fragment: {}", p.issuer));
  const auto kube = eks.rooms().clusters.by_hex(cluster.hex);
  if (kube != nullptr && kube->issuer == p.issuer) {
    return error::invalid_parameter(
        "Incorrect Identity Provider URL configuration. The Identity Provider URL cannot be same as OpenID "
        "Connect (OIDC) issuer URL");
  }
  p.client_id = oidc[m::clientId].text();
  if (p.client_id.empty()) return error::invalid_parameter("clientId cannot be empty");
  p.username_claim = oidc[m::usernameClaim].text();
  p.username_prefix = oidc[m::usernamePrefix].text();
  p.groups_claim = oidc[m::groupsClaim].text();
  p.groups_prefix = oidc[m::groupsPrefix].text();
  if (p.username_prefix.starts_with(kReserved) || p.groups_prefix.starts_with(kReserved))
    return error::invalid_parameter(fmt::format("A prefix cannot begin with {}", kReserved));
  p.required_claims = text_map(oidc[m::requiredClaims]);
  TRY(p.tags, read_tags(call.in[m::tags]));
  p.id = eks.rooms().random.uuid();
  p.created = p.modified = eks.rooms().clock.now();
  return p;
}

Value text_or_none(const std::string& text) { return text.empty() ? Value() : Value(text); }

// As it was associated: EKS does not fill in what it takes for what is left out.
Value render(const Cluster& c, const IdentityProvider& p) {
  Value oidc =
      structure({{m::identityProviderConfigName, p.name},
                 {m::identityProviderConfigArn, arn_of(c, p)},
                 {m::clusterName, c.name},
                 {m::issuerUrl, p.issuer},
                 {m::clientId, p.client_id},
                 {m::usernameClaim, text_or_none(p.username_claim)},
                 {m::usernamePrefix, text_or_none(p.username_prefix)},
                 {m::groupsClaim, text_or_none(p.groups_claim)},
                 {m::groupsPrefix, text_or_none(p.groups_prefix)},
                 {m::requiredClaims, p.required_claims.empty() ? Value() : value_of(p.required_claims)},
                 {m::tags, value_of(p.tags)},
                 {m::status, "ACTIVE"}});
  return structure({{m::identityProviderConfig, structure({{m::oidc, std::move(oidc)}})}});
}

Result<IdentityProvider> named(const Eks& eks, const Call& call, const Cluster& cluster) {
  const Value& config = call.in[m::identityProviderConfig];
  if (config[m::type].text() != "oidc") {
    return error::invalid_parameter(
        fmt::format("Invalid identity provider config type: {}", config[m::type].text()));
  }
  return existing_part<IdentityProvider>(eks, cluster, config[m::name].text());
}

Value reference(const IdentityProvider& p) { return structure({{m::type, "oidc"}, {m::name, p.name}}); }

std::vector<UpdateParam> params_of(const IdentityProvider& p) {
  return {{"IdentityProviderConfig", fmt::format(R"([{{"type":"oidc","name":"{}"}}])", p.name)}};
}

}  // namespace

Result<Value> associate_identity_provider_config(Eks& eks, Call& call) {
  TRY(auto cluster, existing(eks, call));
  TRY(const auto provider, read_request(eks, call, cluster));
  TRY(const auto there, eks.parts<IdentityProvider>(cluster));
  if (!there.empty()) {
    return error::in_use(
        fmt::format("Identity provider config {} is already associated with cluster {}, which can have one.",
                    there.front().name, cluster.name));
  }
  const Update update =
      begin_update(eks, cluster.updates, "AssociateIdentityProviderConfig", params_of(provider));
  store::Batch batch;
  Eks::put(batch, cluster, provider);
  CHECK_OK(eks.store(std::move(cluster), std::move(batch)));
  Value out = render(update, "InProgress");
  out.set(m::tags, value_of(provider.tags));
  return out;
}

Result<Value> describe_identity_provider_config(Eks& eks, Call& call) {
  TRY(const auto cluster, existing(eks, call));
  TRY(const auto provider, named(eks, call, cluster));
  return render(cluster, provider);
}

Result<Value> list_identity_provider_configs(Eks& eks, Call& call) {
  TRY(const auto cluster, existing(eks, call));
  TRY(const auto all, eks.parts<IdentityProvider>(cluster));
  Value::List list;
  for (const IdentityProvider& p : all) list.push_back(reference(p));
  return page(call.in, m::identityProviderConfigs, std::move(list),
              [](const Value& v) { return std::string(v[m::name].text()); });
}

Result<Value> disassociate_identity_provider_config(Eks& eks, Call& call) {
  TRY(auto cluster, existing(eks, call));
  TRY(const auto provider, named(eks, call, cluster));
  const Update update =
      begin_update(eks, cluster.updates, "DisassociateIdentityProviderConfig", params_of(provider));
  store::Batch batch;
  Eks::remove(batch, cluster, provider);
  CHECK_OK(eks.store(std::move(cluster), std::move(batch)));
  return render(update, "InProgress");
}

}  // namespace gatehouse::service::eks
