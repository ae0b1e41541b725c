// What a service does around its operations, also for calls that were refused.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "service/call.h"

namespace gatehouse::service {

// How a call ended.
struct Outcome {
  int status = 0;
  const Error* error = nullptr;
  std::uint64_t bytes = 0;  // of the answer's body
  std::chrono::microseconds took{};
};

// What a call has by then depends on how far it came: `pinned` may be null. `sent` is the request's head as
// it came: the call's own, unless that was made of a form. None of these may wait.
class Surroundings {
 public:
  virtual ~Surroundings() = default;
  // A browser's question before it asks, OPTIONS: no operation of the model. `call` has its head, and gets
  // the members that the path gives; nullopt: this service knows no such question.
  virtual std::optional<Result<wire::Response>> preflight(Call&, std::string_view /*path*/) {
    return std::nullopt;
  }
  virtual void dress(const Call&, const wire::Head& /*sent*/, wire::Response&) {}  // further headers
  virtual void ended(const Call&, const wire::Head& /*sent*/, const Outcome&) {}
};

}  // namespace gatehouse::service
