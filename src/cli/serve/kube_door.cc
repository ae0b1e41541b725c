#include "cli/serve/kube_door.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/log.h"
#include "base/time.h"
#include "cli/serve/doors.h"
#include "identity/signature/sigv4.h"
#include "kube/issuer.h"
#include "kube/pod_identity.h"
#include "service/pipeline/address.h"

namespace gatehouse::cli {
namespace {

wire::Response failure(int code, std::string_view reason, std::string_view message) {
  return json_response(code, json::dump(json::object{{"kind", "Status"},
                                                     {"apiVersion", "v1"},
                                                     {"metadata", json::object{}},
                                                     {"status", "Failure"},
                                                     {"message", message},
                                                     {"reason", reason},
                                                     {"code", code}}));
}

}  // namespace

std::unique_ptr<wire::Exchange> ClusterDoor::exchange(const wire::Head& head) {
  const std::string_view rest = head.path().substr(kPrefix.size());
  const std::string hex(rest.substr(0, rest.find('/')));
  auto cluster = clusters_.by_hex(hex);
  kube::Api* api = api_;
  if (cluster == nullptr || api == nullptr) {
    // Nobody's token is good here, whether or not there ever was a cluster.
    return service::answered(failure(401, "Unauthorized", "Unauthorized"));
  }
  return api->exchange(std::move(cluster), std::string(kPrefix) + hex);
}

bool IssuerDoor::opens_for(const wire::Head& head) const {
  return head.path().starts_with(kPrefix) || service::address_of(head).issuer;
}

wire::Response IssuerDoor::answer(const wire::Head& head) {
  std::string_view path = head.path();
  if (path.starts_with(kPrefix)) path.remove_prefix(kPrefix.size());
  const auto document = kube::issuer_document(clusters_, path);
  if (!document) return failure(404, "NotFound", "there is no such issuer, or no such document of it");
  wire::Response response;
  response.headers.add("content-type", document->content_type);
  response.body = document->body;
  return response;
}

// AWS documents IDPCommunicationError for an issuer that does not answer; for one that answers amiss, users
// have met the other.
Result<std::shared_ptr<const identity::Jwks>> ClusterKeys::keys_of(const account::OidcProvider& provider,
                                                                   const std::optional<std::string>& kid,
                                                                   store::Reach reach) const {
  if (auto cluster = clusters_.by_issuer("https://" + provider.url); cluster != nullptr)
    return std::shared_ptr<const identity::Jwks>(cluster, &cluster->public_keys);
  auto keys = outside_.keys_of(provider.url, kid, provider.thumbprints, reach == store::Reach::disk);
  if (keys) return std::move(*keys);
  using Kind = identity::IssuerError::Kind;
  if (keys.error().kind == Kind::not_in_memory) return fail(std::string(store::kNotInMemory), "", 503);
  log::warning("an issuer's keys cannot be had", {{"issuer", provider.url}, {"reason", keys.error().detail}});
  if (keys.error().kind == Kind::unreachable)
    return fail("IDPCommunicationError", "An error occurred while communicating with the identity provider.",
                400);
  return fail("InvalidIdentityToken",
              "Couldn't retrieve verification key from your identity provider,  please reference "
              "AssumeRoleWithWebIdentity documentation for requirements",
              400);
}

Result<kube::IamIdentity> LocalIamVerifier::verify(const wire::Head& presigned) const {
  TRY(auto claim, identity::parse_claim(presigned, identity::Family::query));
  if (!claim) return fail("Unauthorized", "the token's request is not signed", 401);
  // The token serves for 15 minutes whatever its X-Amz-Expires says; its age was checked by the reader.
  const Time now = std::min(clock_.now(), claim->signed_at + std::chrono::seconds(claim->expires));
  TRY(const account::Caller caller,
      authenticator_.caller_of(*claim, presigned, hex(as_bytes(sha256(""))), now, identity::Family::query));
  if (gate_.is_closed(caller.account)) return fail("Unauthorized", "the principal's account is closed", 401);
  return kube::IamIdentity{caller.account, caller.arn, caller.user_id, caller.access_key_id};
}

Result<std::unique_ptr<KubeRoom>> KubeRoom::open(store::Records& records, const Clock& clock, Random& random,
                                                 account::Trail& trail, identity::OutsideIssuers& outside,
                                                 std::string ca_pem) {
  std::unique_ptr<KubeRoom> room(new KubeRoom(clock, random, trail, std::move(ca_pem)));
  TRY(room->clusters_, kube::Clusters::open(records, clock, random, room->ca_pem_));
  room->keys_ = std::make_unique<ClusterKeys>(*room->clusters_, outside);
  room->door_ = std::make_unique<ClusterDoor>(*room->clusters_);
  room->issuer_door_ = std::make_unique<IssuerDoor>(*room->clusters_);
  return room;
}

void KubeRoom::serve(const service::Authenticator& authenticator, const account::Gate& gate,
                     const kube::AccessEntries& entries, std::vector<std::string> own_endpoints) {
  verifier_ = std::make_unique<LocalIamVerifier>(authenticator, gate, clock_);
  kube::Authenticator::Options options;
  options.own_endpoints = std::move(own_endpoints);
  options.entries = &entries;
  options.oidc_keys = [this](std::string_view issuer, const std::optional<std::string>& kid) {
    account::OidcProvider provider;
    provider.url = issuer.substr(std::string_view("https://").size());
    return keys_->keys_of(provider, kid, store::Reach::disk);
  };
  authenticator_ = std::make_unique<kube::Authenticator>(clock_, *verifier_, std::move(options));
  api_ = std::make_unique<kube::Api>(clock_, random_, *authenticator_,
                                     kube::Api::Options{ca_pem_, [this](const auto& r) { record(r); }});
  door_->open(*api_);
}

// A call of a cluster's API, in the trail beside AWS's: Kubernetes' user in the place of the principal.
void KubeRoom::record(const kube::Api::Record& r) const {
  account::Event event;
  event.time = clock_.now();
  event.event_id = random_.uuid();
  event.request_id = event.event_id;
  event.source = "kubernetes";
  event.name = r.attributes.verb;
  event.region = r.cluster.region;
  event.source_ip = r.head.peer;
  event.user_agent = r.head.headers.get("user-agent");
  event.read_only = r.attributes.verb == "get" || r.attributes.verb == "list" || r.attributes.verb == "watch";
  event.caller.account = r.cluster.account;
  event.kubernetes_user = r.user.name;
  event.parameters = {{"cluster", r.cluster.name}};
  if (r.status >= 400) event.error_code = std::to_string(r.status);
  account::DecisionRecord decision;
  decision.action = fmt::format("{}:{}", r.attributes.verb,
                                r.attributes.resource_request ? r.attributes.resource : r.attributes.path);
  decision.resource = r.attributes.resource_request
                          ? fmt::format("{}/{}{}{}", r.cluster.name, r.attributes.ns,
                                        r.attributes.ns.empty() ? "" : "/", r.attributes.name)
                          : r.attributes.path;
  decision.outcome = r.decision.allowed ? policy::Outcome::allowed : policy::Outcome::implicitly_denied;
  decision.policy = r.decision.reason;
  event.decisions.push_back(std::move(decision));
  trail_.record(std::move(event));
}

json::array KubeRoom::describe(std::string_view https_endpoint, std::string_view ca_pem) const {
  json::array out;
  for (const auto& cluster : clusters_->all()) {
    out.push_back(json::object{
        {"name", cluster->name},
        {"region", cluster->region},
        {"arn",
         fmt::format("arn:aws:eks:{}:{}:cluster/{}", cluster->region, cluster->account, cluster->name)},
        {"endpoint", fmt::format("{}{}{}", https_endpoint, ClusterDoor::kPrefix, cluster->hex)},
        {"certificateAuthority", base64(ca_pem)}});
  }
  return out;
}

Result<json::object> KubeRoom::project(std::string_view account, std::string_view region,
                                       std::string_view cluster_name, std::string_view ns,
                                       std::string_view service_account) const {
  const auto cluster = clusters_->find(account, region, cluster_name);
  if (cluster == nullptr) {
    return fail(
        "ResourceNotFoundException",
        fmt::format("there is no cluster called {} in {} of account {}", cluster_name, region, account), 404);
  }
  kube::pod_identity::ProjectOptions options;
  options.config.region = region;
  const Time now = clock_.now();
  TRY(const auto projection,
      kube::pod_identity::project(*cluster, ns, service_account, options, now, random_));
  json::array environment;
  for (const auto& [name, value] : projection.environment) {
    environment.push_back(json::object{{"name", name}, {"value", value}});
  }
  json::array warnings;
  for (const std::string& warning : projection.warnings) warnings.emplace_back(warning);
  return json::object{{"env", std::move(environment)},
                      {"token", projection.token},
                      {"audience", projection.audience},
                      {"roleArn", projection.role_arn},
                      {"expirationSeconds", unix_seconds(projection.expires) - unix_seconds(now)},
                      {"warnings", std::move(warnings)}};
}

}  // namespace gatehouse::cli
