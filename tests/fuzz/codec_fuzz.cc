// Whatever a client or a server sends, the codecs answer with a value or an error.
//
// The input is a request as a person would write it, with the service before it:
//
//   s3 PUT /bucket/key?tagging
//   x-amz-tagging: a=b
//
//   <Tagging>…
#include <cstdint>
#include <string>
#include <string_view>

#include "wire/codec.h"

namespace {

using namespace gatehouse::wire;

std::string_view take_until(std::string_view& text, char end) {
  const auto at = text.find(end);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return taken;
}

Head take_head(std::string_view& text) {
  Head head;
  std::string_view line = take_until(text, '\n');
  head.method = take_until(line, ' ');
  head.target = line;
  while (!text.empty()) {
    line = take_until(text, '\n');
    if (line.empty()) break;
    const std::string_view name = take_until(line, ':');
    head.headers.add(name, line.starts_with(' ') ? line.substr(1) : line);
  }
  return head;
}

void read_as_server(const ServiceModel& service, const Head& head, std::string_view body) {
  const bool rest = service.protocol == Protocol::rest_xml || service.protocol == Protocol::rest_json;
  if (!rest) {
    auto request = read_rpc(service, head, body);
    if (!request) return void(write_error(service, nullptr, request.error(), "id"));
    (void)validate(service, *request->operation, request->input);
    (void)write_request(service, *request->operation, request->input);
    return;
  }
  auto routed = route_rest(service, head, head.path());
  if (!routed) return void(write_error(service, nullptr, routed.error(), "id", head.target));
  if (auto read = read_rest_body(service, head, *routed, body); !read) {
    return void(write_error(service, routed->operation, read.error(), "id", head.target));
  }
  (void)validate(service, *routed->operation, routed->input);
  (void)write_request(service, *routed->operation, routed->input);
}

// The body as an answer: what can be read of it can be written again.
void read_as_client(const ServiceModel& service, const Head& head, std::string_view body) {
  const OperationModel& operation = service.operations[body.size() % service.operations.size()];
  (void)read_response(service, operation, 400, head.headers, body);
  auto output = read_response(service, operation, 200, head.headers, body);
  if (output) (void)write_response(service, operation, *output, "id");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const ServiceModel* known = find_service(take_until(text, ' '));
  if (!known) return 0;
  const Head head = take_head(text);
  read_as_server(*known, head, text);
  read_as_client(*known, head, text);
  ServiceModel json = *known;
  json.protocol = Protocol::json11;
  read_as_server(json, head, text);
  return 0;
}
