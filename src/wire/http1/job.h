// How a coroutine on an I/O thread waits for other threads.
#pragma once

#include <boost/asio/post.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>

#include "wire/http1/asio.h"
#include "wire/pool.h"

namespace gatehouse::wire::http1 {

// Set once or many times, waited for by one coroutine. Used on one I/O thread only.
class Signal {
 public:
  explicit Signal(Executor executor) : timer_(executor, SteadyTime::max()) {}

  void set() {
    set_ = true;
    timer_.cancel();
  }
  bool is_set() const { return set_; }

  // Returns when set() was called since the last wait.
  Task<void> wait() {
    while (!set_) {
      ErrorCode cancelled;
      co_await timer_.async_wait(asio::redirect_error(use_awaitable, cancelled));
    }
    set_ = false;
  }

 private:
  Timer timer_;
  bool set_ = false;
};

// Work for the pool. The coroutine that started it must wait() before it ends, since the work uses its data;
// what the work throws comes out of wait().
class Job {
 public:
  Job(Pool& pool, Executor executor, std::function<void()> work) : state_(std::make_shared<State>(executor)) {
    pool.post([state = state_, executor, work = std::move(work)]() mutable {
      try {
        work();
      } catch (...) {
        state->error = std::current_exception();
      }
      // The last owner must not be this thread: the timer belongs to the I/O thread.
      asio::post(executor, [state = std::move(state)] {
        state->done = true;
        state->signal.set();
      });
    });
  }

  bool done() const { return state_->done; }

  Task<void> wait() {
    while (!state_->done) co_await state_->signal.wait();
    if (state_->error) std::rethrow_exception(std::exchange(state_->error, nullptr));
  }

 private:
  struct State {
    explicit State(Executor executor) : signal(executor) {}
    Signal signal;
    bool done = false;
    std::exception_ptr error;
  };
  std::shared_ptr<State> state_;
};

// Lets any thread set a coroutine's Signal, even after the coroutine is gone.
class Wake {
 public:
  Wake(Executor executor, Signal& signal) : executor_(executor), signal_(&signal) {}

  static void fire(const std::shared_ptr<Wake>& self) {
    std::lock_guard lock(self->mutex_);
    // While the signal is there its coroutine is, and with it the executor.
    if (!self->signal_ || self->posted_) return;
    self->posted_ = true;
    asio::post(self->executor_, [self] {
      std::lock_guard again(self->mutex_);
      self->posted_ = false;
      if (self->signal_) self->signal_->set();
    });
  }

  void forget() {
    std::lock_guard lock(mutex_);
    signal_ = nullptr;
  }

 private:
  std::mutex mutex_;
  Executor executor_;
  Signal* signal_;
  bool posted_ = false;
};

}  // namespace gatehouse::wire::http1
