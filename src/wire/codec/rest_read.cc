// The server's reading of rest-xml and rest-json: which operation a request means, and its input.
#include <fmt/format.h>

#include <algorithm>

#include "wire/codec/binding.h"
#include "wire/codec/json_value.h"
#include "wire/codec/scalar.h"
#include "wire/codec/xml.h"

namespace gatehouse::wire {
namespace {

using namespace codec;

constexpr size_t kMostSegments = 16;

// The labels' texts, still encoded, in the order of the route's segments.
struct PathMatch {
  std::string_view labels[kMostSegments];
};

bool match_path(const Route& route, std::string_view path, PathMatch& match) {
  if (path.starts_with('/')) path.remove_prefix(1);
  for (size_t i = 0; i < route.segments.size(); ++i) {
    const bool rest = route.greedy && i + 1 == route.segments.size();
    const auto slash = rest ? std::string_view::npos : path.find('/');
    const std::string_view segment = path.substr(0, slash);
    const std::string_view literal = route.segments[i].literal;
    if (segment.empty() || (!literal.empty() && literal != segment)) return false;
    match.labels[i] = segment;
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return path.empty();
}

const std::string* parameter(const QueryParameters& query, std::string_view name) {
  const auto at = std::ranges::find(query, name, &QueryParameters::value_type::first);
  return at != query.end() ? &at->second : nullptr;
}

bool match_parameters(const Route& route, const QueryParameters& query) {
  return std::ranges::all_of(route.parameters, [&query](const Route::Parameter& wanted) {
    const std::string* given = parameter(query, wanted.name);
    return given && (wanted.value.empty() || *given == wanted.value);
  });
}

bool match_required(const Route& route, const Shape& input, const Headers& headers,
                    const QueryParameters& query) {
  return std::ranges::all_of(route.required, [&](std::uint16_t index) {
    const MemberModel& m = input.members[index];
    return m.location == Location::query ? parameter(query, m.wire_name) != nullptr
                                         : headers.find(m.wire_name) != nullptr;
  });
}

// The first route that matches. A request with an operation's own query parameter (?analytics) is that
// operation's even where it lacks what is required: validate() will say so, and no other may take it.
const Route* find_route(const ServiceModel& service, const Head& head, std::string_view path,
                        const QueryParameters& query, PathMatch& match) {
  const Route* lacking = nullptr;
  PathMatch lacking_match;
  for (const Route& route : service.routes) {
    const OperationModel& operation = service.operations[route.operation];
    if (operation.method != head.method || !match_path(route, path, match)) continue;
    if (lacking && route.parameters.size() < lacking->parameters.size()) break;
    if (!match_parameters(route, query)) continue;
    if (match_required(route, service.shape(operation.input), head.headers, query)) return &route;
    if (lacking || route.parameters.empty()) continue;
    lacking = &route;
    lacking_match = match;
  }
  match = lacking_match;
  return lacking;
}

Result<void> read_labels(const ServiceModel& service, const Route& route, const Shape& input,
                         const PathMatch& match, Value& out) {
  for (size_t i = 0; i < route.segments.size(); ++i) {
    if (!route.segments[i].literal.empty()) continue;
    const MemberModel& m = input.members[route.segments[i].member];
    const auto text = percent_decode(match.labels[i]);
    if (!text || !is_valid_utf8(*text)) return fail("InvalidURI", "Couldn't parse the specified URI.");
    TRY(auto value, read_bound(service, m, *text));
    out.set(m.member, std::move(value));
  }
  return {};
}

std::unexpected<Error> no_such_operation(const ServiceModel& service, const Head& head) {
  if (service.protocol == Protocol::rest_json) {
    return fail("UnknownOperationException", "The requested operation is not recognized by the service.",
                404);
  }
  return fail(Error{"MethodNotAllowed",
                    "The specified method is not allowed against this resource.",
                    405,
                    {{"Method", head.method}}});
}

Result<Value> read_payload(const ServiceModel& service, const MemberModel& member, std::string_view body) {
  const Shape& shape = service.shape(member.shape);
  if (shape.kind == ShapeKind::blob) return Value(Bytes{std::string(body)});
  if (shape.kind == ShapeKind::string) {
    if (auto value = parse_scalar(shape, body, TimeStyle::iso)) return std::move(*value);
    return service.protocol == Protocol::rest_xml ? malformed_xml()
                                                  : fail("SerializationException", "Not UTF-8");
  }
  if (service.protocol == Protocol::rest_xml) {
    const std::string_view root = member.wire_name.empty() ? shape.xml_name : member.wire_name;
    return read_xml(service, shape, body, root, "", {.strict = true});
  }
  TRY(const json::value v, json::parse(body));
  return from_json(service, shape, v);
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

}  // namespace

Result<Routed> route_rest(const ServiceModel& service, const Head& head, std::string_view path) {
  const auto query = parse_query(head.query(), true);
  if (!query) return fail("InvalidURI", "Couldn't parse the specified URI.");
  PathMatch match;
  const Route* route = find_route(service, head, path, *query, match);
  if (!route) return no_such_operation(service, head);

  Routed out{.operation = &service.operations[route->operation],
             .input = Value(Value::Structure{}),
             .streams = false};
  const Shape& input = service.shape(out.operation->input);
  CHECK_OK(read_labels(service, *route, input, match, out.input));
  CHECK_OK(read_query(service, input, *query, out.input));
  CHECK_OK(read_headers(service, input, head.headers, out.input));
  const MemberModel* payload = payload_of(input);
  out.streams = payload && payload->streaming;
  return out;
}

Result<void> read_rest_body(const ServiceModel& service, const Head&, Routed& routed, std::string_view body) {
  const Shape& input = service.shape(routed.operation->input);
  if (const MemberModel* payload = payload_of(input)) {
    const bool structured = service.shape(payload->shape).kind == ShapeKind::structure;
    if (payload->streaming || body.empty() || (structured && is_blank(body))) return {};
    TRY(auto value, read_payload(service, *payload, body));
    routed.input.set(payload->member, std::move(value));
    return {};
  }
  if (!has_body_members(input) || is_blank(body)) return {};
  Value members;
  if (service.protocol == Protocol::rest_xml) {
    TRY(members, read_xml(service, input, body, "", "", {.strict = true}));
  } else {
    TRY(const json::value v, json::parse(body));
    TRY(members, from_json(service, input, v));
  }
  for (const auto& [member, value] : members.structure()) routed.input.set(member, value);
  return {};
}

}  // namespace gatehouse::wire
