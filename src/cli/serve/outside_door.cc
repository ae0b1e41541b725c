#include "cli/serve/outside_door.h"

#include <fmt/format.h>

#include "base/log.h"
#include "base/time.h"

namespace gatehouse::cli {
namespace {

constexpr std::string_view kAuthenticate = "/authenticate";
constexpr std::uint64_t kLargestReview = 64 << 10;

wire::Response text(int status, std::string body) {
  wire::Response response;
  response.status = status;
  response.headers.add("content-type", "text/plain; charset=utf-8");
  response.body = std::move(body);
  return response;
}

class ReviewExchange final : public wire::Exchange {
 public:
  ReviewExchange(OutsideRoom& room, kube::OutsideClusterPtr cluster)
      : room_(room), cluster_(std::move(cluster)) {}

  std::variant<wire::BodyPlan, wire::Response> start(const wire::Head& head) override {
    head_ = &head;
    return wire::BodyPlan{.limit = kLargestReview, .blocking = true};
  }
  std::optional<wire::Response> data(std::string_view) override { return std::nullopt; }
  wire::Response finish(std::string body) override { return room_.review(*head_, *cluster_, body); }
  wire::Response too_large() override { return text(413, "the TokenReview is too large\n"); }

 private:
  OutsideRoom& room_;
  const kube::OutsideClusterPtr cluster_;
  const wire::Head* head_ = nullptr;
};

json::object facts(const kube::OutsideCluster& c, std::string_view https_endpoint) {
  return {
      {"name", c.name},
      {"issuer", c.issuer},
      {"provider", identity::normalized_issuer(c.issuer)},
      {"region", c.region},
      {"address", c.address},
      {"keys", c.jwks.empty() ? "fetched" : "given"},
      {"authenticate", fmt::format("{}{}{}{}", https_endpoint, OutsideRoom::kPrefix, c.name, kAuthenticate)},
      {"registered", iso8601(c.registered)}};
}

}  // namespace

Result<std::unique_ptr<OutsideRoom>> OutsideRoom::open(store::Records& records, const Clock& clock,
                                                       Random& random, account::Trail& trail,
                                                       identity::OutsideIssuers& issuers,
                                                       const kube::Clusters& own) {
  std::unique_ptr<OutsideRoom> room(new OutsideRoom(clock, random, trail, own));
  TRY(room->clusters_, kube::OutsideClusters::open(records, clock, issuers));
  return room;
}

std::unique_ptr<wire::Exchange> OutsideRoom::exchange(const wire::Head& head) {
  std::string_view name = head.path().substr(kPrefix.size());
  if (!name.ends_with(kAuthenticate)) return service::answered(text(404, "not found\n"));
  name.remove_suffix(kAuthenticate.size());
  auto cluster = clusters_->find(name);
  if (cluster == nullptr || authenticator_ == nullptr)
    return service::answered(text(404, "no cluster is registered by this name\n"));
  if (!head.tls) return service::answered(text(400, "tokens are reviewed over TLS only\n"));
  if (head.method != "POST") return service::answered(text(405, "Method Not Allowed\n"));
  return std::make_unique<ReviewExchange>(*this, std::move(cluster));
}

wire::Response OutsideRoom::review(const wire::Head& head, const kube::OutsideCluster& cluster,
                                   std::string_view body) {
  kube::TokenReviewed reviewed = kube::review_token(*authenticator_, cluster, body);
  account::Event event;
  event.time = clock_.now();
  event.event_id = random_.uuid();
  event.request_id = event.event_id;
  event.source = "kubernetes";
  event.name = "TokenReview";
  event.region = cluster.region;
  event.source_ip = head.peer;
  event.user_agent = head.headers.get("user-agent");
  event.read_only = true;
  event.kubernetes_user = reviewed.user ? reviewed.user->name : "system:anonymous";
  event.parameters = {{"cluster", cluster.name}};
  if (reviewed.user) {
    event.parameters.emplace_back("arn", reviewed.user->extra.at("arn").front());
  } else {
    event.error_code = std::to_string(reviewed.response.status);
    event.error_message = reviewed.error;
    log::info("a token of a registered cluster was refused",
              {{"cluster", cluster.name}, {"why", reviewed.error}});
  }
  trail_.record(std::move(event));
  return std::move(reviewed.response);
}

Result<json::value> OutsideRoom::register_cluster(const json::object& input,
                                                  std::string_view https_endpoint) {
  const auto get = [&](std::string_view key) { return json::string_or(input, key, ""); };
  kube::OutsideCluster cluster{.name = get("name"),
                               .issuer = get("issuer"),
                               .region = json::string_or(input, "region", "us-east-1"),
                               .ca_pem = get("ca"),
                               .address = get("address"),
                               .jwks = get("jwks"),
                               .aws_auth = get("awsAuth")};
  if (own_.by_issuer("https://" + identity::normalized_issuer(cluster.issuer)) != nullptr)
    return fail(
        "ResourceInUseException",
        fmt::format("{} is the issuer of a cluster of this server, whose keys it has", cluster.issuer), 409);
  TRY(const auto registered, clusters_->add(std::move(cluster)));
  json::object out = facts(*registered.cluster, https_endpoint);
  out["warnings"] = json::array(registered.warnings.begin(), registered.warnings.end());
  return out;
}

Result<json::value> OutsideRoom::deregister(std::string_view name) {
  CHECK_OK(clusters_->remove(name));
  return json::object{{"name", name}};
}

Result<json::object> OutsideRoom::webhook(std::string_view name) const {
  CHECK_OK(kube::check_cluster_name(name));
  return json::object{{"path", fmt::format("{}{}{}", kPrefix, name, kAuthenticate)},
                      {"registered", clusters_->find(name) != nullptr}};
}

json::array OutsideRoom::list(std::string_view https_endpoint) const {
  json::array out;
  for (const auto& cluster : clusters_->all()) out.push_back(facts(*cluster, https_endpoint));
  return out;
}

}  // namespace gatehouse::cli
