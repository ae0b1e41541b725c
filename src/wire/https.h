// One GET over verified TLS, of somebody else's server: for issuers' documents.
//
// What is fetched is named by strangers (a token's issuer), so everything about it is bounded: the time of
// the whole exchange, the size of the answer, where the name may lead. Redirections are not followed.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/client.h"

namespace gatehouse::wire {

struct HttpsRequest {
  std::string host;
  std::uint16_t port = 443;
  std::string target = "/";
  std::chrono::milliseconds timeout{5000};  // for all of it, the name's look-up included
  std::uint64_t max_body = 256 * 1024;
  // Trusted besides the system's authorities: a file's, and those of a PEM text.
  std::string ca_file, ca_pem;
  // SHA-1 fingerprints in hex, either case, of certificates that are trusted to issue this server's: what IAM
  // calls thumbprints. Tried where no authority vouches for the server.
  std::vector<std::string> thumbprints;
  // Where to connect instead of looking the name up: "127.0.0.1", and the port above.
  std::string address;
};

struct HttpsError {
  enum class Kind : std::uint8_t {
    unreachable,  // no such name, no connection, not in time
    forbidden,    // the name leads to an address that is not public
    untrusted,    // the certificate
    answer,       // too large, not HTTP
  };
  Kind kind = Kind::unreachable;
  std::string detail;  // a sentence fragment for people
};

// Blocking. A name that leads to an address that is not public is refused, unless `address` is given.
std::expected<ClientResponse, HttpsError> get_https(const HttpsRequest& request);

// Whether a text is certificates in PEM, one at least, and can be given as `ca_pem`.
bool is_pem_certificates(const std::string& text);

// Whether a text is an IP address.
bool is_address(const std::string& text);

// Whether an address (in text) belongs to the public internet: not private, local, shared, documentation or
// multicast. https://www.iana.org/assignments/iana-ipv4-special-registry
bool is_public_address(std::string_view address);

}  // namespace gatehouse::wire
