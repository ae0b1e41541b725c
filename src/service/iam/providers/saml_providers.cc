// SAML providers, as records: AssumeRoleWithSAML is refused, but policies and templates name them.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateSAMLProvider.html
#include <pugixml.hpp>

#include "base/time.h"
#include "service/iam/providers/providers.h"
#include "service/iam/render.h"

namespace gatehouse::service::iam {
namespace {

constexpr size_t kShortest = 1000, kLongest = 10'000'000;
constexpr auto kForever = std::chrono::hours(24 * 365 * 100);

std::string_view local_name(std::string_view name) {
  const auto colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

// The metadata and until when it holds.
Result<void> read_metadata(const Call& call, account::SamlProvider& provider) {
  const std::string_view text = call.in[m::SAMLMetadataDocument].text();
  if (text.size() < kShortest || text.size() > kLongest) {
    return error::constraint(text.substr(0, 100), "sAMLMetadataDocument",
                             text.size() < kShortest
                                 ? "Member must have length greater than or equal to 1000"
                                 : "Member must have length less than or equal to 10000000");
  }
  pugi::xml_document document;
  const auto parsed = document.load_buffer(text.data(), text.size());
  const pugi::xml_node root = document.document_element();
  if (!parsed || local_name(root.name()) != "EntityDescriptor" || !root.attribute("entityID"))
    return error::invalid_input("Could not parse metadata");
  provider.metadata = text;
  const auto until = parse_iso8601(root.attribute("validUntil").value());
  provider.valid_until = until.value_or(call.now() + kForever);
  return {};
}

}  // namespace

Result<wire::Value> create_saml_provider(Iam& iam, Call& call) {
  account::SamlProvider provider;
  provider.account = call.account;
  provider.name = call.in[m::Name].text();
  CHECK_OK(check_name("name", provider.name, 128));
  CHECK_OK(read_metadata(call, provider));
  TRY(provider.tags, check_tags(call.in[m::Tags]));
  provider.arn = fmt::format("arn:aws:iam::{}:saml-provider/{}", call.account, provider.name);
  provider.uuid = iam.random.uuid();
  provider.created = call.now();
  std::string taken = fmt::format("EntityAlreadyExists: Saml provider already exists: {}", provider.arn);
  TRY(const auto made, create(iam, std::move(provider), std::move(taken)));
  return wire::structure({{m::SAMLProviderArn, made->arn}, {m::Tags, tags_or_nothing(made->tags)}});
}

Result<wire::Value> get_saml_provider(Iam&, Call& call) {
  TRY(const account::SamlProvider provider, pinned<account::SamlProvider>(call));
  return wire::structure({{m::SAMLProviderUUID, provider.uuid},
                          {m::SAMLMetadataDocument, provider.metadata},
                          {m::CreateDate, provider.created},
                          {m::ValidUntil, provider.valid_until},
                          {m::Tags, tags_or_nothing(provider.tags)}});
}

Result<wire::Value> list_saml_providers(Iam& iam, Call& call) {
  wire::Value::List list;
  for (const auto& provider : iam.directory.list<account::SamlProvider>(call.account)) {
    list.push_back(wire::structure({{m::Arn, provider->arn},
                                    {m::ValidUntil, provider->valid_until},
                                    {m::CreateDate, provider->created}}));
  }
  return wire::structure({{m::SAMLProviderList, std::move(list)}});
}

Result<wire::Value> update_saml_provider(Iam& iam, Call& call) {
  TRY(account::SamlProvider provider, pinned<account::SamlProvider>(call));
  if (call.in[m::SAMLMetadataDocument]) CHECK_OK(read_metadata(call, provider));
  const std::string arn = provider.arn;
  CHECK_OK(save(iam, std::move(provider)));
  return wire::structure({{m::SAMLProviderArn, arn}});
}

Result<wire::Value> delete_saml_provider(Iam& iam, Call& call) {
  TRY(const account::SamlProvider provider, pinned<account::SamlProvider>(call));
  CHECK_OK(or_concurrent(iam.directory.remove(provider)));
  return wire::Value();
}

}  // namespace gatehouse::service::iam
