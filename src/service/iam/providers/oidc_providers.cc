// OpenID Connect providers: which issuers' tokens an account believes, and for which audiences.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
#include "service/iam/providers/providers.h"

#include "base/encoding.h"
#include "service/iam/about.h"

namespace gatehouse::service::iam {
namespace {

constexpr size_t kClientIds = 100;
constexpr size_t kThumbprints = 5;

Result<std::vector<std::string>> check_thumbprints(const wire::Value& list) {
  std::vector<std::string> out;
  if (list.list().size() > kThumbprints) {
    return error::invalid_input("Thumbprint list must contain fewer than 5 entries.");
  }
  for (const wire::Value& thumbprint : list.list()) {
    if (thumbprint.text().size() != 40 || !unhex(thumbprint.text())) {
      return error::invalid_input(
          "Invalid thumbprint: it must be the 40 hexadecimal digits of a SHA-1 fingerprint.");
    }
    out.emplace_back(thumbprint.text());
  }
  return out;
}

Result<void> check_client_id(std::string_view id) {
  if (id.empty() || id.size() > 255)
    return error::invalid_input("Invalid client ID: it must have 1 to 255 characters.");
  return {};
}

}  // namespace

Result<Requirements> create_provider_needs(Iam&, Call& call) {
  account::Requirement r;
  r.resource = fmt::format("arn:aws:iam::{}:oidc-provider/{}", call.account,
                           account::normalized_issuer(call.in[m::Url].text()));
  r.request_tags(read_tags(call.in[m::Tags]));
  return Requirements{std::move(r)};
}

Result<wire::Value> create_open_id_connect_provider(Iam& iam, Call& call) {
  const std::string_view url = call.in[m::Url].text();
  if (url.size() > 255 || !url.starts_with("https://") || url.size() == 8 ||
      url.find_first_of("?# ") != std::string_view::npos) {
    return error::validation("Invalid Open ID Connect Provider URL");
  }
  account::OidcProvider provider;
  provider.account = call.account;
  provider.url = account::normalized_issuer(url);
  provider.arn = fmt::format("arn:aws:iam::{}:oidc-provider/{}", call.account, provider.url);
  provider.created = call.now();
  TRY(provider.tags, check_tags(call.in[m::Tags]));
  TRY(provider.thumbprints, check_thumbprints(call.in[m::ThumbprintList]));
  for (const wire::Value& id : call.in[m::ClientIDList].list()) {
    CHECK_OK(check_client_id(id.text()));
    provider.client_ids.emplace_back(id.text());
  }
  if (provider.client_ids.size() > kClientIds) {
    return error::limit_exceeded("Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100");
  }
  const std::string taken = fmt::format("Provider with url https://{} already exists.", provider.url);
  TRY(const auto made, create(iam, std::move(provider), taken));
  wire::Value out = wire::structure({{m::OpenIDConnectProviderArn, made->arn}});
  if (!made->tags.empty()) out.set(m::Tags, tags_value(made->tags));
  return out;
}

Result<wire::Value> get_open_id_connect_provider(Iam&, Call& call) {
  TRY(const account::OidcProvider provider, pinned<account::OidcProvider>(call));
  return wire::structure({{m::Url, provider.url},
                          {m::ClientIDList, strings(provider.client_ids)},
                          {m::ThumbprintList, strings(provider.thumbprints)},
                          {m::CreateDate, provider.created},
                          {m::Tags, tags_value(provider.tags)}});
}

Result<wire::Value> list_open_id_connect_providers(Iam& iam, Call& call) {
  wire::Value::List list;
  for (const auto& provider : iam.directory.list<account::OidcProvider>(call.account)) {
    list.push_back(wire::structure({{m::Arn, provider->arn}}));
  }
  return wire::structure({{m::OpenIDConnectProviderList, std::move(list)}});
}

// Idempotent on AWS: deleting one that is not there succeeds.
Result<wire::Value> delete_open_id_connect_provider(Iam& iam, Call& call) {
  const auto provider = call.pin<account::OidcProvider>();
  if (provider != nullptr) CHECK_OK(or_concurrent(iam.directory.remove(*provider)));
  return wire::Value();
}

Result<wire::Value> add_client_id(Iam& iam, Call& call) {
  TRY(account::OidcProvider provider, pinned<account::OidcProvider>(call));
  const std::string id(call.in[m::ClientID].text());
  CHECK_OK(check_client_id(id));
  auto& ids = provider.client_ids;
  if (std::find(ids.begin(), ids.end(), id) != ids.end()) return wire::Value();
  if (ids.size() >= kClientIds) {
    return error::limit_exceeded("Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100");
  }
  ids.push_back(id);
  return save(iam, std::move(provider));
}

Result<wire::Value> remove_client_id(Iam& iam, Call& call) {
  TRY(account::OidcProvider provider, pinned<account::OidcProvider>(call));
  std::erase(provider.client_ids, call.in[m::ClientID].text());
  return save(iam, std::move(provider));
}

Result<wire::Value> update_thumbprint(Iam& iam, Call& call) {
  TRY(account::OidcProvider provider, pinned<account::OidcProvider>(call));
  TRY(provider.thumbprints, check_thumbprints(call.in[m::ThumbprintList]));
  return save(iam, std::move(provider));
}

}  // namespace gatehouse::service::iam
