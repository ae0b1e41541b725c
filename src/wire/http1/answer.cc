// An answer, from the Exchange to the socket.
#include <sys/socket.h>

#include <fmt/format.h>
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include "base/log.h"
#include "wire/http1/connection.h"
#include "wire/http1/guard.h"
#include "wire/http1/serialise.h"

namespace gatehouse::wire::http1 {
namespace {

using namespace std::chrono_literals;

constexpr size_t kCopied = 16 * 1024;  // a body up to this is sent from the head's buffer
constexpr size_t kPiece = 256 * 1024;
constexpr size_t kEventBatch = 64 * 1024;
constexpr auto kLinger = 5s;

}  // namespace

Response internal_error(std::string_view what) {
  log::error("an exchange threw", {{"what", std::string(what)}});
  Response response;
  response.status = 500;
  response.headers.add("content-type", "text/plain; charset=utf-8");
  response.body = std::string("Internal error.\n");
  response.close = true;
  return response;
}

Task<bool> Connection::answer(Response response) {
  clear_deadline();
  // Who still waits for 100 cannot know that this answer was the last.
  const bool waited_for = awaits_continue_ && buffered().empty();
  // A refused request whose small body is already here does not cost the connection.
  if (body_left_ && !response.close && !head_.chunked && remaining_ <= buffered().size()) {
    consume(static_cast<size_t>(remaining_));
    body_left_ = false;
  }
  if (body_left_ || waited_for || response.close || stopping_) keep_alive_ = false;

  bool sent = false;
  if (auto* source = std::get_if<std::unique_ptr<BodySource>>(&response.body))
    sent = co_await answer_source(response, **source);
  else if (auto* events = std::get_if<std::unique_ptr<EventSource>>(&response.body))
    sent = co_await answer_events(response, **events);
  else
    sent = co_await answer_text(response, std::get<std::string>(response.body));
  if (sent && body_left_) co_await linger();
  co_return sent&& keep_alive_ && !stopping_;
}

void Connection::begin_answer(const Response& response, std::optional<std::uint64_t> length, bool chunked) {
  out_.clear();
  Framing framing;
  framing.content_length = length;
  framing.chunked = chunked;
  framing.close = !keep_alive_;
  framing.http11 = http11_;
  framing.date = worker_.http_date();
  write_head(out_, response.status, response.headers, framing);
}

bool Connection::is_bodiless(const Response& response) const {
  return head_.method == "HEAD" || !status_has_body(response.status);
}

Task<bool> Connection::answer_text(const Response& response, const std::string& body) {
  if (is_bodiless(response)) {
    // A 304's length would be that of the 200 that it stands for, which only the Exchange knows.
    const bool known = response.head_length || response.status != 304;
    begin_answer(response, known ? std::optional(response.head_length.value_or(body.size())) : std::nullopt,
                 false);
    co_return co_await write_all(asio::buffer(out_), {});
  }
  begin_answer(response, body.size(), false);
  if (body.size() > kCopied) co_return co_await write_all(asio::buffer(out_), asio::buffer(body));
  out_ += body;
  co_return co_await write_all(asio::buffer(out_), {});
}

// Reads on the pool into one buffer while the socket takes the other.
Task<bool> Connection::answer_source(Response& response, BodySource& source) {
  std::uint64_t left = source.size();
  begin_answer(response, response.head_length.value_or(left), false);
  if (is_bodiless(response) || left == 0) co_return co_await write_all(asio::buffer(out_), {});

  const size_t capacity = static_cast<size_t>(std::min<std::uint64_t>(left, kPiece));
  std::unique_ptr<char[]> reading = std::make_unique_for_overwrite<char[]>(capacity);
  std::unique_ptr<char[]> writing;
  Result<size_t> count = 0;
  const auto read_next = [&source, &count, &reading, capacity] {
    try {
      count = source.read({reading.get(), capacity});
    } catch (const std::exception& e) {
      log::error("a body source threw", {{"what", e.what()}});
      count = internal_failure();
    }
  };
  Job first(worker_.shared().pool, executor(), read_next);
  co_await first.wait();
  if (!count) {
    Response failed = internal_error(count.error().message);
    co_return co_await answer(std::move(failed));
  }
  bool head_sent = false;
  for (;;) {
    // A source that ends early or fails can only be told by breaking the connection off.
    if (!count || *count == 0 || *count > left) co_return false;
    const size_t size = *count;
    left -= size;
    std::swap(reading, writing);
    if (!reading && left > 0) reading = std::make_unique_for_overwrite<char[]>(capacity);
    std::optional<Job> next;
    if (left > 0) next.emplace(worker_.shared().pool, executor(), read_next);
    const auto head = head_sent ? asio::const_buffer() : asio::buffer(out_);
    const bool written = co_await write_all(head, asio::buffer(writing.get(), size));
    head_sent = true;
    if (next) co_await next->wait();
    if (!written) co_return false;
    if (left == 0) co_return true;
  }
}

namespace {

// RFC 9112 section 7.1. HTTP/1.0 knows no chunks: there the end of the connection ends the body.
void append_chunk(std::string& out, std::string_view piece, bool chunked) {
  if (!chunked) {
    out += piece;
    return;
  }
  fmt::format_to(std::back_inserter(out), "{:x}\r\n", piece.size());
  out += piece;
  out += "\r\n";
}

// Assigning an empty string keeps the memory of the old one (libstdc++), and so does clear().
void give_back(std::string& text) { std::string().swap(text); }

}  // namespace

Task<bool> Connection::answer_events(Response& response, EventSource& source) {
  keep_alive_ = false;
  begin_answer(response, std::nullopt, http11_ && !is_bodiless(response));
  if (is_bodiless(response)) co_return co_await write_all(asio::buffer(out_), {});

  // Nothing is read from this client any more, and there may be thousands like it.
  give_back(in_);
  in_begin_ = in_end_ = 0;
  Signal signal(executor());
  bool watching = true;
  const auto wake = std::make_shared<Wake>(executor(), signal);
  source.on_ready([wake] { Wake::fire(wake); });
  asio::co_spawn(executor(), watch_peer(signal, watching), asio::detached);
  events_ = &signal;
  const bool sent = co_await send_events(source, signal, watching);
  events_ = nullptr;
  wake->forget();
  // The watcher reads the socket and holds our locals; it ends with the socket.
  ErrorCode ignored;
  if (watching) socket_.shutdown(Socket::shutdown_both, ignored);
  while (watching) co_await signal.wait();
  co_return sent;
}

Task<bool> Connection::send_events(EventSource& source, Signal& signal, const bool& watching) {
  using State = EventSource::State;
  std::string piece;
  for (;;) {
    State state = State::more;
    piece.clear();
    while (state == State::more && piece.size() < kEventBatch && !stopping_) {
      state = State::end;
      try {
        state = source.next(piece);
      } catch (const std::exception& e) {
        log::error("an event source threw", {{"what", e.what()}});
        co_return false;
      }
    }
    if (stopping_) state = State::end;
    if (!piece.empty()) append_chunk(out_, piece, http11_);
    if (state == State::end && http11_) out_ += "0\r\n\r\n";
    if (!out_.empty() && !co_await write_all(asio::buffer(out_), {})) co_return false;
    if (state == State::wait) {
      give_back(out_);
      give_back(piece);
    }
    out_.clear();
    if (state == State::end) co_return true;
    if (!watching) co_return false;
    if (state == State::wait)
      co_await signal.wait();
    else
      co_await asio::post(executor(), use_awaitable);  // a source that never waits must not starve the others
  }
}

// Notices that the client is gone while there is nothing to write. What it sends meanwhile is not wanted: the
// connection ends with the events.
Task<void> Connection::watch_peer(Signal& signal, bool& watching) {
  char ignored[512];
  ErrorCode error;
  while (!error) co_await read_some(asio::buffer(ignored), error);
  watching = false;
  signal.set();
}

// Closing with unread bytes would reset the connection, and the reset could overtake the answer (RFC 9112
// section 9.6). So the rest is read and dropped for a while.
Task<void> Connection::linger() {
  ErrorCode error;
  socket_.shutdown(Socket::shutdown_send, error);
  set_deadline(kLinger);
  if (in_.empty()) in_.resize(kPiece / 16);
  while (!error)
    co_await socket_.async_read_some(asio::buffer(in_), asio::redirect_error(use_awaitable, error));
  timed_out_ = true;  // nothing more to say
}

}  // namespace gatehouse::wire::http1
