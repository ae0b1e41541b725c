#include "wire/http1/parser.h"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

namespace gatehouse::wire::http1 {
namespace {

namespace http = boost::beast::http;

// A line that begins with a blank continues the one before: RFC 9112 section 5.2 lets a server refuse it.
bool has_folded_line(std::string_view head) {
  for (size_t at = head.find('\n'); at != std::string_view::npos; at = head.find('\n', at + 1))
    if (at + 1 < head.size() && (head[at + 1] == ' ' || head[at + 1] == '\t')) return true;
  return false;
}

// A line that ends without a carriage return; cheaper to refuse now than to wait for an end that never comes.
bool has_bare_newline(std::string_view head) {
  for (size_t at = head.find('\n'); at != std::string_view::npos; at = head.find('\n', at + 1))
    if (at == 0 || head[at - 1] != '\r') return true;
  return false;
}

}  // namespace

RequestParser::RequestParser(Head& head, HeadLimits limits) : head_(head), limits_(limits) {
  header_limit(limits.head);
  body_limit(boost::none);  // the Exchange's plan has the limit
}

RequestParser::Step RequestParser::refuse(int status, std::string_view text) {
  refusal_ = {status, std::string(text)};
  return Step::refused;
}

RequestParser::Step RequestParser::refuse(const error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return refuse(431, "The request's header is too large.");
  if (error == http::error::bad_version) return refuse(505, "Only HTTP/1.0 and HTTP/1.1 are spoken here.");
  return refuse(400, "The request is not well-formed HTTP: " + error.message() + ".");
}

RequestParser::Step RequestParser::read_head(std::string_view bytes, size_t& consumed) {
  consumed = 0;
  if (bytes.size() > limits_.target + 64 && bytes.substr(0, limits_.target + 64).find('\n') == bytes.npos)
    return refuse(414, "The request's target is too long.");
  error_code error;
  parsed_ += put({bytes.data() + parsed_, bytes.size() - parsed_}, error);
  if (error == http::error::need_more) {
    if (bytes.size() >= limits_.head) return refuse(431, "The request's header is too large.");
    if (has_bare_newline(bytes)) return refuse(400, "The request is not well-formed HTTP: bare line feed.");
    return Step::more;
  }
  if (error == http::error::bad_version && has_bare_newline(bytes))
    return refuse(400, "The request is not well-formed HTTP: bare line feed.");
  if (error) return refuse(error);
  consumed = parsed_;
  head_done_ = true;
  if (has_folded_line(bytes.substr(0, consumed)))
    return refuse(400, "The request is not well-formed HTTP: folded header line.");
  return check_head();
}

RequestParser::Step RequestParser::check_head() {
  if (head_.target.size() > limits_.target) return refuse(414, "The request's target is too long.");
  size_t hosts = 0, lengths = 0, encodings = 0;
  for (const auto& [name, value] : head_.headers.fields) {
    if (name == "host") ++hosts;
    if (name == "content-length") {
      ++lengths;
      if (value.find(',') != value.npos) ++lengths;
    }
    if (name == "transfer-encoding") {
      ++encodings;
      if (!boost::beast::iequals(value, "chunked"))
        return refuse(501, "Only the transfer encoding \"chunked\" is known here.");
    }
    if (name == "expect") {
      if (!boost::beast::iequals(value, "100-continue"))
        return refuse(417, "Only 100-continue can be expected.");
      expects_continue_ = http11_;
    }
  }
  if (lengths + encodings > 1) return refuse(400, "The request's body length is given more than once.");
  if (encodings > 0 && !http11_) return refuse(400, "HTTP/1.0 has no transfer encodings.");
  if (hosts > 1 || (hosts == 0 && http11_)) return refuse(400, "The request must have one Host header.");
  head_.chunked = chunked();
  if (lengths > 0) head_.content_length = content_length().value_or(0);
  return Step::done;
}

RequestParser::Step RequestParser::read_chunks(std::string_view bytes, std::string& out, size_t& consumed) {
  out_ = &out;
  eager(true);
  error_code error;
  consumed = put({bytes.data(), bytes.size()}, error);
  out_ = nullptr;
  if (error && error != http::error::need_more) return refuse(error);
  return is_done() ? Step::done : Step::more;
}

void RequestParser::on_request_impl(http::verb, string_view method, string_view target, int version,
                                    error_code&) {
  head_.method.assign(method);
  head_.target.assign(target);
  http11_ = version >= 11;
}

void RequestParser::on_field_impl(http::field, string_view name, string_view value, error_code&) {
  if (head_done_) return;  // a trailer: nothing here wants one
  auto& [key, text] = head_.headers.fields.emplace_back(name, value);
  for (char& c : key)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
}

size_t RequestParser::on_chunk_body_impl(std::uint64_t, string_view body, error_code&) {
  out_->append(body);
  return body.size();
}

}  // namespace gatehouse::wire::http1
