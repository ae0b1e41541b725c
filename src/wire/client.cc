#include "wire/client.h"

#include <fmt/format.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

namespace gatehouse::wire {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Local = asio::local::stream_protocol;
using Stream = beast::basic_stream<Local, asio::io_context::executor_type>;
template <typename T>
using Task = asio::awaitable<T, asio::io_context::executor_type>;
constexpr asio::use_awaitable_t<asio::io_context::executor_type> use_awaitable;

constexpr size_t kPiece = 64 * 1024;

http::request<http::string_body> to_beast(const ClientRequest& request) {
  http::request<http::string_body> out(http::verb::get, request.target, 11);
  out.method_string(request.method);
  out.set(http::field::host, "localhost");
  for (const auto& [name, value] : request.headers.fields) out.set(name, value);
  out.set(http::field::connection, "close");
  out.body() = request.body;
  out.prepare_payload();
  return out;
}

Headers from_beast(const http::fields& fields) {
  Headers headers;
  for (const auto& field : fields) {
    std::string name(field.name_string());
    for (char& c : name)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    headers.add(name, field.value());
  }
  return headers;
}

using OnData = std::function<bool(std::string_view piece)>;

// Errors leave as boost::system::system_error; run() makes words of them.
Task<void> converse(Stream& stream, const std::string& path, const ClientRequest& request,
                    ClientResponse& response, const OnData& on_data) {
  stream.expires_after(request.timeout);
  co_await stream.async_connect(Local::endpoint(path), use_awaitable);
  const auto out = to_beast(request);
  co_await http::async_write(stream, out, use_awaitable);

  beast::flat_buffer buffer;
  http::response_parser<http::buffer_body> parser;
  parser.body_limit(boost::none);
  if (request.method == "HEAD") parser.skip(true);
  co_await http::async_read_header(stream, buffer, parser, use_awaitable);
  response.status = static_cast<int>(parser.get().result_int());
  response.headers = from_beast(parser.get());

  const auto piece = std::make_unique_for_overwrite<char[]>(kPiece);
  bool wanted = true;
  while (wanted && !parser.is_done()) {
    parser.get().body() = {piece.get(), kPiece, true};
    stream.expires_after(request.timeout);
    beast::error_code error;
    // One read at a time, so that a slow stream's pieces arrive as they are sent.
    co_await http::async_read_some(stream, buffer, parser, asio::redirect_error(use_awaitable, error));
    if (error && error != http::error::need_buffer) throw boost::system::system_error(error);
    const size_t size = kPiece - parser.get().body().size;
    if (size > 0) wanted = on_data({piece.get(), size});
  }
}

Result<ClientResponse> run(const std::string& path, const ClientRequest& request, const OnData& on_data) {
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    return fail("ConnectionError", fmt::format("the socket's path is too long: {}", path), 503);
  asio::io_context context;
  Stream stream(context.get_executor());
  ClientResponse response;
  std::exception_ptr failure;
  asio::co_spawn(context, converse(stream, path, request, response, on_data),
                 [&failure](std::exception_ptr e) { failure = e; });
  try {
    context.run();
    if (failure) std::rethrow_exception(failure);
  } catch (const boost::system::system_error& e) {
    return fail("ConnectionError", fmt::format("cannot talk to {}: {}", path, e.code().message()), 503);
  }
  return response;
}

}  // namespace

Result<ClientResponse> request_unix(const std::string& socket_path, const ClientRequest& request) {
  std::string body;
  bool too_large = false;
  auto response = run(socket_path, request, [&](std::string_view piece) {
    too_large = body.size() + piece.size() > request.max_body;
    if (!too_large) body += piece;
    return !too_large;
  });
  if (!response) return response;
  if (too_large)
    return fail("ConnectionError", fmt::format("the answer is larger than {} bytes", request.max_body), 503);
  response->body = std::move(body);
  return response;
}

Result<int> stream_unix(const std::string& socket_path, const ClientRequest& request,
                        const std::function<bool(std::string_view piece)>& on_data) {
  TRY(const ClientResponse response, run(socket_path, request, on_data));
  return response.status;
}

}  // namespace gatehouse::wire
