#include "wire/http1/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/write.hpp>
#include <cstring>

#include "base/log.h"
#include "wire/http1/guard.h"
#include "wire/http1/serialise.h"

namespace gatehouse::wire::http1 {
namespace {

using namespace std::chrono_literals;

constexpr size_t kFirstBuffer = 8 * 1024;
constexpr unsigned char kTlsHandshake = 0x16;  // RFC 8446 section 5.1; no HTTP method begins with it

struct Address {
  std::string text;
  std::uint16_t port = 0;
  bool unix = false;
};

Address address_of(const asio::generic::stream_protocol::endpoint& endpoint) {
  char text[INET6_ADDRSTRLEN] = "";
  const sockaddr* any = endpoint.data();
  if (endpoint.size() == 0 || any->sa_family == AF_UNIX) return {"", 0, true};
  if (any->sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, any, sizeof v4);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    return {text, ntohs(v4.sin_port), false};
  }
  sockaddr_in6 v6;
  std::memcpy(&v6, any, sizeof v6);
  inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  return {text, ntohs(v6.sin6_port), false};
}

}  // namespace

Connection::Connection(Worker& worker, Socket socket) : worker_(worker), socket_(std::move(socket)) {
  ErrorCode ignored;
  peer_ = address_of(socket_.remote_endpoint(ignored)).text;
  const Address local = address_of(socket_.local_endpoint(ignored));
  local_address_ = local.text;
  local_port_ = local.port;
  unix_ = local.unix;
  if (!unix_) {
    const int on = 1;
    ::setsockopt(socket_.native_handle(), IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof on);
  }
  socket_.non_blocking(true, ignored);
  worker_.enter(*this);
}

Connection::~Connection() { worker_.leave(*this); }

Task<void> Connection::run() {
  co_await choose_protocol();
  ErrorCode ignored;
  socket_.close(ignored);
}

Task<void> Connection::choose_protocol() {
  set_deadline(options().head_timeout);
  idle_ = true;
  if (!co_await fill()) co_return;
  idle_ = false;
  Tls* tls = worker_.shared().tls;
  if (tls && !unix_ && static_cast<unsigned char>(buffered()[0]) == kTlsHandshake)
    if (!co_await begin_tls(tls->direct_context(local_address_))) co_return;
  co_await serve();
}

Task<bool> Connection::begin_tls(std::shared_ptr<ssl_ctx_st> context) {
  if (!context) co_return false;
  SSL_CTX_up_ref(context.get());
  asio::ssl::context borrowed(context.get());
  tls_.emplace(socket_, borrowed);
  set_deadline(options().head_timeout);
  ErrorCode error;
  const auto hello = asio::buffer(buffered().data(), buffered().size());
  const size_t used = co_await tls_->async_handshake(asio::ssl::stream_base::server, hello,
                                                     asio::redirect_error(use_awaitable, error));
  consume(used);
  co_return !error;
}

Task<void> Connection::serve() {
  bool more = true;
  while (more) more = co_await serve_request();
  co_await end();
}

Task<bool> Connection::serve_request() {
  head_ = Head{};
  RequestParser parser(head_, {options().max_head, options().max_target});
  if (!co_await read_head(parser)) co_return false;
  worker_.count_request();
  clear_deadline();
  http11_ = parser.is_http11();
  keep_alive_ = parser.keeps_alive();
  remaining_ = head_.content_length.value_or(0);
  body_left_ = head_.has_body();
  awaits_continue_ = parser.expects_continue();
  decoded_.clear();
  const Refusal refusal = place_target();
  if (refusal.status != 0) co_return co_await refuse(refusal.status, refusal.text);
  if (head_.method == "CONNECT") co_return co_await open_tunnel();
  head_.peer = peer_;
  head_.port = local_port_;
  head_.tls = tls_.has_value();
  if (tls_) head_.tls_version = SSL_version(tls_->native_handle()) == TLS1_3_VERSION ? "1.3" : "1.2";

  auto exchange = worker_.shared().handler.exchange();
  auto started = guarded([&] { return exchange->start(head_); });
  if (auto* early = std::get_if<Response>(&started)) {
    let_go(*early, exchange);
    co_return co_await answer(std::move(*early));
  }
  auto response = co_await exchange_body(*exchange, std::get<BodyPlan>(started), parser);
  if (!response) co_return false;
  let_go(*response, exchange);
  co_return co_await answer(std::move(*response));
}

