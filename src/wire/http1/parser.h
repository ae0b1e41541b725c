// Bytes to a Head, over Beast's parser, and the defences that Beast leaves to its user.
//
// Refused with 400, since two servers in a row could read them differently (RFC 9112
// sections 5.2, 6.1, 11.2): both Content-Length and Transfer-Encoding, more than one of either, an encoding
// other than "chunked", folded lines, more than one Host or none.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "wire/http.h"

namespace gatehouse::wire::http1 {

struct HeadLimits {
  std::uint32_t head;
  std::uint32_t target;
};

// What to answer where the request cannot be understood; the connection closes after it.
struct Refusal {
  int status = 0;  // 0: nothing to refuse
  std::string text;
};

class RequestParser final : private boost::beast::http::basic_parser<true> {
 public:
  RequestParser(Head& head, HeadLimits limits);

  enum class Step { more, done, refused };

  // `bytes` starts where the request does and grows from call to call until done; then `consumed` is the
  // head's size.
  Step read_head(std::string_view bytes, size_t& consumed);

  // After the head of a chunked request: appends the body's bytes in `bytes` to `out` and says how many bytes
  // of framing and body it used; the rest comes again with the next call.
  Step read_chunks(std::string_view bytes, std::string& out, size_t& consumed);

  const Refusal& refusal() const { return refusal_; }
  bool keeps_alive() const { return basic_parser::keep_alive(); }
  bool is_http11() const { return http11_; }
  bool expects_continue() const { return expects_continue_; }

 private:
  using string_view = boost::beast::string_view;
  using error_code = boost::beast::error_code;

  Step refuse(int status, std::string_view text);
  Step refuse(const error_code& error);
  Step check_head();

  void on_request_impl(boost::beast::http::verb, string_view method, string_view target, int version,
                       error_code&) override;
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(boost::beast::http::field, string_view name, string_view value, error_code&) override;
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  size_t on_body_impl(string_view body, error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override;
  void on_finish_impl(error_code&) override {}

  Head& head_;
  HeadLimits limits_;
  Refusal refusal_;
  size_t parsed_ = 0;
  std::string* out_ = nullptr;
  bool head_done_ = false;
  bool http11_ = false;
  bool expects_continue_ = false;
};

}  // namespace gatehouse::wire::http1
