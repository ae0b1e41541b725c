#include "wire/server.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "base/log.h"
#include "wire/http1/worker.h"

namespace gatehouse::wire {

namespace asio = boost::asio;
using http1::ErrorCode;
using http1::Worker;
using Protocol = asio::generic::stream_protocol;
using Acceptor = asio::basic_socket_acceptor<Protocol, http1::Executor>;

struct Server::State {
  State(ServerOptions options, Handler& handler, Pool& pool, Tls* tls)
      : shared{std::move(options), handler, pool, tls} {}

  http1::Shared shared;
  std::vector<std::unique_ptr<Worker>> workers;
  std::optional<Acceptor> acceptor;  // lives on the first worker
  std::uint16_t port = 0;
  bool started = false, stopped = false;

  Result<void> listen(const Protocol::endpoint& endpoint, const std::string& name);
  Result<void> listen_tcp();
  Result<void> listen_unix();
  http1::Task<void> accept_loop();
};

namespace {

std::unexpected<Error> cannot_listen(const std::string& name, const std::string& why) {
  return fail("ListenError", fmt::format("cannot listen on {}: {}", name, why), 500);
}

// A socket file that nobody listens on is what a killed server left.
Result<void> remove_stale_socket(const std::string& path) {
  struct stat status;
  if (::lstat(path.c_str(), &status) != 0) return {};
  if (!S_ISSOCK(status.st_mode)) return cannot_listen(path, "a file that is not a socket is in the way");
  asio::io_context context;
  asio::local::stream_protocol::socket probe(context);
  ErrorCode error;
  probe.connect(asio::local::stream_protocol::endpoint(path), error);
  if (!error) return cannot_listen(path, "another server is running there");
  if (error == asio::error::connection_refused) ::unlink(path.c_str());
  return {};
}

}  // namespace

Server::Server(ServerOptions options, Handler& handler, Pool& pool, Tls* tls)
    : state_(std::make_unique<State>(std::move(options), handler, pool, tls)) {}

Server::~Server() { stop(std::chrono::milliseconds(0)); }

std::uint16_t Server::port() const { return state_->port; }

Result<void> Server::State::listen(const Protocol::endpoint& endpoint, const std::string& name) {
  ErrorCode error;
  acceptor.emplace(workers.front()->context().get_executor());
  acceptor->open(endpoint.protocol(), error);
  if (!error) acceptor->set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor->bind(endpoint, error);
  // Before listen(), so that nobody gets in while the mode is still the umask's.
  if (!error && !shared.options.unix_socket.empty() && ::chmod(shared.options.unix_socket.c_str(), 0600) != 0)
    error = ErrorCode(errno, boost::system::system_category());
  if (!error) acceptor->listen(asio::socket_base::max_listen_connections, error);
  if (error) return cannot_listen(name, error.message());
  return {};
}

Result<void> Server::State::listen_tcp() {
  const ServerOptions& options = shared.options;
  const std::string name = fmt::format("{}:{}", options.address, options.port);
  ErrorCode error;
  const auto address =
      asio::ip::make_address(options.address == "localhost" ? "127.0.0.1" : options.address, error);
  if (error) return cannot_listen(name, "the address must be a number such as 127.0.0.1 or ::1");
  CHECK_OK(listen(asio::ip::tcp::endpoint(address, options.port), name));
  const auto bound = acceptor->local_endpoint(error);
  sockaddr_storage storage{};
  std::memcpy(&storage, bound.data(), bound.size());
  port = ntohs(storage.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(storage).sin6_port
                                             : reinterpret_cast<sockaddr_in&>(storage).sin_port);
  return {};
}

Result<void> Server::State::listen_unix() {
  const std::string& path = shared.options.unix_socket;
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    return cannot_listen(
        path, fmt::format("a socket's path has at most {} characters", sizeof(sockaddr_un::sun_path) - 1));
  CHECK_OK(remove_stale_socket(path));
  return listen(asio::local::stream_protocol::endpoint(path), path);
}

Result<void> Server::start() {
  State& state = *state_;
  unsigned threads = state.shared.options.io_threads;
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < threads; ++i) state.workers.push_back(std::make_unique<Worker>(state.shared));
  CHECK_OK(state.shared.options.unix_socket.empty() ? state.listen_tcp() : state.listen_unix());
  asio::co_spawn(state.workers.front()->context(), state.accept_loop(), [](std::exception_ptr) {});
  for (auto& worker : state.workers) worker->start();
  state.started = true;
  return {};
}

http1::Task<void> Server::State::accept_loop() {
  for (size_t next = 0;; next = (next + 1) % workers.size()) {
    http1::Socket socket(workers[next]->context().get_executor());
    ErrorCode error;
    co_await acceptor->async_accept(socket, asio::redirect_error(http1::use_awaitable, error));
    if (shared.stopping) co_return;
    if (!error) {
      workers[next]->adopt(std::move(socket));
      continue;
    }
    // Out of descriptors, most likely: let some connections end first.
    log::warning("cannot accept a connection", {{"why", error.message()}});
    http1::Timer pause(workers.front()->context().get_executor(), std::chrono::milliseconds(50));
    co_await pause.async_wait(asio::redirect_error(http1::use_awaitable, error));
  }
}

void Server::stop(std::chrono::milliseconds grace) {
  State& state = *state_;
  if (!state.started || std::exchange(state.stopped, true)) return;
  http1::Shared& shared = state.shared;
  shared.stopping = true;
  asio::post(state.workers.front()->context(), [&state] {
    ErrorCode ignored;
    state.acceptor->close(ignored);
  });
  if (!shared.options.unix_socket.empty()) ::unlink(shared.options.unix_socket.c_str());
  for (auto& worker : state.workers) worker->stop_connections();
  {
    std::unique_lock lock(shared.mutex);
    shared.closed.wait_for(lock, grace, [&shared] { return shared.open == 0; });
  }
  for (auto& worker : state.workers) worker->abort_connections();
  for (auto& worker : state.workers) worker->let_end();
  for (auto& worker : state.workers) worker->join();
}

Server::Counters Server::counters() const {
  std::uint64_t requests = 0;
  for (const auto& worker : state_->workers) requests += worker->requests();
  return {state_->shared.open, state_->shared.total, requests};
}

}  // namespace gatehouse::wire
