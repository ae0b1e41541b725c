#include "wire/pool.h"

#include <algorithm>

#include "base/log.h"

namespace gatehouse::wire {

Pool::Pool(unsigned threads) {
  for (unsigned i = 0; i < std::max(threads, 1u); ++i) threads_.emplace_back([this] { run(); });
}

Pool::~Pool() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void Pool::post(std::function<void()> work) {
  {
    std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
  }
  ready_.notify_one();
}

size_t Pool::waiting() const {
  std::lock_guard lock(mutex_);
  return queue_.size();
}

void Pool::run() {
  for (;;) {
    std::function<void()> work;
    {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    // Work catches its own; what slips through must not take the process with it.
    try {
      work();
    } catch (const std::exception& e) {
      log::error("work on the pool threw", {{"what", e.what()}});
    } catch (...) {
      log::error("work on the pool threw");
    }
  }
}

}  // namespace gatehouse::wire
