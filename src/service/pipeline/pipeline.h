// The pipeline: what happens to every request, once.
//
//   address -> authenticate -> parse -> validate -> authorise -> run -> render -> trail
//
// Services give rows (call.h); nothing but this knows HTTP, signatures or error bodies. Beside the AWS
// services stand doors: health, metrics, the issuers' documents, the clusters' APIs.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "account/sessions.h"
#include "account/usage.h"
#include "service/call.h"
#include "service/pipeline/authenticator.h"
#include "service/pipeline/metrics.h"
#include "service/surroundings.h"

namespace gatehouse::service {

// Something served at its own address that is no AWS service.
class Door {
 public:
  virtual ~Door() = default;
  virtual bool opens_for(const wire::Head& head) const = 0;
  virtual std::unique_ptr<wire::Exchange> exchange(const wire::Head& head) = 0;
};

// A door that takes no body and answers at once.
class PlainDoor : public Door {
 public:
  virtual wire::Response answer(const wire::Head& head) = 0;
  std::unique_ptr<wire::Exchange> exchange(const wire::Head& head) final;
};

// An exchange whose answer is known.
std::unique_ptr<wire::Exchange> answered(wire::Response response);

// A VPC endpoint as the pipeline meets it: where it leads.
struct WayIn {
  std::shared_ptr<const account::VpcEndpoint> endpoint;
  std::string service;  // the model's id
  std::string region;
};

class Pipeline final : public wire::Handler {
 public:
  // By the endpoint's id; nothing where there is none.
  using WaysIn = std::function<std::optional<WayIn>(std::string_view id)>;

  // Everything a call passes. All outlive the pipeline.
  struct Rooms {
    account::Directory& directory;
    account::Sessions& sessions;
    account::Gate& gate;
    account::Trail& trail;
    account::Usage& usage;
    store::Blobs& blobs;
    Metrics& metrics;
    const Clock& clock;
    Random& random;
  };

  explicit Pipeline(Rooms rooms) : rooms_(rooms), authenticator_(rooms.sessions) {}

  void add(Service service, std::shared_ptr<Surroundings> around = nullptr);
  void add(Door& door) { doors_.push_back(&door); }

  void set_ways_in(WaysIn ways) { ways_in_ = std::move(ways); }

  std::unique_ptr<wire::Exchange> exchange() override;
  // Of a listener that is an endpoint's: no doors there, and one service.
  std::unique_ptr<wire::Exchange> exchange_through(std::string vpc_endpoint) const;

  std::optional<WayIn> way_in(std::string_view vpc_endpoint) const {
    return ways_in_ ? ways_in_(vpc_endpoint) : std::nullopt;
  }
  const Rooms& rooms() const { return rooms_; }
  const Authenticator& authenticator() const { return authenticator_; }
  const Service* service(std::string_view id) const;
  Surroundings* around(std::string_view id) const;  // null: nothing is done
  std::vector<const Service*> services() const;
  Door* door_for(const wire::Head& head) const;

 private:
  Rooms rooms_;
  Authenticator authenticator_;
  std::unordered_map<std::string_view, Service> services_;
  std::unordered_map<std::string_view, std::shared_ptr<Surroundings>> around_;
  std::vector<Door*> doors_;
  WaysIn ways_in_;
};

}  // namespace gatehouse::service
