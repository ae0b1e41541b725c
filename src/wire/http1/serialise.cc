#include "wire/http1/serialise.h"

#include <charconv>

namespace gatehouse::wire::http1 {
namespace {

void append_number(std::string& out, std::uint64_t number) {
  char text[20];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  out.append(text, static_cast<size_t>(end - text));
}

void append_value(std::string& out, std::string_view value) {
  const size_t start = out.size();
  out += value;
  if (value.find_first_of(std::string_view("\r\n\0", 3)) == value.npos) return;
  for (size_t i = start; i < out.size(); ++i)
    if (out[i] == '\r' || out[i] == '\n' || out[i] == '\0') out[i] = ' ';
}

bool is_servers_own(std::string_view name) {
  return name == "content-length" || name == "date" || name == "connection" || name == "transfer-encoding";
}

}  // namespace

void write_head(std::string& out, int status, const Headers& headers, const Framing& framing) {
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::uint64_t>(status));
  out += ' ';
  out += reason_phrase(status);
  out += "\r\n";
  for (const auto& [name, value] : headers.fields) {
    if (is_servers_own(name)) continue;
    append_value(out, name);
    out += ": ";
    append_value(out, value);
    out += "\r\n";
  }
  out += "date: ";
  out += framing.date;
  out += "\r\n";
  if (framing.chunked) {
    out += "transfer-encoding: chunked\r\n";
  } else if (framing.content_length && status >= 200 && status != 204) {
    out += "content-length: ";
    append_number(out, *framing.content_length);
    out += "\r\n";
  }
  if (framing.close)
    out += "connection: close\r\n";
  else if (!framing.http11)
    out += "connection: keep-alive\r\n";
  out += "\r\n";
}

}  // namespace gatehouse::wire::http1
