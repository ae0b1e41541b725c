// One I/O thread: its io_context, the connections that live on it, and their deadlines.
//
// Deadlines are a time in each connection, looked at five times a second, rather than a timer a read.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_set>

#include "wire/http1/asio.h"
#include "wire/server.h"

namespace gatehouse::wire::http1 {

class Connection;

// What all workers of a server share.
struct Shared {
  ServerOptions options;
  Handler& handler;
  Pool& pool;
  Tls* tls;
  std::atomic<bool> stopping{false};
  std::atomic<std::uint64_t> open{0}, total{0};
  std::mutex mutex{};
  std::condition_variable closed{};  // with `mutex`: a connection ended while stopping
};

class Worker {
 public:
  explicit Worker(Shared& shared);

  void start();
  void join();

  asio::io_context& context() { return context_; }
  Shared& shared() { return shared_; }
  std::uint64_t requests() const { return requests_.load(std::memory_order_relaxed); }

  // Any thread.
  void adopt(Socket socket);
  void stop_connections();
  void abort_connections();
  void let_end() { guard_.reset(); }

  // The worker's own thread.
  void enter(Connection& connection);
  void leave(Connection& connection);
  void count_request() { requests_.fetch_add(1, std::memory_order_relaxed); }
  std::string_view http_date();

 private:
  void run();
  void sweep();
  void stop_sweeping();

  Shared& shared_;
  asio::io_context context_{1};
  asio::executor_work_guard<Executor> guard_;
  Timer sweeper_;
  bool sweeping_ = false;
  std::unordered_set<Connection*> connections_;
  std::atomic<std::uint64_t> requests_{0};
  std::int64_t date_second_ = 0;
  std::string date_;
  std::thread thread_;
};

}  // namespace gatehouse::wire::http1
