// Certificates: a local CA made at first start, leaf certificates made for any host name on demand, or the
// user's own.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"

struct ssl_ctx_st;

namespace gatehouse::wire {

class Tls {
 public:
  // The CA's key and certificate below `directory` (ca.pem 0644, ca.key 0600), made if absent. With a
  // certificate and key file, those serve direct connections; proxied host names are still served under the
  // local CA.
  static Result<std::unique_ptr<Tls>> open(const std::string& directory, const std::string& certificate_file,
                                           const std::string& key_file, const Clock& clock);
  ~Tls();

  const std::string& ca_file() const;  // for AWS_CA_BUNDLE
  const std::string& ca_pem() const;   // for a cluster's certificateAuthority
  // A server context under the local CA for this host name or address; cached, renewed before it expires.
  // Null only for a name that cannot stand in a certificate. Thread safe. Cached contexts are bounded, so the
  // holder shares ownership.
  std::shared_ptr<ssl_ctx_st> context_for(const std::string& host);
  // For direct connections to `address` (the socket's own): the user's certificate, or one of the local CA
  // for the name that the client asks for by SNI, for `address` if it names none.
  std::shared_ptr<ssl_ctx_st> direct_context(const std::string& address);

  // SHA-1 of the CA's certificate in hex: what IAM calls a thumbprint.
  std::string ca_thumbprint() const;

 private:
  Tls();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gatehouse::wire
