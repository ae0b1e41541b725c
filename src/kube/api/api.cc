#include "kube/api/api.h"

#include <fmt/format.h>

#include "base/log.h"
#include "kube/api/context.h"
#include "kube/issuer.h"

namespace gatehouse::kube {
namespace {

Answer dispatch_resource(Context& context) {
  const Request& r = context.request;
  const Kind& kind = *r.kind;
  if (r.part != nullptr) {
    const auto verbs = words(r.part->verbs);
    if (std::find(verbs.begin(), verbs.end(), r.verb) == verbs.end())
      return fail(status::method_not_allowed(kind, r.verb));
    if (r.part->name == "token") return request_token(context);
    if (r.part->name == "scale") return scale(context);
  } else if (!kind.has_verb(r.verb)) {
    return fail(status::method_not_allowed(kind, r.verb));
  }
  if (!kind.stored()) return review(context);
  if (!kind.warning.empty()) context.warnings.emplace_back(kind.warning);
  if (!r.view.acceptable)
    return fail("NotAcceptable", "only the following media types are accepted: application/json", 406);
  if (r.verb == "get") return get(context);
  if (r.verb == "list") return list(context);
  if (r.verb == "watch") return watch(context);
  // A collection is posted to; an object is put and patched.
  if (r.verb == "create" && r.name.empty()) return create(context);
  if (r.verb == "update" && !r.name.empty()) return update(context);
  if (r.verb == "patch" && !r.name.empty()) return patch(context);
  if (r.verb == "delete") return remove(context);
  if (r.verb == "deletecollection") return remove_collection(context);
  return fail(status::method_not_allowed(kind, r.verb));
}

Answer dispatch(Context& context) {
  const Request& r = context.request;
  if (!r.resource_request) {
    if (r.method != "GET" && r.method != "HEAD") return fail(status::unknown_path());
    return r.path.starts_with("/openapi/") ? openapi(context) : document(context);
  }
  if (r.kind == nullptr) return fail(status::unknown_path());
  return dispatch_resource(context);
}

wire::Response refusal(const Error& error) {
  wire::Response out = json_response(error.status, status::render(error));
  if (error.status == 401) out.headers.add("www-authenticate", "Bearer realm=\"gatehouse\"");
  return out;
}

Error forbidden(const Request& request, const User& user, const Attributes& attributes) {
  if (!attributes.resource_request) return {"Forbidden", "forbidden: " + denial(user, attributes), 403, {}};
  // Also where there is no such resource: what exists is not told to those who may not know.
  const Kind named{.group = request.group, .version = request.version, .kind = "", .plural = request.plural};
  return status::forbidden(named, request.name, denial(user, attributes));
}

// `--as`: who may impersonate whom is RBAC's to say, a user or group at a time.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
Result<User> impersonated(const Objects& objects, const User& caller, const wire::Head& head) {
  const std::string_view name = head.headers.get("impersonate-user");
  User user{std::string(name), std::string(head.headers.get("impersonate-uid")), {}, {}};
  constexpr std::string_view kExtra = "impersonate-extra-";
  std::vector<Attributes> asked;
  const auto ask = [&](std::string group, std::string resource, std::string ns, std::string what,
                       std::string part = "") {
    asked.push_back({.verb = "impersonate",
                     .group = std::move(group),
                     .resource = std::move(resource),
                     .subresource = std::move(part),
                     .ns = std::move(ns),
                     .name = std::move(what)});
  };
  constexpr std::string_view kAccount = "system:serviceaccount:";
  const auto colon = name.find(':', std::min(kAccount.size(), name.size()));
  if (name.starts_with(kAccount) && colon != std::string_view::npos) {
    const std::string ns(name.substr(kAccount.size(), colon - kAccount.size()));
    ask("", "serviceaccounts", ns, std::string(name.substr(colon + 1)));
    user.groups = {"system:serviceaccounts", "system:serviceaccounts:" + ns};
  } else {
    ask("", "users", "", std::string(name));
  }
  bool groups_given = false;
  for (const auto& [key, value] : head.headers.fields) {
    if (key == "impersonate-group") {
      if (!std::exchange(groups_given, true)) user.groups.clear();
      user.groups.push_back(value);
      ask("", "groups", "", value);
    } else if (key == "impersonate-uid") {
      ask("authentication.k8s.io", "uids", "", value);
    } else if (key.starts_with(kExtra)) {
      const auto extra = percent_decode(std::string_view(key).substr(kExtra.size()));
      user.extra[extra.value_or(key)].push_back(value);
      ask("authentication.k8s.io", "userextras", "", value, extra.value_or(key));
    }
  }
  if (name.empty()) return fail(status::bad_request("requested [] without impersonating a user"));
  for (const Attributes& a : asked) {
    if (authorize(objects, caller, a).allowed) continue;
    const Kind resource{.group = a.group, .version = "v1", .kind = "", .plural = a.resource};
    return fail(status::forbidden(resource, a.name, denial(caller, a)));
  }
  const bool nobody = user.name == "system:anonymous";
  if (!user.in(kAuthenticated) && !user.in(kUnauthenticated))
    user.groups.emplace_back(nobody ? kUnauthenticated : kAuthenticated);
  return user;
}

bool impersonates(const wire::Head& head) {
  return std::any_of(head.headers.fields.begin(), head.headers.fields.end(),
                     [](const auto& field) { return field.first.starts_with("impersonate-"); });
}

class ApiExchange final : public wire::Exchange {
 public:
  ApiExchange(Api& api, ClusterPtr cluster, std::string prefix)
      : api_(api), cluster_(std::move(cluster)), prefix_(std::move(prefix)) {}

