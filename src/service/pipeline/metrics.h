// Counters for Prometheus. https://prometheus.io/docs/instrumenting/exposition_formats/
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>

namespace gatehouse::service {

class Metrics {
 public:
  void request(std::string_view service, std::string_view operation, int status,
               std::chrono::microseconds took);
  void decision(std::string_view outcome);
  std::string render() const;

 private:
  struct Count {
    std::uint64_t requests = 0;
    std::uint64_t microseconds = 0;
  };
  mutable std::mutex mutex_;
  std::map<std::tuple<std::string, std::string, int>, Count, std::less<>> requests_;
  std::map<std::string, std::uint64_t, std::less<>> decisions_;
};

}  // namespace gatehouse::service
