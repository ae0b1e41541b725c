// HTTP as the rooms above see it: a request's head, a way to take its body piece by piece, and an answer that
// is text, a file's bytes or a stream of events. No Boost type passes this header.
//
// The server runs connections as coroutines on one I/O thread a core. For each request it calls an Exchange:
//
//   start(head)   on the I/O thread, as soon as the head is in; must not block. Says what to do with the
//   body.
//                 The head lives as long as the Exchange.
//   data(piece)   for each piece of the body (up to 256 KiB), only if the plan streams; never two at once.
//   try_finish(body)  when the body is complete, on the I/O thread, if the plan is to block and not to
//                 stream: answers what needs no waiting, and leaves the rest to
//   finish(body)  which returns the answer.
//
// Where the plan says `blocking`, data() and finish() run on the bounded pool; else on the I/O thread. An
// answer may be given early, from start() or data(): "100 Continue" is then never sent, and the connection is
// closed after the answer if the body was not read whole. The Exchange is destroyed when the answer is sent
// (before the first event of an EventSource), or the connection is lost; the head with it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"

namespace gatehouse::wire {

struct Headers {
  std::vector<std::pair<std::string, std::string>> fields;  // names in lower case, values trimmed, in order

  // The first of that (lower-case) name, or nullptr.
  const std::string* find(std::string_view name) const;
  std::string_view get(std::string_view name) const;  // "" if absent
  void add(std::string_view name, std::string_view value);
};

struct Head {
  std::string method;
  std::string target;  // as sent: path and query, still encoded
  Headers headers;
  std::string peer;        // the client's address, "127.0.0.1"
  std::uint16_t port = 0;  // the port it came to
  bool tls = false;
  std::string_view tls_version;                 // "1.2", "1.3"; empty without TLS
  std::optional<std::uint64_t> content_length;  // nullopt: chunked, or no body
  bool chunked = false;
  // Set by the server when the request came through the proxy, by CONNECT or as "GET http://HOST/…":
  // "sts.us-east-1.amazonaws.com", lower case, without a port.
  std::string proxied_host;

  std::string_view path() const;   // encoded, without the query
  std::string_view query() const;  // without '?'
  bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

// Bytes that are read when the client is ready for them. read() runs on the pool.
class BodySource {
 public:
  virtual ~BodySource() = default;
  virtual std::uint64_t size() const = 0;
  virtual Result<size_t> read(std::span<char> out) = 0;  // 0 at the end
};

// An answer without an end in sight (a watch, a followed trail). The server calls next() on the I/O thread;
// it appends to `out`. When it has nothing it calls `wake` from any thread once there is more; `wake` may be
// called at any time, even after the source is gone. Chunked on the wire; the connection ends with it.
class EventSource {
 public:
  enum class State { more, wait, end };
  virtual ~EventSource() = default;
  virtual State next(std::string& out) = 0;
  virtual void on_ready(std::function<void()> wake) = 0;
};

struct Response {
  int status = 200;
  Headers headers;  // Content-Length, Date and Connection are the server's
  std::variant<std::string, std::unique_ptr<BodySource>, std::unique_ptr<EventSource>> body;
  // HEAD: Content-Length without a body.
  std::optional<std::uint64_t> head_length;
  bool close = false;
};

struct BodyPlan {
  std::uint64_t limit = 1 << 20;  // larger: 413 by way of Exchange::too_large()
  bool streams = false;           // data() gets pieces as they come; else finish() gets the whole body
  bool blocking = false;
};

class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual std::variant<BodyPlan, Response> start(const Head& head) = 0;
  virtual std::optional<Response> data(std::string_view piece) = 0;
  // May take the body, which finish() then gets empty.
  virtual std::optional<Response> try_finish(std::string&) { return std::nullopt; }
  virtual Response finish(std::string body) = 0;
  virtual Response too_large() = 0;
};

// Makes an Exchange for each request. Called on any I/O thread.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual std::unique_ptr<Exchange> exchange() = 0;
};

std::string_view reason_phrase(int status);

}  // namespace gatehouse::wire
