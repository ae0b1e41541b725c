#include "cli/serve/admin.h"

#include <fmt/format.h>

#include "base/arn.h"
#include "base/encoding.h"
#include "base/log.h"
#include "cli/serve/doors.h"

namespace gatehouse::cli {
namespace {

class AdminExchange final : public wire::Exchange {
 public:
  explicit AdminExchange(Admin& admin) : admin_(admin) {}

  std::variant<wire::BodyPlan, wire::Response> start(const wire::Head& head) override {
    head_ = &head;
    return wire::BodyPlan{.limit = 1 << 20, .blocking = true};
  }
  std::optional<wire::Response> data(std::string_view) override { return std::nullopt; }
  wire::Response finish(std::string body) override {
    const auto outcome = admin_.handle(*head_, body);
    if (outcome) return json_response(200, json::dump(*outcome));
    return error(outcome.error());
  }
  wire::Response too_large() override {
    return error({"RequestEntityTooLarge", "the request is too large", 413, {}});
  }

 private:
  static wire::Response error(const Error& e) {
    return json_response(e.status, json::dump(json::object{{"code", e.code}, {"message", e.message}}));
  }

  Admin& admin_;
  const wire::Head* head_ = nullptr;
};

}  // namespace

std::unique_ptr<wire::Exchange> Admin::exchange() { return std::make_unique<AdminExchange>(*this); }

Result<json::value> Admin::handle(const wire::Head& head, std::string_view body) {
  const std::string_view path = head.path();
  json::object input;
  if (!body.empty()) {
    TRY(json::value parsed, json::parse(body));
    if (!parsed.is_object()) return fail("ValidationError", "the body must be a JSON object");
    input = std::move(parsed.get_object());
  }
  if (head.method == "GET" && path == "/env") return env();
  if (head.method == "GET" && path == "/accounts") return accounts();
  if (head.method == "GET" && path.starts_with("/accounts/")) return account(path.substr(10));
  if (head.method == "GET" && path == "/coverage") return coverage();
  if (head.method == "GET" && path == "/vpc-endpoints") return rooms_.endpoints.list();
  if (head.method == "GET" && path == "/policies") return policies(head.query());
  if (head.method == "GET" && path == "/clusters")
    return rooms_.kube.describe(endpoints_.https, endpoints_.ca_pem);
  constexpr std::string_view kOutside = "/outside-clusters";
  if (head.method == "GET" && path == kOutside) return rooms_.outside.list(endpoints_.https);
  if (head.method == "GET" && path.starts_with(kOutside) && path.ends_with("/webhook"))
    return outside_webhook(path.substr(kOutside.size()));
  if (head.method == "POST" && path == kOutside)
    return rooms_.outside.register_cluster(input, endpoints_.https);
  if (head.method == "DELETE" && path.starts_with(kOutside) && path.size() > kOutside.size() + 1)
    return rooms_.outside.deregister(path.substr(kOutside.size() + 1));
  if (head.method == "POST" && path == "/accounts") return create_account(input);
  if (head.method == "POST" && path == "/pods") return pod(input);
  if (head.method == "POST" && path == "/trail/flush") {
    rooms_.trail.flush();
    return json::object{};
  }
  if (head.method == "POST" && path.starts_with("/accounts/") && path.ends_with("/rotate")) {
    return rotate(path.substr(10, path.size() - 10 - 7));
  }
  return fail("UnknownOperation", fmt::format("{} {} is not an administration request", head.method, path),
              404);
}

// "/NAME/webhook"
Result<json::value> Admin::outside_webhook(std::string_view path) const {
  path.remove_prefix(1);
  const std::string_view name = path.substr(0, path.find('/'));
  TRY(json::object out, rooms_.outside.webhook(name));
  out["endpoint"] = endpoints_.https;
  out["certificateAuthority"] = base64(endpoints_.ca_pem);
  return out;
}

// The stable format of `gatehouse env --output json`.
json::object Admin::account_facts(const account::Account& account) const {
  const auto key = rooms_.directory.root_key(account.id);
  return {{"endpoint", endpoints_.http},
          {"region", endpoints_.region},
          {"account", account.id},
          {"canonicalId", account.canonical_id},
          {"accessKeyId", key ? key->id : ""},
          {"secretAccessKey", key ? key->secret : ""}};
}

Result<json::value> Admin::env() const {
  json::object out = account_facts(*rooms_.directory.first_account());
  out["httpsEndpoint"] = endpoints_.https;
  out["proxy"] = endpoints_.http;
  out["caBundle"] = endpoints_.ca_file;
  return out;
}

Result<json::value> Admin::accounts() const {
  json::array out;
  for (const auto& account : rooms_.directory.accounts()) {
    json::object facts = account_facts(*account);
    facts.erase("secretAccessKey");
    facts["name"] = account->name;
    out.push_back(std::move(facts));
  }
  return out;
}

Result<json::value> Admin::account(std::string_view id) const {
  const auto account = rooms_.directory.account(id);
  if (account == nullptr) return fail("NoSuchEntity", fmt::format("there is no account {}", id), 404);
  return account_facts(*account);
}

Result<json::value> Admin::create_account(const json::object& input) {
  const std::string name = json::string_or(input, "name", "");
  if (name.empty() || name.size() > 50)
    return fail("ValidationError", "an account's name has 1 to 50 characters");
  for (const auto& account : rooms_.directory.accounts()) {
    if (account->name == name)
      return fail("EntityAlreadyExists", fmt::format("an account called {} exists already", name), 409);
  }
  TRY(const auto account,
      rooms_.directory.create_account(name, json::string_or(input, "email", name + "@gatehouse.invalid")));
  return account_facts(*account);
}

// The identity policies of a user, its groups', or a role, as text.
Result<json::value> Admin::policies(std::string_view query) const {
  const auto parameters = parse_query(query);
  const std::string principal = parameters && !parameters->empty() && parameters->front().first == "principal"
                                    ? parameters->front().second
                                    : "";
  const auto arn = Arn::parse(principal);
  if (!arn) return fail("ValidationError", fmt::format("{} is no ARN", principal));
  json::array out;
  const auto add = [&](const account::Grants& grants) {
    for (const auto& [name, policy] : grants.inline_policies) out.emplace_back(policy.text);
    for (const std::string& attached : grants.attached) {
      if (const auto policy = rooms_.directory.policy(attached))
        out.emplace_back(policy->current().document.text);
    }
  };
  const std::string_view name = arn->resource.substr(arn->resource.rfind('/') + 1);
  if (const auto role = rooms_.directory.role(arn->account, name); role && role->arn == principal) {
    add(role->grants);
    return out;
  }
  const auto user = rooms_.directory.user(arn->account, name);
  if (user == nullptr || user->arn != principal)
    return fail("NoSuchEntity", fmt::format("there is no user or role {}", principal), 404);
  add(user->grants);
  for (const std::string& group : user->groups) {
    if (const auto found = rooms_.directory.group(user->account, group)) add(found->grants);
  }
  return out;
}

Result<json::value> Admin::rotate(std::string_view id) {
  const auto account = rooms_.directory.account(id);
  if (account == nullptr) return fail("NoSuchEntity", fmt::format("there is no account {}", id), 404);
  CHECK_OK(rooms_.directory.rotate_root_key(id));
  return account_facts(*account);
}

Result<json::value> Admin::pod(const json::object& input) {
  TRY(json::object pod,
      rooms_.kube.project(json::string_or(input, "account", rooms_.directory.first_account()->id),
                          json::string_or(input, "region", endpoints_.region),
                          json::string_or(input, "cluster", ""), json::string_or(input, "namespace", ""),
                          json::string_or(input, "serviceAccount", "")));
  pod["endpoint"] = endpoints_.http;
  pod["proxy"] = endpoints_.http;
  pod["caBundle"] = endpoints_.ca_file;
  return pod;
}

Result<json::value> Admin::coverage() const {
  json::array out;
  for (const service::Service* service : rooms_.pipeline.services()) {
    json::array built, missing;
    for (const wire::OperationModel& operation : service->model().operations) {
      (service->find(operation.name) != nullptr ? built : missing).emplace_back(operation.name);
    }
    out.push_back(json::object{
        {"service", service->model().id}, {"built", std::move(built)}, {"notBuilt", std::move(missing)}});
  }
  return out;
}

}  // namespace gatehouse::cli
