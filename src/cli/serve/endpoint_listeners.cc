#include "cli/serve/endpoint_listeners.h"

#include <fmt/format.h>

#include "base/log.h"
#include "cli/serve/addresses.h"

namespace gatehouse::cli {
namespace {

constexpr std::chrono::seconds kGrace{10};

class Door final : public wire::Handler {
 public:
  Door(const service::Pipeline& pipeline, std::string id) : pipeline_(pipeline), id_(std::move(id)) {}
  std::unique_ptr<wire::Exchange> exchange() override { return pipeline_.exchange_through(id_); }

 private:
  const service::Pipeline& pipeline_;
  std::string id_;
};

wire::ServerOptions at(const std::string& address) {
  wire::ServerOptions options;
  options.address = address;
  options.io_threads = 1;
  return options;
}

}  // namespace

struct EndpointListeners::Listener {
  Door door;
  wire::Server server;

  Listener(const service::Pipeline& pipeline, wire::Pool& pool, const std::string& address,
           const std::string& id)
      : door(pipeline, id), server(at(address), door, pool, nullptr) {}
};

Result<void> EndpointListeners::start() {
  endpoints_.on_change([this] { return follow(); });
  return follow();
}

Result<void> EndpointListeners::follow() {
  std::map<std::string, std::shared_ptr<Listener>, std::less<>> gone;
  {
    const std::lock_guard lock(mutex_);
    std::map<std::string, std::shared_ptr<Listener>, std::less<>> next;
    gone = listeners_;
    for (const auto& endpoint : endpoints_.all()) {
      if (!endpoint->is_gateway()) continue;
      if (auto there = gone.extract(endpoint->id)) {
        next.insert(std::move(there));
        continue;
      }
      auto listener = std::make_shared<Listener>(pipeline_, pool_, address_, endpoint->id);
      CHECK_OK(listener->server.start());
      log::info("an endpoint listens",
                {{"endpoint", endpoint->id}, {"address", http_url(address_, listener->server.port())}});
      next.emplace(endpoint->id, std::move(listener));
    }
    listeners_ = std::move(next);
  }
  for (const auto& [id, listener] : gone) listener->server.stop(kGrace);
  return {};
}

void EndpointListeners::stop() {
  endpoints_.on_change({});
  const std::lock_guard lock(mutex_);
  for (const auto& [id, listener] : listeners_) listener->server.stop(kGrace);
  listeners_.clear();
}

json::array EndpointListeners::list() const {
  const std::lock_guard lock(mutex_);
  json::array out;
  for (const auto& e : endpoints_.all()) {
    json::object one{{"id", e->id},   {"account", e->account}, {"region", e->region},
                     {"vpc", e->vpc}, {"service", e->service}, {"type", e->type}};
    if (const auto at = listeners_.find(e->id); at != listeners_.end())
      one["endpoint"] = http_url(address_, at->second->server.port());
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace gatehouse::cli
