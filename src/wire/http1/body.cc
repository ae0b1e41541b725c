// A request's body, from the socket to the Exchange.
#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <cstring>

#include "wire/http1/connection.h"
#include "wire/http1/guard.h"

namespace gatehouse::wire::http1 {
namespace {

constexpr size_t kPiece = 256 * 1024;
constexpr size_t kEnough = 64 * 1024;  // worth a hop to the pool while the socket has no more

struct Piece {
  std::unique_ptr<char[]> data;
  size_t capacity = 0, size = 0;

  std::string_view view() const { return {data.get(), size}; }
  void ensure(size_t wanted) {
    if (capacity >= wanted) return;
    data = std::make_unique_for_overwrite<char[]>(wanted);
    capacity = wanted;
  }
};

}  // namespace

// Takes what is there of the body, waiting for the first of it. 0: the body is complete; nullopt: it never
// will be, and the client was told if that is possible.
Task<std::optional<size_t>> Connection::read_body(RequestParser& parser, char* out, size_t capacity) {
  set_deadline(options().body_timeout);
  if (!head_.chunked) {
    if (remaining_ == 0) {
      body_left_ = false;
      co_return 0;
    }
    const size_t wanted = static_cast<size_t>(std::min<std::uint64_t>(capacity, remaining_));
    size_t count = std::min(wanted, buffered().size());
    if (count > 0) {
      std::memcpy(out, buffered().data(), count);
      consume(count);
    } else {
      ErrorCode error;
      count = co_await read_some(asio::buffer(out, wanted), error);
      if (count == 0) {
        if (timed_out_) co_await refuse(408, "The request's body did not come in time.");
        co_return std::nullopt;
      }
    }
    remaining_ -= count;
    if (remaining_ == 0) body_left_ = false;
    co_return count;
  }
  while (decoded_.empty() && body_left_) {
    size_t used = 0;
    auto step = RequestParser::Step::more;
    if (!buffered().empty()) step = parser.read_chunks(buffered(), decoded_, used);
    consume(used);
    if (step == RequestParser::Step::refused) {
      co_await refuse(parser.refusal().status, parser.refusal().text);
      co_return std::nullopt;
    }
    if (buffered().size() > options().max_head) {
      co_await refuse(400, "The request is not well-formed HTTP: chunk header too long.");
      co_return std::nullopt;
    }
    if (step == RequestParser::Step::done) body_left_ = false;
    if (!decoded_.empty() || !body_left_) break;
    if (!co_await fill()) {
      if (timed_out_) co_await refuse(408, "The request's body did not come in time.");
      co_return std::nullopt;
    }
  }
  const size_t count = std::min(capacity, decoded_.size());
  std::memcpy(out, decoded_.data(), count);
  decoded_.erase(0, count);
  co_return count;
}

Task<std::optional<Response>> Connection::exchange_body(Exchange& exchange, const BodyPlan& plan,
                                                        RequestParser& parser) {
  if (head_.content_length.value_or(0) > plan.limit) co_return guarded([&] { return exchange.too_large(); });
  // Also where the body is empty, as S3 does: RFC 9110 section 10.1.1 leaves it free, but a botocore that was
  // answered without having been told to go on reads that answer's status again on the next request.
  if (awaits_continue_ && buffered().empty()) {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    if (!co_await write_all(asio::buffer(kContinue), {})) co_return std::nullopt;
  }
  awaits_continue_ = false;
  if (plan.streams && body_left_) co_return co_await stream_body(exchange, plan, parser);

  std::string body;
  while (body_left_) {
    const size_t had = body.size();
    // Grown as it comes: a Content-Length is only a promise.
    const std::uint64_t hoped = head_.chunked ? kEnough : std::min<std::uint64_t>(remaining_, kEnough);
    body.resize(had + static_cast<size_t>(hoped));
    const auto count = co_await read_body(parser, body.data() + had, body.size() - had);
    if (!count) co_return std::nullopt;
    body.resize(had + *count);
    if (body.size() > plan.limit) co_return guarded([&] { return exchange.too_large(); });
    if (*count == 0) break;
  }
  clear_deadline();
  co_return co_await finish(exchange, plan, std::move(body));
}

Task<Response> Connection::finish(Exchange& exchange, const BodyPlan& plan, std::string body) {
  if (!plan.blocking) co_return guarded([&] { return exchange.finish(std::move(body)); });
  auto early = guarded([&] { return exchange.try_finish(body); });
  if (early) co_return std::move(*early);
  Response response;
  Job job(worker_.shared().pool, executor(),
          [&] { response = guarded([&] { return exchange.finish(std::move(body)); }); });
  co_await job.wait();
  co_return response;
}

// While the pool works on one piece the socket fills the other. The last piece and finish() share a hop.
Task<std::optional<Response>> Connection::stream_body(Exchange& exchange, const BodyPlan& plan,
                                                      RequestParser& parser) {
  Piece filling, working;
  std::optional<Job> job;
  std::optional<Response> response;
  std::uint64_t total = 0;
  bool lost = false;
  while (body_left_ || !decoded_.empty()) {
    const std::uint64_t hoped = head_.chunked ? kPiece : std::min<std::uint64_t>(remaining_, kPiece);
    filling.ensure(static_cast<size_t>(hoped));
    filling.size = 0;
    while (filling.size < filling.capacity && (body_left_ || !decoded_.empty())) {
      const auto count =
          co_await read_body(parser, filling.data.get() + filling.size, filling.capacity - filling.size);
      lost = !count;
      if (lost || *count == 0) break;
      filling.size += *count;
      if (filling.size >= kEnough && (!job || job->done())) break;
    }
    clear_deadline();
    if (job) co_await job->wait();
    job.reset();
    if (lost || response) break;
    total += filling.size;
    if (total > plan.limit) co_return guarded([&] { return exchange.too_large(); });
    const bool last = !body_left_ && decoded_.empty();
    std::swap(filling, working);
    const auto work = [&exchange, &response, piece = working.view(), last] {
      if (!piece.empty()) response = guarded([&] { return exchange.data(piece); });
      if (last && !response) response = guarded([&] { return exchange.finish({}); });
    };
    if (plan.blocking)
      job.emplace(worker_.shared().pool, executor(), work);
    else
      work();
    if (!job && response) break;  // while a job runs the response is its own
  }
  if (job) co_await job->wait();
  if (lost && !response) co_return std::nullopt;
  co_return std::move(response);
}

}  // namespace gatehouse::wire::http1
