#include "cli/serve/caretaker.h"

#include "base/log.h"

namespace gatehouse::cli {

namespace {
constexpr std::chrono::seconds kLook{1};
}

Caretaker::Caretaker(const Clock& clock, std::vector<Chore> chores) : clock_(clock) {
  for (Chore& chore : chores) planned_.push_back({std::move(chore), {}});
  thread_ = std::thread([this] { work(); });
}

Caretaker::~Caretaker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Caretaker::work() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    look();
    lock.lock();
    changed_.wait_for(lock, kLook, [this] { return stopping_; });
  }
}

void Caretaker::look() {
  for (Planned& planned : planned_) {
    if (clock_.now() < planned.next) continue;
    planned.next = clock_.now() + planned.chore.every;
    try {
      if (const auto done = planned.chore.run(); !done) {
        log::error("a chore failed",
                   {{"chore", std::string(planned.chore.name)}, {"reason", done.error().message}});
      }
    } catch (const std::exception& fault) {
      log::error("a chore failed", {{"chore", std::string(planned.chore.name)}, {"reason", fault.what()}});
    }
  }
}

}  // namespace gatehouse::cli
