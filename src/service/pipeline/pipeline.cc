#include "service/pipeline/pipeline.h"

#include <algorithm>

#include "service/form/form_exchange.h"
#include "service/pipeline/aws_exchange.h"

namespace gatehouse::service {
namespace {

class AnsweredExchange final : public wire::Exchange {
 public:
  explicit AnsweredExchange(wire::Response response) : response_(std::move(response)) {}

  std::variant<wire::BodyPlan, wire::Response> start(const wire::Head&) override {
    return std::move(response_);
  }
  std::optional<wire::Response> data(std::string_view) override { return std::nullopt; }
  wire::Response finish(std::string) override { return std::move(response_); }
  wire::Response too_large() override { return std::move(response_); }

 private:
  wire::Response response_;
};

// Which of these a request is shows with its head.
class AnyExchange final : public wire::Exchange {
 public:
  AnyExchange(const Pipeline& pipeline, std::string vpc_endpoint)
      : pipeline_(pipeline), vpc_endpoint_(std::move(vpc_endpoint)) {}

  std::variant<wire::BodyPlan, wire::Response> start(const wire::Head& head) override {
    Door* door = vpc_endpoint_.empty() ? pipeline_.door_for(head) : nullptr;
    if (door != nullptr) {
      inner_ = door->exchange(head);
    } else if (is_upload_form(head)) {
      inner_ = std::make_unique<FormExchange>(pipeline_, head, vpc_endpoint_);
    } else {
      inner_ = std::make_unique<AwsExchange>(pipeline_, head, vpc_endpoint_);
    }
    return inner_->start(head);
  }
  std::optional<wire::Response> data(std::string_view piece) override { return inner_->data(piece); }
  std::optional<wire::Response> try_finish(std::string& body) override { return inner_->try_finish(body); }
  wire::Response finish(std::string body) override { return inner_->finish(std::move(body)); }
  wire::Response too_large() override { return inner_->too_large(); }

 private:
  const Pipeline& pipeline_;
  std::string vpc_endpoint_;
  std::unique_ptr<wire::Exchange> inner_;
};

}  // namespace

std::unique_ptr<wire::Exchange> answered(wire::Response response) {
  return std::make_unique<AnsweredExchange>(std::move(response));
}

std::unique_ptr<wire::Exchange> PlainDoor::exchange(const wire::Head& head) {
  if (head.method == "GET" || head.method == "HEAD") return answered(answer(head));
  wire::Response response;
  response.status = 405;
  response.headers.add("allow", "GET, HEAD");
  return answered(std::move(response));
}

void Pipeline::add(Service service, std::shared_ptr<Surroundings> around) {
  const std::string_view id = service.model().id;
  if (around != nullptr) around_.emplace(id, std::move(around));
  services_.emplace(id, std::move(service));
}

const Service* Pipeline::service(std::string_view id) const {
  const auto it = services_.find(id);
  return it == services_.end() ? nullptr : &it->second;
}

Surroundings* Pipeline::around(std::string_view id) const {
  const auto it = around_.find(id);
  return it == around_.end() ? nullptr : it->second.get();
}

std::vector<const Service*> Pipeline::services() const {
  std::vector<const Service*> out;
  for (const auto& [id, service] : services_) out.push_back(&service);
  std::sort(out.begin(), out.end(),
            [](const Service* a, const Service* b) { return a->model().id < b->model().id; });
  return out;
}

Door* Pipeline::door_for(const wire::Head& head) const {
  for (Door* door : doors_) {
    if (door->opens_for(head)) return door;
  }
  return nullptr;
}

std::unique_ptr<wire::Exchange> Pipeline::exchange() { return std::make_unique<AnyExchange>(*this, ""); }

std::unique_ptr<wire::Exchange> Pipeline::exchange_through(std::string vpc_endpoint) const {
  return std::make_unique<AnyExchange>(*this, std::move(vpc_endpoint));
}

}  // namespace gatehouse::service
