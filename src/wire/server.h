// The HTTP and HTTPS server and the proxy door. Over Boost.Beast and Asio, which only server.cc and http1/
// include.
//
// HTTP and TLS share a port: the first byte tells. On the same port it is a proxy: CONNECT to a host that
// `proxied` accepts ends here, under a certificate of the local CA, and so does "GET http://HOST/…"; any
// other host is refused with 403. Nothing is ever forwarded.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "wire/http.h"
#include "wire/pool.h"
#include "wire/tls.h"

namespace gatehouse::wire {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;   // 0: a free one
  std::string unix_socket;  // if set: listens there instead (mode 0600), plain HTTP
  unsigned io_threads = 0;  // 0: one a core
  std::uint32_t max_head = 64 * 1024;
  std::uint32_t max_target = 16 * 1024;
  std::chrono::seconds head_timeout{30};
  std::chrono::seconds idle_timeout{75};
  std::chrono::seconds body_timeout{60};  // without progress
  // "sts.amazonaws.com" (lower case, no port): may the proxy end this host here? Called on any I/O thread.
  std::function<bool(std::string_view host)> proxied;
};

class Server {
 public:
  // `tls` may be null (no TLS, no proxy). Handler, pool and tls outlive the server.
  Server(ServerOptions options, Handler& handler, Pool& pool, Tls* tls);
  ~Server();

  Result<void> start();  // listens; says in words what is wrong (port taken, …)
  std::uint16_t port() const;
  // Stops accepting, lets requests under way finish for at most `grace`, then closes. Idempotent.
  void stop(std::chrono::milliseconds grace);

  struct Counters {
    std::uint64_t connections_open, connections_total, requests_total;
  };
  Counters counters() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gatehouse::wire
