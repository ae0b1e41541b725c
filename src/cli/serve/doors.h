// The small doors beside the AWS services.
#pragma once

#include "service/pipeline/pipeline.h"
#include "wire/server.h"

namespace gatehouse::cli {

// /_gatehouse/health: 200 once calls are answered.
class HealthDoor final : public service::PlainDoor {
 public:
  bool opens_for(const wire::Head& head) const override { return head.path() == "/_gatehouse/health"; }
  wire::Response answer(const wire::Head& head) override;
};

// /_gatehouse/metrics, for Prometheus.
class MetricsDoor final : public service::PlainDoor {
 public:
  explicit MetricsDoor(const service::Metrics& metrics) : metrics_(metrics) {}
  void watch(const wire::Server& server) { server_ = &server; }
  bool opens_for(const wire::Head& head) const override { return head.path() == "/_gatehouse/metrics"; }
  wire::Response answer(const wire::Head& head) override;

 private:
  const service::Metrics& metrics_;
  const wire::Server* server_ = nullptr;
};

wire::Response json_response(int status, std::string body);

}  // namespace gatehouse::cli
