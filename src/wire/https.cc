#include "wire/https.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "base/encoding.h"

namespace gatehouse::wire {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Tcp = asio::ip::tcp;
using Executor = asio::io_context::executor_type;
using Plain = beast::basic_stream<Tcp, Executor>;
using Stream = asio::ssl::stream<Plain>;
template <typename T>
using Task = asio::awaitable<T, Executor>;
constexpr asio::use_awaitable_t<Executor> use_awaitable;
using Kind = HttpsError::Kind;

struct Network {
  std::string_view address;
  unsigned short bits;
};
constexpr std::array<Network, 15> kNotPublic4 = {{{"0.0.0.0", 8},
                                                  {"10.0.0.0", 8},
                                                  {"100.64.0.0", 10},
                                                  {"127.0.0.0", 8},
                                                  {"169.254.0.0", 16},
                                                  {"172.16.0.0", 12},
                                                  {"192.0.0.0", 24},
                                                  {"192.0.2.0", 24},
                                                  {"192.88.99.0", 24},
                                                  {"192.168.0.0", 16},
                                                  {"198.18.0.0", 15},
                                                  {"198.51.100.0", 24},
                                                  {"203.0.113.0", 24},
                                                  {"224.0.0.0", 4},
                                                  {"240.0.0.0", 4}}};

bool is_public(const asio::ip::address_v4& address) {
  for (const Network& network : kNotPublic4) {
    const auto base = asio::ip::make_address_v4(network.address).to_uint();
    const std::uint32_t mask = ~std::uint32_t{0} << (32 - network.bits);
    if ((address.to_uint() & mask) == base) return false;
  }
  return true;
}

// Of IPv6 only the global unicast range is public, without its documentation, tunnels and translations.
bool is_public(const asio::ip::address_v6& address) {
  if (address.is_v4_mapped()) return is_public(asio::ip::make_address_v4(asio::ip::v4_mapped, address));
  const auto b = address.to_bytes();
  if ((b[0] & 0xe0) != 0x20) return false;
  if (b[0] == 0x20 && b[1] == 0x02) return false;                          // 6to4
  if (b[0] == 0x20 && b[1] == 0x01 && b[2] < 0x02) return false;           // 2001::/23
  return !(b[0] == 0x20 && b[1] == 0x01 && b[2] == 0x0d && b[3] == 0xb8);  // documentation
}

bool is_public(const asio::ip::address& address) {
  return address.is_v4() ? is_public(address.to_v4()) : is_public(address.to_v6());
}

// Whether the certificate's SHA-1 is among the thumbprints.
bool is_named(X509* certificate, const std::vector<std::string>& thumbprints) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha1(), digest.data(), &size) != 1) return false;
  const std::string found(reinterpret_cast<const char*>(digest.data()), size);
  for (const std::string& thumbprint : thumbprints) {
    if (unhex(thumbprint) == found) return true;
  }
  return false;
}

// The usual verification; and where no authority is found, once more with those certificates of the server's
// own chain trusted that a thumbprint names. Names, dates and signatures are checked both times.
int verify_chain(X509_STORE_CTX* context, void* thumbprints) {
  if (X509_verify_cert(context) == 1) return 1;
  const auto& named = *static_cast<const std::vector<std::string>*>(thumbprints);
  const int error = X509_STORE_CTX_get_error(context);
  const bool nobody = error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
                      error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
                      error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
                      error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE;
  STACK_OF(X509)* chain = X509_STORE_CTX_get0_untrusted(context);
  if (!nobody || chain == nullptr) return 0;
  const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(), &X509_STORE_free);
  bool any = false;
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    X509* certificate = sk_X509_value(chain, i);
    if (!is_named(certificate, named)) continue;
    any = true;
    X509_STORE_add_cert(store.get(), certificate);
  }
  if (!any) return 0;
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> again(X509_STORE_CTX_new(),
                                                                              &X509_STORE_CTX_free);
  X509_STORE_CTX_init(again.get(), store.get(), X509_STORE_CTX_get0_cert(context), chain);
  X509_VERIFY_PARAM_set1(X509_STORE_CTX_get0_param(again.get()), X509_STORE_CTX_get0_param(context));
  X509_STORE_CTX_set_flags(again.get(), X509_V_FLAG_PARTIAL_CHAIN);
  const int verified = X509_verify_cert(again.get());
  X509_STORE_CTX_set_error(context, X509_STORE_CTX_get_error(again.get()));
  return verified == 1 ? 1 : 0;
}

struct Failed {
  HttpsError error;
};

