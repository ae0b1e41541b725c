// What the functions that answer a request have at hand. Internal to kube/api.
#pragma once

#include <string>
#include <vector>

#include "kube/api/api.h"
#include "kube/api/read/watch.h"
#include "kube/api/request.h"
#include "kube/bootstrap.h"
#include "kube/objects/status.h"
#include "kube/schema/decode.h"

namespace gatehouse::kube {

struct Context {
  const ClusterPtr& cluster;
  Objects& objects;
  const Request& request;
  const User& user;
  const Authenticator& authenticator;
  const Makers makers;
  WatchHub& hub;
  std::vector<std::string> warnings{};  // go out as Warning headers

  Time now() const { return makers.clock.now(); }
};

using Answer = Result<wire::Response>;

wire::Response json_response(int status, std::string body);
inline wire::Response json_response(int status, const json::object& body) {
  return json_response(status, json::dump(body));
}

// read/read.cc
Answer get(Context& context);
Answer list(Context& context);
Answer watch(Context& context);
// write/write.cc
Answer create(Context& context);
Answer update(Context& context);
Answer patch(Context& context);
// write/remove.cc
Answer remove(Context& context);
Answer remove_collection(Context& context);
// reviews.cc
Answer review(Context& context);
Answer request_token(Context& context);
// describe/
Answer document(Context& context);
Answer openapi(Context& context);

// write/scale.cc
Answer scale(Context& context);

// Decodes the request's body and deals with fieldValidation (Strict refuses, Warn warns). The body must be of
// the kind.
Result<json::object> decode_body(Context& context, const Message& message, std::string_view api_version,
                                 std::string_view kind);
// The same for an object of the request's kind, as it is kept.
Result<json::object> decode_object(Context& context);

// The object as it is shown, at the given status.
wire::Response show(Context& context, int status, const StoredPtr& item);

}  // namespace gatehouse::kube