// Events may go on for hours, to thousands of clients: what led to them is not kept for as long.
void Connection::let_go(const Response& response, std::unique_ptr<Exchange>& exchange) {
  if (!std::holds_alternative<std::unique_ptr<EventSource>>(response.body)) return;
  exchange.reset();
  Head left;
  left.method = std::move(head_.method);
  left.chunked = head_.chunked;
  head_ = std::move(left);
}

Task<bool> Connection::read_head(RequestParser& parser) {
  idle_ = buffered().empty();
  set_deadline(idle_ ? options().idle_timeout : options().head_timeout);
  for (;;) {
    // RFC 9112 section 2.2: an empty line before the request line is passed over.
    while (buffered().starts_with("\r\n")) consume(2);
    if (!buffered().empty() && buffered() != "\r") {
      size_t used = 0;
      const auto step = parser.read_head(buffered(), used);
      if (step == RequestParser::Step::done) {
        consume(used);
        idle_ = false;
        co_return true;
      }
      if (step == RequestParser::Step::refused) {
        http11_ = true;
        body_left_ = true;  // whatever follows is not understood
        co_return co_await refuse(parser.refusal().status, parser.refusal().text);
      }
    }
    if (stopping_ && buffered().empty()) co_return false;
    const bool was_idle = idle_;
    if (!co_await fill()) {
      if (timed_out_ && !buffered().empty())
        co_await refuse(408, "The request's header did not come in time.");
      co_return false;
    }
    idle_ = false;
    if (was_idle) set_deadline(options().head_timeout);
  }
}

// Not a coroutine itself, and of plain arguments: GCC 12 destroys braced temporaries in a co_await twice.
Task<bool> Connection::refuse(int status, std::string_view why) {
  Response response;
  response.status = status;
  response.headers.add("content-type", "text/plain; charset=utf-8");
  response.body = std::string(why) + "\n";
  response.close = true;
  return answer(std::move(response));
}

Task<void> Connection::end() {
  if (!tls_ || !socket_.is_open() || timed_out_) co_return;
  set_deadline(1s);
  ErrorCode ignored;
  co_await tls_->async_shutdown(asio::redirect_error(use_awaitable, ignored));
}

void Connection::check_deadline(SteadyTime now) {
  if (now < deadline_) return;
  clear_deadline();
  timed_out_ = true;
  ErrorCode ignored;
  socket_.cancel(ignored);
}

void Connection::stop() {
  stopping_ = true;
  ErrorCode ignored;
  if (idle_) socket_.cancel(ignored);
  if (events_) events_->set();
}

void Connection::abort() {
  stopping_ = true;
  if (events_) events_->set();
  ErrorCode ignored;
  socket_.close(ignored);
}

Task<size_t> Connection::read_some(asio::mutable_buffer buffer, ErrorCode& error) {
  if (tls_) return tls_->async_read_some(buffer, asio::redirect_error(use_awaitable, error));
  return socket_.async_read_some(buffer, asio::redirect_error(use_awaitable, error));
}

// Reads once into in_, which grows to hold a whole head.
Task<bool> Connection::fill() {
  if (in_begin_ == in_end_) in_begin_ = in_end_ = 0;
  if (in_end_ == in_.size()) {
    if (in_begin_ > 0) {
      std::memmove(in_.data(), in_.data() + in_begin_, in_end_ - in_begin_);
      in_end_ -= in_begin_;
      in_begin_ = 0;
    } else {
      in_.resize(std::max(kFirstBuffer, in_.size() * 2));
    }
  }
  ErrorCode error;
  const size_t count = co_await read_some(asio::buffer(in_.data() + in_end_, in_.size() - in_end_), error);
  in_end_ += count;
  co_return !error && count > 0;
}

// Most answers fit the socket's buffer, so plain sockets are tried at once and awaited only for the rest.
Task<bool> Connection::write_all(asio::const_buffer first, asio::const_buffer second) {
  ErrorCode error;
  if (!tls_) {
    const std::array both{first, second};
    const size_t count = socket_.write_some(both, error);
    if (error && error != asio::error::would_block && error != asio::error::try_again) co_return false;
    second += count > first.size() ? count - first.size() : 0;
    first += count;
    if (first.size() + second.size() == 0) co_return true;
  }
  set_deadline(options().body_timeout);
  error = {};
  const std::array rest{first, second};
  if (tls_)
    co_await asio::async_write(*tls_, rest, asio::redirect_error(use_awaitable, error));
  else
    co_await asio::async_write(socket_, rest, asio::redirect_error(use_awaitable, error));
  clear_deadline();
  co_return !error;
}

}  // namespace gatehouse::wire::http1
