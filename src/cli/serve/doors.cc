#include "cli/serve/doors.h"

#include <fmt/format.h>

#include "base/json.h"

namespace gatehouse::cli {

wire::Response json_response(int status, std::string body) {
  wire::Response response;
  response.status = status;
  response.headers.add("content-type", "application/json");
  response.body = std::move(body);
  return response;
}

wire::Response HealthDoor::answer(const wire::Head&) {
  return json_response(200,
                       json::dump(json::object{{"status", "ok"}, {"version", GATEHOUSE_VERSION}}) + "\n");
}

wire::Response MetricsDoor::answer(const wire::Head&) {
  std::string text = metrics_.render();
  if (server_ != nullptr) {
    const auto c = server_->counters();
    text += fmt::format(
        "# TYPE gatehouse_connections_open gauge\ngatehouse_connections_open {}\n"
        "# TYPE gatehouse_connections_total counter\ngatehouse_connections_total {}\n"
        "# TYPE gatehouse_http_requests_total counter\ngatehouse_http_requests_total {}\n",
        c.connections_open, c.connections_total, c.requests_total);
  }
  wire::Response response;
  response.headers.add("content-type", "text/plain; version=0.0.4");
  response.body = std::move(text);
  return response;
}

}  // namespace gatehouse::cli
