#include "kube/outside/token_webhook.h"

#include "kube/objects/json_path.h"

namespace gatehouse::kube {
namespace {

wire::Response respond(int status, std::string_view type, std::string body) {
  wire::Response response;
  response.status = status;
  response.headers.add("content-type", type);
  response.body = std::move(body);
  return response;
}

wire::Response reviewed(int code, std::string_view api_version, json::object status) {
  return respond(code, "application/json",
                 json::dump(json::object{{"kind", "TokenReview"},
                                         {"apiVersion", api_version},
                                         {"metadata", json::object{{"creationTimestamp", nullptr}}},
                                         {"spec", json::object()},
                                         {"status", std::move(status)}}));
}

}  // namespace

TokenReviewed review_token(const Authenticator& authenticator, const OutsideCluster& cluster,
                           std::string_view body) {
  const auto parsed = json::parse(body);
  const json::object none;
  const json::object& review = parsed && parsed->is_object() ? parsed->get_object() : none;
  const std::string_view version = text_at(review, {"apiVersion"});
  const bool known = version == "authentication.k8s.io/v1" || version == "authentication.k8s.io/v1beta1";
  if (!known || text_at(review, {"kind"}) != "TokenReview") {
    constexpr std::string_view kWrong = "expected a request body to be a TokenReview";
    return {respond(400, "text/plain; charset=utf-8", std::string(kWrong) + "\n"), {}, std::string(kWrong)};
  }
  const auto identity = authenticator.signer_of(text_at(review, {"spec", "token"}), cluster.name);
  auto user = identity ? authenticator.map(cluster.auth, *identity, cluster.region)
                       : Result<User>(std::unexpected(identity.error()));
  if (!user) {
    const std::string why = user.error().message;
    return {reviewed(403, version, {{"authenticated", false}, {"user", json::object()}, {"error", why}}),
            {},
            why};
  }
  // The apiserver adds system:authenticated itself.
  std::erase(user->groups, kAuthenticated);
  return {reviewed(200, version, {{"authenticated", true}, {"user", user_info(*user)}}), *user, ""};
}

}  // namespace gatehouse::kube
