#include "service/pipeline/metrics.h"

#include <fmt/format.h>

namespace gatehouse::service {

void Metrics::request(std::string_view service, std::string_view operation, int status,
                      std::chrono::microseconds took) {
  const std::lock_guard lock(mutex_);
  auto it = requests_.find(std::tuple(service, operation, status));
  if (it == requests_.end()) {
    it = requests_.emplace(std::tuple(std::string(service), std::string(operation), status), Count{}).first;
  }
  ++it->second.requests;
  it->second.microseconds += static_cast<std::uint64_t>(took.count());
}

void Metrics::decision(std::string_view outcome) {
  const std::lock_guard lock(mutex_);
  auto it = decisions_.find(outcome);
  if (it == decisions_.end()) it = decisions_.emplace(std::string(outcome), 0).first;
  ++it->second;
}

std::string Metrics::render() const {
  const std::lock_guard lock(mutex_);
  std::string out =
      "# HELP gatehouse_requests_total Calls answered.\n# TYPE gatehouse_requests_total counter\n";
  std::string seconds =
      "# HELP gatehouse_request_seconds_total Time spent answering.\n# TYPE gatehouse_request_seconds_total "
      "counter\n";
  for (const auto& [key, count] : requests_) {
    const auto& [service, operation, status] = key;
    const std::string labels =
        fmt::format(R"({{service="{}",operation="{}",status="{}"}})", service, operation, status);
    out += fmt::format("gatehouse_requests_total{} {}\n", labels, count.requests);
    seconds += fmt::format("gatehouse_request_seconds_total{} {:.6f}\n", labels,
                           static_cast<double>(count.microseconds) / 1e6);
  }
  out += seconds;
  out +=
      "# HELP gatehouse_decisions_total Decisions of the gate.\n# TYPE gatehouse_decisions_total counter\n";
  for (const auto& [outcome, count] : decisions_) {
    out += fmt::format("gatehouse_decisions_total{{decision=\"{}\"}} {}\n", outcome, count);
  }
  return out;
}

}  // namespace gatehouse::service
