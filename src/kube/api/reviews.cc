// Kinds that are asked and not kept: who am I, whose token is this, may I.
#include <fmt/format.h>

#include "base/time.h"
#include "kube/access/tokens.h"
#include "kube/api/context.h"
#include "kube/objects/json_path.h"

namespace gatehouse::kube {
namespace {

json::object typed(const Kind& kind, json::object object) {
  json::object out{{"kind", kind.kind}, {"apiVersion", kind.group_version()}};
  if (!object.contains("metadata")) out["metadata"] = json::object();
  for (const auto& [key, value] : object) out[key] = value;
  return out;
}

json::array strings(const std::vector<std::string>& list) { return json::array(list.begin(), list.end()); }

std::vector<std::string> strings(const json::array* list) {
  std::vector<std::string> out;
  for (size_t i = 0; list != nullptr && i < list->size(); ++i)
    if ((*list)[i].is_string()) out.emplace_back((*list)[i].get_string());
  return out;
}

json::object token_status(Context& context, const json::object& object) {
  auto audiences = strings(array_at(object, {"spec", "audiences"}));
  if (audiences.empty()) audiences = {std::string(kApiAudience)};
  const auto user =
      context.authenticator.verify(*context.cluster, text_at(object, {"spec", "token"}), audiences);
  if (!user)
    return {{"user", json::object()}, {"error", "[invalid bearer token, " + user.error().message + "]"}};
  return {{"authenticated", true}, {"user", user_info(*user)}, {"audiences", strings(audiences)}};
}

Result<Attributes> attributes_of(const Kind& kind, const json::object& spec) {
  const json::object* resource = object_at(spec, {"resourceAttributes"});
  const json::object* path = object_at(spec, {"nonResourceAttributes"});
  if ((resource == nullptr) == (path == nullptr))
    return fail(status::invalid(kind, "",
                                {{"FieldValueInvalid", "spec.resourceAttributes",
                                  "Invalid value: \"null\": exactly one of nonResourceAttributes or "
                                  "resourceAttributes must be specified"}}));
  if (path != nullptr)
    return Attributes{.verb = std::string(text_at(*path, {"verb"})),
                      .resource_request = false,
                      .path = std::string(text_at(*path, {"path"}))};
  const auto text = [&](std::string_view member) { return std::string(text_at(*resource, {member})); };
  return Attributes{.verb = text("verb"),
                    .group = text("group"),
                    .version = text("version"),
                    .resource = text("resource"),
                    .subresource = text("subresource"),
                    .ns = text("namespace"),
                    .name = text("name")};
}

Result<json::object> access_status(Context& context, const json::object& object, const User& subject) {
  const json::object* spec = object_at(object, {"spec"});
  TRY(const Attributes attributes,
      attributes_of(*context.request.kind, spec == nullptr ? json::object() : *spec));
  const Decision decision = authorize(context.objects, subject, attributes);
  json::object out{{"allowed", decision.allowed}};
  if (!decision.reason.empty()) out["reason"] = decision.reason;
  return out;
}

json::object rules_status(Context& context, std::string_view ns) {
  json::array resources;
  json::array paths;
  for (json::object& rule : rules_for(context.objects, context.user, ns)) {
    const bool of_paths = rule.contains("nonResourceURLs");
    (of_paths ? paths : resources).push_back(std::move(rule));
  }
  return {
      {"resourceRules", std::move(resources)}, {"nonResourceRules", std::move(paths)}, {"incomplete", false}};
}

User subject_of(const json::object& object) {
  return user_of(text_at(object, {"spec", "user"}), text_at(object, {"spec", "uid"}),
                 array_at(object, {"spec", "groups"}), object_at(object, {"spec", "extra"}));
}

Cause bad_lifetime(std::int64_t seconds, std::string_view why) {
  return {"FieldValueInvalid", "spec.expirationSeconds", fmt::format("Invalid value: {}: {}", seconds, why)};
}

// What the token is bound to must exist, and be the one that is meant.
Result<void> bind(Context& context, const json::object& reference, TokenSpec& spec) {
  const auto kind_name = text_at(reference, {"kind"});
  const Kind* kind = find_kind_named("", "v1", kind_name);
  if (kind_name != "Pod" && kind_name != "Secret" && kind_name != "Node")
    return fail(
        status::bad_request(fmt::format("cannot bind token for object of type /v1, Kind={}", kind_name)));
  const std::string name(text_at(reference, {"name"}));
  const StoredPtr found =
      kind == nullptr ? nullptr
                      : context.objects.find(*kind, kind->scope == Scope::cluster ? "" : spec.ns, name);
  if (found == nullptr) {
    const Kind pods{.group = "", .version = "v1", .kind = "Pod", .plural = "pods"};
    return fail(status::not_found(kind == nullptr ? pods : *kind, name));
  }
  const std::string uid(text_at(found->object, {"metadata", "uid"}));
  const auto wanted = text_at(reference, {"uid"});
  if (!wanted.empty() && wanted != uid)
    return fail(status::conflict(
        *kind, name,
        fmt::format("the UID in the bound object reference ({}) does not match the UID in record. "
                    "The object might have been deleted and then recreated",
                    wanted)));
  (kind_name == "Pod" ? spec.pod : kind_name == "Node" ? spec.node : spec.secret) = Bound{name, uid};
  return {};
}

}  // namespace

Answer review(Context& context) {
  const Kind& kind = *context.request.kind;
  TRY(json::object object, decode_body(context, *kind.message, kind.group_version(), kind.kind));
  if (kind.kind == "SelfSubjectReview") {
    object["status"] = json::object{{"userInfo", user_info(context.user)}};
  } else if (kind.kind == "TokenReview") {
    object["status"] = token_status(context, object);
  } else if (kind.kind == "SelfSubjectAccessReview") {
    TRY(object["status"], access_status(context, object, context.user));
  } else if (kind.kind == "SelfSubjectRulesReview") {
    object["status"] = rules_status(context, text_at(object, {"spec", "namespace"}));
  } else {
    if (text_at(object, {"spec", "user"}).empty() && array_at(object, {"spec", "groups"}) == nullptr)
      return fail(
          status::invalid(kind, "",
                          {{"FieldValueInvalid", "spec.user",
                            "Invalid value: \"\": at least one of user or group must be specified"}}));
    const bool local = kind.kind == "LocalSubjectAccessReview";
    if (local && text_at(object, {"spec", "resourceAttributes", "namespace"}) != context.request.ns)
      return fail(status::bad_request(
          fmt::format("spec.resourceAttributes.namespace must match namespace: {}", context.request.ns)));
    TRY(object["status"], access_status(context, object, subject_of(object)));
  }
  return json_response(201, typed(kind, std::move(object)));
}

Answer request_token(Context& context) {
  const Request& r = context.request;
  const Kind request_kind{
      .group = "authentication.k8s.io", .version = "v1", .kind = "TokenRequest", .plural = "tokenrequests"};
  const StoredPtr account = context.objects.find(*r.kind, r.ns, r.name);
  if (account == nullptr) return fail(status::not_found(*r.kind, r.name));
  TRY(json::object object, decode_body(context, token_request(), "authentication.k8s.io/v1", "TokenRequest"));
  json::object& spec = make_object(object, "spec");
  std::int64_t seconds = json::int_or(spec, "expirationSeconds", 3600);
  if (seconds < kMinTokenLifetime.count())
    return fail(status::invalid(request_kind, "",
                                {bad_lifetime(seconds, "may not specify a duration less than 10 minutes")}));
  if (seconds > std::int64_t{1} << 32)
    return fail(status::invalid(
        request_kind, "", {bad_lifetime(seconds, "may not specify a duration larger than 2^32 seconds")}));
  if (seconds > kMaxTokenLifetime.count()) {
    context.warnings.push_back(fmt::format("requested expiration of {} seconds shortened to {} seconds",
                                           seconds, kMaxTokenLifetime.count()));
    seconds = kMaxTokenLifetime.count();
  }
  TokenSpec token{.ns = r.ns,
                  .account = r.name,
                  .account_uid = std::string(text_at(account->object, {"metadata", "uid"})),
                  .audiences = strings(array_at(spec, {"audiences"})),
                  .lifetime = std::chrono::seconds(seconds),
                  .pod = {},
                  .node = {},
                  .secret = {}};
  if (token.audiences.empty()) token.audiences = {std::string(kApiAudience)};
  if (const json::object* reference = object_at(spec, {"boundObjectRef"}))
    CHECK_OK(bind(context, *reference, token));
  spec["audiences"] = strings(token.audiences);
  spec["expirationSeconds"] = seconds;
  object["metadata"] =
      json::object{{"name", r.name}, {"namespace", r.ns}, {"creationTimestamp", iso8601(context.now())}};
  object["status"] =
      json::object{{"expirationTimestamp", iso8601(context.now() + token.lifetime)},
                   {"token", make_token(*context.cluster, token, context.now(), context.makers.random)}};
  return json_response(201, typed(request_kind, std::move(object)));
}

}  // namespace gatehouse::kube
