#pragma once

#include "service/iam/iam.h"

namespace gatehouse::service::iam {

Result<wire::Value> create_open_id_connect_provider(Iam& iam, Call& call);
Result<wire::Value> get_open_id_connect_provider(Iam& iam, Call& call);
Result<wire::Value> list_open_id_connect_providers(Iam& iam, Call& call);
Result<wire::Value> delete_open_id_connect_provider(Iam& iam, Call& call);
Result<wire::Value> add_client_id(Iam& iam, Call& call);
Result<wire::Value> remove_client_id(Iam& iam, Call& call);
Result<wire::Value> update_thumbprint(Iam& iam, Call& call);
Result<wire::Value> tag_provider(Iam& iam, Call& call);
Result<wire::Value> untag_provider(Iam& iam, Call& call);
Result<wire::Value> list_provider_tags(Iam& iam, Call& call);

Result<Requirements> create_provider_needs(Iam& iam, Call& call);

template <char const* Action>
Result<Requirements> provider_needs(Iam& iam, Call& call) {
  constexpr std::string_view kKind = ":oidc-provider/";
  const std::string_view arn = call.in[m::OpenIDConnectProviderArn].text();
  const auto at = arn.find(kKind);
  std::shared_ptr<const account::OidcProvider> provider;
  if (at != std::string_view::npos)
    provider = iam.directory.oidc_provider(call.account, arn.substr(at + kKind.size()));
  if (provider && provider->arn != arn) provider = nullptr;
  account::Requirement r;
  r.action = Action;
  r.resource = arn;
  r.resource_account = call.account;
  if (provider) r.resource_tags(provider->tags);
  if (const auto& tags = call.in[m::Tags]; tags) r.request_tags(read_tags(tags));
  call.pinned = provider;
  return Requirements{std::move(r)};
}

}  // namespace gatehouse::service::iam
