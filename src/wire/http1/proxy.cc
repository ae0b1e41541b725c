// The proxy door: CONNECT, and targets in absolute form. Both end here; nothing is forwarded.
#include <fmt/format.h>

#include <charconv>

#include "base/log.h"
#include "wire/http1/connection.h"

namespace gatehouse::wire::http1 {
namespace {

struct Authority {
  std::string host;  // lower case, an IPv6 address without its brackets
  std::uint16_t port = 0;
};

std::optional<Authority> parse_authority(std::string_view text, std::uint16_t default_port) {
  Authority authority;
  authority.port = default_port;
  std::string_view host = text, port;
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    if (close == text.npos) return std::nullopt;
    host = text.substr(1, close - 1);
    port = text.substr(close + 1);
  } else if (const size_t colon = text.find(':'); colon != text.npos) {
    host = text.substr(0, colon);
    port = text.substr(colon);
  }
  if (!port.empty()) {
    const auto [end, error] = std::from_chars(port.data() + 1, port.data() + port.size(), authority.port);
    if (port[0] != ':' || error != std::errc() || end != port.data() + port.size()) return std::nullopt;
  }
  if (host.empty() || host.size() > 253 || host.find_first_of("@/?#\\%") != host.npos) return std::nullopt;
  for (const char c : host) authority.host += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return authority;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (size_t i = 0; i < lower.size(); ++i)
    if ((text[i] | 0x20) != lower[i] && text[i] != lower[i]) return false;
  return true;
}

}  // namespace

Refusal Connection::check_proxied(std::string_view text, std::uint16_t default_port,
                                  std::string& host) const {
  const auto authority = parse_authority(text, default_port);
  if (!authority) return {400, "The host is not well-formed."};
  // A client that was told to use the proxy for everything asks it for this server too.
  const std::string& name = authority->host;
  const bool own_name = name == "localhost" || name == local_address_ || name == "127.0.0.1" || name == "::1";
  host.clear();
  if (unix_ || (own_name && authority->port == local_port_)) return {};
  try {
    if (options().proxied && options().proxied(name)) {
      host = name;
      return {};
    }
  } catch (const std::exception& e) {
    log::error("the proxy's rule threw", {{"what", e.what()}});
  }
  return {403, fmt::format("This proxy ends the host names of AWS's services here and forwards nothing; "
                           "\"{}\" is not one of them.",
                           text)};
}

// Decides what the target names: a path here, a path of a proxied host, or nonsense.
Refusal Connection::place_target() {
  std::string& target = head_.target;
  if (head_.method == "CONNECT") return {};
  head_.proxied_host = tunnel_host_;
  if (target.starts_with('/') || (target == "*" && head_.method == "OPTIONS")) return {};
  if (!starts_with_ignoring_case(target, "http://"))
    return {400, "The request's target must be a path, or an http:// address for the proxy."};
  const std::string_view rest = std::string_view(target).substr(7);
  const size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string authority(rest.substr(0, end));
  std::string path(rest.substr(end));
  if (!path.starts_with('/')) path.insert(0, "/");
  std::string host;
  if (Refusal refusal = check_proxied(authority, 80, host); refusal.status != 0) return refusal;
  if (in_tunnel_ && host != tunnel_host_)
    return {400, "The request's target is not of the host that was connected to."};
  head_.proxied_host = host;
  target = std::move(path);
  // RFC 9112 section 3.2.2: the target's host stands, whatever the header says.
  for (auto& [name, value] : head_.headers.fields)
    if (name == "host") value = authority;
  return {};
}

Task<bool> Connection::open_tunnel() {
  if (tls_ || in_tunnel_)
    co_return co_await refuse(400, "CONNECT is for plain connections; name the proxy as http://.");
  if (body_left_) co_return co_await refuse(400, "CONNECT has no body.");
  std::string host;
  const Refusal refusal = check_proxied(head_.target, 443, host);
  if (refusal.status != 0) co_return co_await refuse(refusal.status, refusal.text);
  in_tunnel_ = true;
  tunnel_host_ = std::move(host);
  static constexpr std::string_view kEstablished = "HTTP/1.1 200 Connection established\r\n\r\n";
  if (!co_await write_all(asio::buffer(kEstablished), {})) co_return false;

  set_deadline(options().head_timeout);
  idle_ = buffered().empty();
  if (buffered().empty() && !co_await fill()) co_return false;
  idle_ = false;
  constexpr unsigned char kTlsHandshake = 0x16;
  Tls* tls = worker_.shared().tls;
  if (!tls || static_cast<unsigned char>(buffered()[0]) != kTlsHandshake)
    co_return true;  // plain HTTP inside
  auto context = tunnel_host_.empty() ? tls->direct_context(local_address_) : tls->context_for(tunnel_host_);
  co_return co_await begin_tls(std::move(context));
}

}  // namespace gatehouse::wire::http1
