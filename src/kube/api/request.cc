#include "kube/api/request.h"

#include <algorithm>

#include "kube/objects/status.h"

namespace gatehouse::kube {
namespace {

Result<std::vector<std::string>> segments(std::string_view path) {
  std::vector<std::string> out;
  while (!path.empty()) {
    path.remove_prefix(path.starts_with('/') ? 1 : 0);
    const auto end = std::min(path.find('/'), path.size());
    if (end > 0) {
      auto decoded = percent_decode(path.substr(0, end));
      if (!decoded || !is_valid_utf8(*decoded)) return fail(status::bad_request("invalid URL escape"));
      out.push_back(*std::move(decoded));
    }
    path.remove_prefix(end);
  }
  return out;
}

std::string verb_of(const Request& r) {
  if (r.method == "POST") return "create";
  if (r.method == "PUT") return "update";
  if (r.method == "PATCH") return "patch";
  if (r.method == "DELETE") return r.name.empty() ? "deletecollection" : "delete";
  if (r.method != "GET" && r.method != "HEAD") return "";
  if (r.flag("watch")) return "watch";
  return r.name.empty() ? "list" : "get";
}

// namespaces/NS/RESOURCE[/NAME[/PART]], or RESOURCE[/NAME[/PART]]. A namespace itself is a resource of no
// namespace's, but its requests are authorised in it.
void read_resource(const std::vector<std::string>& parts, size_t at, Request& r) {
  const auto take = [&](std::string& into) {
    if (at < parts.size()) into = parts[at++];
  };
  const size_t left = parts.size() - at;
  if (left >= 1 && parts[at] == "namespaces" && r.group.empty()) {
    const bool own_part = left == 3 && (parts[at + 2] == "status" || parts[at + 2] == "finalize");
    if (left >= 3 && !own_part) {
      ++at;
      take(r.ns);
    } else if (left >= 2) {
      r.ns = parts[at + 1];
    }
  } else if (left >= 3 && parts[at] == "namespaces") {
    ++at;
    take(r.ns);
  }
  take(r.plural);
  take(r.name);
  take(r.subresource);
  for (; at < parts.size(); ++at) r.subresource += "/" + parts[at];
}

}  // namespace

std::string_view Request::parameter(std::string_view wanted) const {
  for (const auto& [key, value] : query)
    if (key == wanted) return value;
  return {};
}

bool Request::flag(std::string_view wanted) const {
  for (const auto& [key, value] : query)
    if (key == wanted) return value != "false" && value != "0";
  return false;
}

Result<Request> Request::parse(const wire::Head& head, std::string_view target, std::string_view body,
                               KindSetPtr kinds) {
  Request r;
  r.kinds = std::move(kinds);
  r.method = head.method;
  r.body = body;
  const auto question = std::min(target.find('?'), target.size());
  const auto path = target.substr(0, question);
  auto query = parse_query(target.substr(std::min(question + 1, target.size())), true);
  if (!query) return fail(status::bad_request("invalid URL escape in the query"));
  r.query = *std::move(query);
  TRY(const auto parts, segments(path));
  auto decoded = percent_decode(path);
  r.path = decoded && !decoded->empty() ? *std::move(decoded) : std::string("/");
  const auto type = head.headers.get("content-type");
  r.content_type = type.substr(0, std::min(type.find(';'), type.size()));
  while (r.content_type.ends_with(' ')) r.content_type.pop_back();
  r.accept = head.headers.get("accept");
  r.user_agent = head.headers.get("user-agent");
  r.view = View::of(r.accept, r.parameter("includeObject"));
  r.dry_run = std::any_of(r.query.begin(), r.query.end(),
                          [](const auto& p) { return p.first == "dryRun" && p.second == "All"; });
  size_t at = 0;
  if (parts.size() >= 3 && parts[0] == "api") {
    r.version = parts[1];
    at = 2;
  } else if (parts.size() >= 4 && parts[0] == "apis") {
    r.group = parts[1];
    r.version = parts[2];
    at = 3;
  } else {
    r.verb = head.method;
    for (char& c : r.verb) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return r;
  }
  r.resource_request = true;
  read_resource(parts, at, r);
  r.verb = verb_of(r);
  r.kind = r.kinds->find(r.group, r.version, r.plural);
  if (r.kind != nullptr) {
    for (const Subresource& part : r.kind->subresources)
      if (part.name == r.subresource) r.part = &part;
    const bool misplaced = r.kind->scope == Scope::cluster && !r.ns.empty() && r.kind->kind != "Namespace";
    if (misplaced || (!r.subresource.empty() && r.part == nullptr)) r.kind = nullptr;
  }
  return r;
}

std::string Request::field_manager() const {
  const auto given = parameter("fieldManager");
  if (!given.empty()) return std::string(given);
  return user_agent.empty() ? "unknown" : user_agent.substr(0, user_agent.find('/'));
}

std::string Request::scope() const { return kind->scope == Scope::namespaced ? ns : std::string(); }

Attributes Request::attributes() const {
  if (!resource_request) return {.verb = verb, .resource_request = false, .path = path};
  return {.verb = verb,
          .group = group,
          .version = version,
          .resource = plural,
          .subresource = subresource,
          .ns = ns,
          .name = name};
}

}  // namespace gatehouse::kube
