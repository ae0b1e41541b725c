#include "wire/http1/worker.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "base/log.h"
#include "base/time.h"
#include "wire/http1/connection.h"

namespace gatehouse::wire::http1 {

using namespace std::chrono_literals;

Worker::Worker(Shared& shared)
    : shared_(shared), guard_(asio::make_work_guard(context_)), sweeper_(context_.get_executor()) {}

void Worker::start() {
  thread_ = std::thread([this] { run(); });
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

void Worker::run() {
  for (;;) {
    try {
      context_.run();
      return;
    } catch (const std::exception& e) {
      log::error("an I/O handler threw", {{"what", e.what()}});
    }
  }
}

void Worker::adopt(Socket socket) {
  asio::post(context_, [this, socket = std::move(socket)]() mutable {
    if (shared_.stopping) return;
    auto connection = std::make_unique<Connection>(*this, std::move(socket));
    Connection& ref = *connection;
    asio::co_spawn(context_, ref.run(), [connection = std::move(connection)](std::exception_ptr error) {
      if (!error) return;
      try {
        std::rethrow_exception(error);
      } catch (const std::exception& e) {
        log::error("a connection failed", {{"what", e.what()}});
      }
    });
  });
}

void Worker::enter(Connection& connection) {
  connections_.insert(&connection);
  shared_.open.fetch_add(1, std::memory_order_relaxed);
  shared_.total.fetch_add(1, std::memory_order_relaxed);
  if (!sweeping_) sweep();
}

void Worker::leave(Connection& connection) {
  connections_.erase(&connection);
  shared_.open.fetch_sub(1, std::memory_order_relaxed);
  if (!shared_.stopping) return;
  if (connections_.empty()) stop_sweeping();
  std::lock_guard lock(shared_.mutex);
  shared_.closed.notify_all();
}

void Worker::sweep() {
  const SteadyTime now = std::chrono::steady_clock::now();
  for (Connection* connection : connections_) connection->check_deadline(now);
  sweeping_ = !connections_.empty();
  if (!sweeping_) return;
  sweeper_.expires_after(200ms);
  sweeper_.async_wait([this](const ErrorCode& error) {
    if (!error) sweep();
  });
}

// The timer is work, and would hold the thread for its last fifth of a second.
void Worker::stop_sweeping() { sweeper_.cancel(); }

void Worker::stop_connections() {
  asio::post(context_, [this] {
    for (Connection* connection : connections_) connection->stop();
  });
}

void Worker::abort_connections() {
  asio::post(context_, [this] {
    for (Connection* connection : connections_) connection->abort();
    if (connections_.empty()) stop_sweeping();
  });
}

std::string_view Worker::http_date() {
  const auto now = std::chrono::system_clock::now();
  const auto second = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  if (second != date_second_) {
    date_second_ = second;
    date_ = gatehouse::http_date(from_unix_seconds(second));
  }
  return date_;
}

}  // namespace gatehouse::wire::http1
