// One connection: which protocol it speaks, its requests one after the other, their bodies and answers.
//
// Lives on one worker; nothing here is called from another thread. run() is its coroutine; the pool is used
// by Jobs, each waited for before the coroutine goes on to where its data would die.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <optional>
#include <string>

#include "wire/http1/asio.h"
#include "wire/http1/job.h"
#include "wire/http1/parser.h"
#include "wire/http1/worker.h"

namespace gatehouse::wire::http1 {

class Connection {
 public:
  Connection(Worker& worker, Socket socket);
  ~Connection();

  Task<void> run();

  // Called by the worker, between the coroutine's steps.
  void check_deadline(SteadyTime now);
  void stop();   // no further request; one under way is answered
  void abort();  // now

 private:
  // connection.cc: the protocol
  Task<void> choose_protocol();
  Task<bool> begin_tls(std::shared_ptr<ssl_ctx_st> context);
  Task<void> serve();
  Task<bool> serve_request();
  Task<bool> read_head(RequestParser& parser);
  void let_go(const Response& response, std::unique_ptr<Exchange>& exchange);
  Task<bool> refuse(int status, std::string_view why);
  Task<void> end();

  // proxy.cc: CONNECT, and targets in absolute form
  Refusal place_target();
  Refusal check_proxied(std::string_view authority, std::uint16_t default_port, std::string& host) const;
  Task<bool> open_tunnel();

  // body.cc: from the client to the Exchange. nullopt: the connection is lost.
  Task<std::optional<Response>> exchange_body(Exchange& exchange, const BodyPlan& plan,
                                              RequestParser& parser);
  Task<std::optional<Response>> stream_body(Exchange& exchange, const BodyPlan& plan, RequestParser& parser);
  Task<Response> finish(Exchange& exchange, const BodyPlan& plan, std::string body);
  Task<std::optional<size_t>> read_body(RequestParser& parser, char* out, size_t capacity);

  // answer.cc: from the Exchange to the client. False: the connection cannot go on.
  Task<bool> answer(Response response);
  Task<bool> answer_text(const Response& response, const std::string& body);
  Task<bool> answer_source(Response& response, BodySource& source);
  Task<bool> answer_events(Response& response, EventSource& source);
  Task<bool> send_events(EventSource& source, Signal& signal, const bool& watching);
  Task<void> watch_peer(Signal& signal, bool& watching);
  Task<void> linger();
  void begin_answer(const Response& response, std::optional<std::uint64_t> length, bool chunked);
  bool is_bodiless(const Response& response) const;

  // The stream below, plain or TLS.
  Task<size_t> read_some(asio::mutable_buffer buffer, ErrorCode& error);
  Task<bool> fill();
  Task<bool> write_all(asio::const_buffer first, asio::const_buffer second);

  void set_deadline(std::chrono::milliseconds after) { deadline_ = std::chrono::steady_clock::now() + after; }
  void clear_deadline() { deadline_ = SteadyTime::max(); }
  Executor executor() { return worker_.context().get_executor(); }
  const ServerOptions& options() const { return worker_.shared().options; }

  std::string_view buffered() const { return {in_.data() + in_begin_, in_end_ - in_begin_}; }
  void consume(size_t count) { in_begin_ += count; }

  Worker& worker_;
  Socket socket_;
  std::optional<asio::ssl::stream<Socket&>> tls_;
  std::string peer_;
  std::string local_address_;
  std::uint16_t local_port_ = 0;
  bool unix_ = false;

  std::string in_;  // what was read and not used yet lies in [in_begin_, in_end_)
  size_t in_begin_ = 0, in_end_ = 0;
  std::string out_;

  Head head_;
  bool in_tunnel_ = false;   // after CONNECT
  std::string tunnel_host_;  // empty if the tunnel is to this server itself
  bool http11_ = true;
  bool keep_alive_ = false;       // after this request
  bool body_left_ = false;        // of this request, unread
  bool awaits_continue_ = false;  // "Expect: 100-continue", and not answered yet
  std::uint64_t remaining_ = 0;   // of a body with Content-Length
  std::string decoded_;           // of a chunked body, not handed over yet

  bool idle_ = false;  // waiting for a request's first byte
  bool stopping_ = false;
  Signal* events_ = nullptr;  // of the EventSource being sent
  SteadyTime deadline_ = SteadyTime::max();
  bool timed_out_ = false;
};

}  // namespace gatehouse::wire::http1
