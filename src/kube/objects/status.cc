#include "kube/objects/status.h"

#include <fmt/format.h>

namespace gatehouse::kube::status {
namespace {

Error about(const Kind& kind, std::string_view name, std::string code, std::string message, int http,
            bool by_kind = false) {
  Error error{std::move(code), std::move(message), http, {}};
  if (!name.empty()) error.details.emplace_back("name", name);
  if (!kind.group.empty()) error.details.emplace_back("group", kind.group);
  error.details.emplace_back("kind", by_kind ? kind.kind : kind.plural);
  return error;
}

std::string quoted_resource(const Kind& kind, std::string_view name) {
  return name.empty() ? kind.resource() : fmt::format("{} \"{}\"", kind.resource(), name);
}

}  // namespace

Error not_found(const Kind& kind, std::string_view name) {
  return about(kind, name, "NotFound", fmt::format("{} \"{}\" not found", kind.resource(), name), 404);
}

Error already_exists(const Kind& kind, std::string_view name) {
  return about(kind, name, "AlreadyExists", fmt::format("{} \"{}\" already exists", kind.resource(), name),
               409);
}

Error conflict(const Kind& kind, std::string_view name, std::string_view why) {
  return about(
      kind, name, "Conflict",
      fmt::format("Operation cannot be fulfilled on {} \"{}\": {}", kind.resource(), name,
                  why.empty() ? "the object has been modified; please apply your changes to the latest "
                                "version and try again"
                              : why),
      409);
}

Error invalid(const Kind& kind, std::string_view name, const std::vector<Cause>& causes) {
  std::string list;
  for (const Cause& cause : causes) {
    list.append(list.empty() ? "" : ", ");
    list += cause.field.empty() ? cause.message : fmt::format("{}: {}", cause.field, cause.message);
  }
  if (causes.size() > 1) list = "[" + list + "]";
  const std::string type =
      kind.group.empty() ? std::string(kind.kind) : fmt::format("{}.{}", kind.kind, kind.group);
  Error error =
      about(kind, name, "Invalid", fmt::format("{} \"{}\" is invalid: {}", type, name, list), 422, true);
  for (const Cause& cause : causes) add_cause(error, cause);
  return error;
}

Error forbidden(const Kind& kind, std::string_view name, std::string_view why) {
  return about(kind, name, "Forbidden", fmt::format("{} is forbidden: {}", quoted_resource(kind, name), why),
               403);
}

Error bad_request(std::string message) { return {"BadRequest", std::move(message), 400, {}}; }
Error unauthorized() { return {"Unauthorized", "Unauthorized", 401, {}}; }
Error unknown_path() { return {"NotFound", "the server could not find the requested resource", 404, {}}; }

Error method_not_allowed(const Kind& kind, std::string_view verb) {
  return about(kind, "", "MethodNotAllowed",
               fmt::format("{} is not supported on resources of kind \"{}\"", verb, kind.resource()), 405);
}

Error expired(std::string message) { return {"Expired", std::move(message), 410, {}}; }

Error too_large_version(std::uint64_t asked, std::uint64_t current) {
  Error error{"Timeout", fmt::format("Too large resource version: {}, current: {}", asked, current), 504, {}};
  error.details.emplace_back("retryAfterSeconds", "1");
  add_cause(error, {"ResourceVersionTooLarge", "", "Too large resource version"});
  return error;
}

void add_cause(Error& error, const Cause& cause) {
  error.details.emplace_back(
      "cause",
      json::dump(json::object{{"reason", cause.reason}, {"message", cause.message}, {"field", cause.field}}));
}

json::object render(const Error& error) {
  json::object out{{"kind", "Status"},
                   {"apiVersion", "v1"},
                   {"metadata", json::object()},
                   {"status", "Failure"},
                   {"message", error.message}};
  if (!error.code.empty()) out["reason"] = error.code == "InternalFailure" ? "InternalError" : error.code;
  json::object details;
  json::array causes;
  for (const auto& [key, value] : error.details) {
    if (key == "continue") {
      out["metadata"].get_object()["continue"] = value;
      continue;
    }
    if (key == "cause") {
      if (auto cause = json::parse(value)) causes.push_back(std::move(*cause));
    } else if (key == "retryAfterSeconds") {
      details[key] = 1;
    } else {
      details[key] = value;
    }
  }
  if (!causes.empty()) details["causes"] = std::move(causes);
  if (!details.empty()) out["details"] = std::move(details);
  out["code"] = error.status;
  return out;
}

json::object success(const Kind& kind, std::string_view name, std::string_view uid) {
  json::object details{{"name", name}};
  if (!kind.group.empty()) details["group"] = kind.group;
  details["kind"] = kind.plural;
  details["uid"] = uid;
  return {{"kind", "Status"},
          {"apiVersion", "v1"},
          {"metadata", json::object()},
          {"status", "Success"},
          {"details", std::move(details)}};
}

}  // namespace gatehouse::kube::status