Task<std::vector<Tcp::endpoint>> addresses_of(const HttpsRequest& request, Executor executor) {
  std::vector<Tcp::endpoint> out;
  if (!request.address.empty()) {
    out.emplace_back(asio::ip::make_address(request.address), request.port);
    co_return out;
  }
  asio::ip::basic_resolver<Tcp, Executor> resolver(executor);
  const auto found =
      co_await resolver.async_resolve(request.host, std::to_string(request.port), use_awaitable);
  for (const auto& entry : found) out.push_back(entry.endpoint());
  // All of them: a name with one address of each kind is no way in either.
  for (const Tcp::endpoint& endpoint : out) {
    if (!is_public(endpoint.address())) {
      throw Failed{{Kind::forbidden, fmt::format("{} leads to {}, which is not a public address",
                                                 request.host, endpoint.address().to_string())}};
    }
  }
  co_return out;
}

// RFC 6066 section 3: an address is no server name; it stands in the certificate as an address.
void expect_host(SSL* ssl, const std::string& host) {
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1) return;
  SSL_set_tlsext_host_name(ssl, host.c_str());
  SSL_set1_host(ssl, host.c_str());
}

Task<ClientResponse> converse(Executor executor, asio::ssl::context& tls, const HttpsRequest& request) {
  Stream stream(Plain(executor), tls);
  expect_host(stream.native_handle(), request.host);
  auto& socket = beast::get_lowest_layer(stream);
  socket.expires_after(request.timeout);
  const auto endpoints = co_await addresses_of(request, executor);
  co_await socket.async_connect(endpoints, use_awaitable);
  beast::error_code error;
  co_await stream.async_handshake(asio::ssl::stream_base::client, asio::redirect_error(use_awaitable, error));
  if (error) {
    const long verified = SSL_get_verify_result(stream.native_handle());
    if (verified == X509_V_OK) throw boost::system::system_error(error);
    throw Failed{{Kind::untrusted, X509_verify_cert_error_string(verified)}};
  }
  http::request<http::string_body> out(http::verb::get, request.target, 11);
  out.set(http::field::host, request.host);
  out.set(http::field::accept, "application/json");
  out.set(http::field::connection, "close");
  out.prepare_payload();
  co_await http::async_write(stream, out, use_awaitable);

  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(request.max_body);
  parser.header_limit(16 * 1024);
  co_await http::async_read(stream, buffer, parser, asio::redirect_error(use_awaitable, error));
  if (error == http::error::body_limit || error == http::error::header_limit)
    throw Failed{{Kind::answer, fmt::format("the answer is larger than {} bytes", request.max_body)}};
  if (error && error != asio::ssl::error::stream_truncated && !parser.is_done())
    throw boost::system::system_error(error);
  ClientResponse response;
  response.status = static_cast<int>(parser.get().result_int());
  response.body = std::move(parser.get().body());
  co_return response;
}

asio::ssl::context client_context(const HttpsRequest& request) {
  asio::ssl::context tls(asio::ssl::context::tls_client);
  tls.set_verify_mode(asio::ssl::verify_peer);
  SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_default_verify_paths(tls.native_handle());
  if (!request.ca_file.empty()) tls.load_verify_file(request.ca_file);
  if (!request.ca_pem.empty()) tls.add_certificate_authority(asio::buffer(request.ca_pem));
  SSL_CTX_set_cert_verify_callback(tls.native_handle(), verify_chain,
                                   const_cast<std::vector<std::string>*>(&request.thumbprints));
  return tls;
}

}  // namespace

bool is_pem_certificates(const std::string& text) {
  asio::ssl::context tls(asio::ssl::context::tls_client);
  beast::error_code error;
  tls.add_certificate_authority(asio::buffer(text), error);
  ERR_clear_error();
  return !error;
}

bool is_address(const std::string& text) {
  beast::error_code error;
  asio::ip::make_address(text, error);
  return !error;
}

bool is_public_address(std::string_view address) {
  beast::error_code error;
  const auto parsed = asio::ip::make_address(std::string(address), error);
  return !error && is_public(parsed);
}

std::expected<ClientResponse, HttpsError> get_https(const HttpsRequest& request) {
  asio::io_context context;
  std::exception_ptr failure;
  ClientResponse response;
  try {
    asio::ssl::context tls = client_context(request);
    asio::co_spawn(context, converse(context.get_executor(), tls, request),
                   [&](std::exception_ptr e, ClientResponse r) {
                     failure = std::move(e);
                     response = std::move(r);
                   });
    // The look-up has no time limit of its own; the loop has.
    context.run_for(request.timeout);
    if (!context.stopped())
      return std::unexpected(
          HttpsError{Kind::unreachable, fmt::format("{} did not answer in time", request.host)});
    if (failure) std::rethrow_exception(failure);
  } catch (const Failed& failed) {
    return std::unexpected(failed.error);
  } catch (const boost::system::system_error& e) {
    const bool late = e.code() == beast::error::timeout;
    return std::unexpected(
        HttpsError{Kind::unreachable, late ? fmt::format("{} did not answer in time", request.host)
                                           : fmt::format("{}: {}", request.host, e.code().message())});
  }
  return response;
}

}  // namespace gatehouse::wire
