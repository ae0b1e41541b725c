// The five codecs: query, ec2, rest-xml, rest-json, json 1.0/1.1. Both directions, errors included.
//
// read_request() and write_response() are the server's side; write_request() and read_response() are the
// client's, used by the round-trip tests, by `gatehouse` itself when it calls services, and by benchmarks.
// Types are checked while reading and required members by validate(), both from the table; the errors are
// AWS's for that protocol (ValidationError, MissingParameter, MalformedXML, SerializationException, …).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "wire/http.h"
#include "wire/model.h"
#include "wire/value.h"

namespace gatehouse::wire {

// What the head alone tells of a REST request (S3, EKS): the operation, and the members in path, query and
// headers.
struct Routed {
  const OperationModel* operation = nullptr;
  Value input;
  // The payload or body is still to come; true where the payload member streams.
  bool streams = false;
};

// rest-xml and rest-json. Routes by method, path, and the fixed query parameters; the most specific operation
// wins. `path` is the encoded path with the bucket in it (virtual-host style is folded into it before).
// Unknown: S3 405 MethodNotAllowed, rest-json 404 UnknownOperationException.
Result<Routed> route_rest(const ServiceModel& service, const Head& head, std::string_view path);

// Adds the members that the body gives. `streamed` payloads are left out.
Result<void> read_rest_body(const ServiceModel& service, const Head& head, Routed& routed,
                            std::string_view body);

struct ReadRequest {
  const OperationModel* operation = nullptr;
  Value input;
};
// query and ec2: Action and parameters from the body or, for GET, the query. json: X-Amz-Target and the body.
Result<ReadRequest> read_rpc(const ServiceModel& service, const Head& head, std::string_view body);

// Required members are present, recursively. Types were checked while reading; a streaming payload is not
// asked for, as its caller has it.
Result<void> validate(const ServiceModel& service, const OperationModel& operation, const Value& input);

// The answer. A streaming payload's bytes are attached by the caller.
Response write_response(const ServiceModel& service, const OperationModel& operation, const Value& output,
                        std::string_view request_id);
// `operation` may be null when it is not known yet. `resource`: S3's <Resource>, the path asked for. HEAD
// gets no body.
Response write_error(const ServiceModel& service, const OperationModel* operation, const Error& error,
                     std::string_view request_id, std::string_view resource = {});

// The client's side. The head has method, target and headers but no host and no signature.
struct WrittenRequest {
  Head head;
  std::string body;
};
Result<WrittenRequest> write_request(const ServiceModel& service, const OperationModel& operation,
                                     const Value& input);
// An error answer comes back as Error.
Result<Value> read_response(const ServiceModel& service, const OperationModel& operation, int status,
                            const Headers& headers, std::string_view body);

}  // namespace gatehouse::wire
