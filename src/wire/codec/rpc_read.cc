// The server's reading of query, ec2 and json: operation and input are in the parameters or the body.
#include <fmt/format.h>

#include "wire/codec.h"
#include "wire/codec/json_value.h"
#include "wire/codec/query.h"

namespace gatehouse::wire {
namespace {

using namespace codec;

std::string_view get(const QueryParameters& parameters, std::string_view name) {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  return {};
}

// A name from the request, fit for a message.
std::string_view shown(std::string_view text) {
  return is_valid_utf8(text) ? text.substr(0, 128) : std::string_view("?");
}

Result<QueryParameters> parameters_of(const Head& head, std::string_view body) {
  const std::string_view type = head.headers.get("content-type");
  const bool form = type.empty() || type.starts_with("application/x-www-form-urlencoded");
  auto parameters = parse_query(head.query(), true);
  auto more = form ? parse_query(body, true) : QueryParameters();
  if (!parameters || !more) {
    return fail("MalformedQueryString", "The query string contains a syntax error.", 404);
  }
  parameters->insert(parameters->end(), std::make_move_iterator(more->begin()),
                     std::make_move_iterator(more->end()));
  return std::move(*parameters);
}

std::unexpected<Error> invalid_action(const ServiceModel& service, std::string_view action,
                                      std::string_view version) {
  if (service.protocol == Protocol::ec2) {
    return fail("InvalidAction",
                fmt::format("The action {} is not valid for this web service.", shown(action)));
  }
  return fail("InvalidAction", fmt::format("Could not find operation {} for version {}", shown(action),
                                           version.empty() ? service.version : shown(version)));
}

Result<ReadRequest> read_query_request(const ServiceModel& service, const Head& head, std::string_view body) {
  TRY(const QueryParameters parameters, parameters_of(head, body));
  const std::string_view action = get(parameters, "Action");
  if (action.empty()) {
    return fail("MissingAction", "The request is missing an action or a required parameter.");
  }
  const OperationModel* operation = service.find(action);
  if (!operation) return invalid_action(service, action, get(parameters, "Version"));
  TRY(auto input, read_parameters(service, service.shape(operation->input), parameters));
  return ReadRequest{operation, std::move(input)};
}

// Some models say the service's name in full: "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101" to
// botocore is "CloudTrail_20131101" to the JavaScript SDK.
bool names(std::string_view said, std::string_view service) {
  return said == service || (said.ends_with(service) && said[said.size() - service.size() - 1] == '.');
}

Result<ReadRequest> read_json_request(const ServiceModel& service, const Head& head, std::string_view body) {
  const std::string_view target = head.headers.get("x-amz-target");
  const auto dot = target.rfind('.');
  const bool ours = dot != std::string_view::npos && names(target.substr(0, dot), service.target_prefix);
  const OperationModel* operation = ours ? service.find(target.substr(dot + 1)) : nullptr;
  if (!operation)
    return fail("UnknownOperationException", "The requested operation is not recognized by the service.");
  if (body.empty()) return ReadRequest{operation, Value(Value::Structure{})};
  TRY(const json::value v, json::parse(body));
  TRY(auto input, from_json(service, service.shape(operation->input), v));
  return ReadRequest{operation, std::move(input)};
}

}  // namespace

Result<ReadRequest> read_rpc(const ServiceModel& service, const Head& head, std::string_view body) {
  const bool query = service.protocol == Protocol::query || service.protocol == Protocol::ec2;
  return query ? read_query_request(service, head, body) : read_json_request(service, head, body);
}

}  // namespace gatehouse::wire