  std::variant<wire::BodyPlan, wire::Response> start(const wire::Head& head) override {
    head_ = &head;
    return wire::BodyPlan{.limit = kMaxBody, .streams = false, .blocking = true};
  }
  std::optional<wire::Response> data(std::string_view) override { return std::nullopt; }
  wire::Response finish(std::string body) override {
    std::string_view target = head_->target;
    if (target.starts_with(prefix_)) target.remove_prefix(prefix_.size());
    return api_.answer(cluster_, *head_, target, body);
  }
  wire::Response too_large() override {
    return refusal(
        {"RequestEntityTooLarge", fmt::format("Request entity too large: limit is {}", kMaxBody), 413, {}});
  }

 private:
  Api& api_;
  ClusterPtr cluster_;
  std::string prefix_;
  const wire::Head* head_ = nullptr;  // lives as long as this
};

}  // namespace

wire::Response json_response(int status, std::string body) {
  wire::Response out;
  out.status = status;
  out.headers.add("content-type", "application/json");
  out.headers.add("cache-control", "no-cache, private");
  out.body = std::move(body);
  return out;
}

Api::Api(const Clock& clock, Random& random, const Authenticator& authenticator, Options options)
    : clock_(clock),
      random_(random),
      authenticator_(authenticator),
      options_(std::move(options)),
      hub_(std::make_unique<WatchHub>(clock)) {}

Api::~Api() = default;

std::unique_ptr<wire::Exchange> Api::exchange(ClusterPtr cluster, std::string prefix) {
  return std::make_unique<ApiExchange>(*this, std::move(cluster), std::move(prefix));
}

wire::Response Api::answer(const ClusterPtr& cluster, const wire::Head& head, std::string_view target,
                           std::string_view body) {
  const auto request = Request::parse(head, target, body, cluster->objects->kinds());
  if (!request) return refusal(request.error());
  auto user = authenticator_.authenticate(*cluster, head);
  if (!user) {
    log::info("a cluster refused a token", {{"cluster", cluster->name}, {"why", user.error().message}});
    return refusal(status::unauthorized());
  }
  if (impersonates(head)) {
    user = impersonated(*cluster->objects, *user, head);
    if (!user) return refusal(user.error());
  }
  const Attributes attributes = request->attributes();
  const Decision decision = authorize(*cluster->objects, *user, attributes);
  wire::Response out;
  if (decision.allowed) {
    Context context{cluster, *cluster->objects, *request,
                    *user,   authenticator_,    {clock_, random_, options_.ca_pem},
                    *hub_};
    auto answer = dispatch(context);
    out = answer ? *std::move(answer) : refusal(answer.error());
    for (const std::string& warning : context.warnings)
      out.headers.add("warning", fmt::format("299 - {}", json::dump(json::value(warning))));
  } else {
    out = refusal(forbidden(*request, *user, attributes));
  }
  if (options_.on_call) options_.on_call({*cluster, head, *user, attributes, decision, out.status});
  if (head.method == "HEAD") {
    if (const auto* text = std::get_if<std::string>(&out.body)) out.head_length = text->size();
    out.body = std::string();
  }
  return out;
}

}  // namespace gatehouse::kube
