// The public keys of issuers that are not ours: discovery document and key set, fetched over verified TLS and
// kept for a while.
//
// https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig, and how IAM goes about it:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html
//
// An issuer is named by whoever may create a provider, and its answers by whoever runs it, so: an answer is
// bounded in time and size, redirections are not followed, addresses are public ones or those given by the
// administrator (at the start, or for one issuer by trust()), and a failure is remembered for a moment, so
// that a dead issuer costs one connection and not one a call. Only a few fetches run at once: the threads
// that wait for them serve everybody.
#pragma once

#include <chrono>
#include <condition_variable>
#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "identity/token/jwks.h"

namespace gatehouse::identity {

struct IssuerError {
  enum class Kind : std::uint8_t {
    not_in_memory,  // it would have to be fetched, and the caller may not wait
    unreachable,    // no answer, or not in time
    unusable,       // an answer that is not what it must be
  };
  Kind kind = Kind::unreachable;
  std::string detail;
};

// What the administrator says of one issuer.
struct IssuerTrust {
  std::string ca_pem;   // authorities that vouch for it, besides the system's
  std::string address;  // "ADDRESS:PORT": where all its documents are, which need not be public; or empty
  std::shared_ptr<const Jwks> keys;  // its keys, if they are not to be fetched; or null
};

// An issuer's name, as IAM calls its provider: without scheme, without ":443", without a slash at the end.
std::string normalized_issuer(std::string_view url);

// "ADDRESS:PORT", "[ADDRESS]:PORT": an IP address in text, and a port.
struct SocketAddress {
  std::string address;
  std::uint16_t port = 0;
};
std::optional<SocketAddress> parse_socket_address(std::string_view text);

class OutsideIssuers {
 public:
  struct Options {
    std::string ca_file;  // trusted besides the system's authorities
    // Issuers whose host is not looked up: host to "ADDRESS:PORT", which need not be public.
    std::map<std::string, std::string, std::less<>> addresses;
    std::chrono::milliseconds timeout{5000};
    unsigned fetches_at_once = 8;
  };
  OutsideIssuers(Options options, const Clock& clock) : options_(std::move(options)), clock_(clock) {}

  using Keys = std::shared_ptr<const Jwks>;

  // `issuer` without scheme. With a kid the set is fetched anew if it lacks it, but not more than once in ten
  // seconds. Where `may_wait` is false nothing is fetched. Any thread.
  std::expected<Keys, IssuerError> keys_of(std::string_view issuer, const std::optional<std::string>& kid,
                                           const std::vector<std::string>& thumbprints, bool may_wait);

  // From now on this is so for the issuer, in place of what was said and known of it before. Any thread.
  void trust(std::string_view issuer, IssuerTrust trust);
  void distrust(std::string_view issuer);

  // Fetches and reads the documents of an issuer with this trust, and keeps nothing. Blocking.
  std::expected<Keys, IssuerError> try_out(std::string_view issuer, const IssuerTrust& trust) const;

 private:
  struct Known {
    Keys keys;  // of `fetched`; what a later try fails to get does not take them away
    Time fetched{}, tried{};
    std::optional<IssuerError> error;  // of the last try
    bool fetching = false;
    bool outdated = false;  // what is being fetched is for nobody any more
  };
  void forget(std::string_view issuer);
  bool serves(const Known& known, const std::optional<std::string>& kid) const;
  using Thumbprints = std::vector<std::string>;
  std::expected<Keys, IssuerError> fetch(std::string_view issuer, const IssuerTrust& trust,
                                         const Thumbprints& thumbprints) const;
  std::expected<std::string, IssuerError> get(std::string_view url, const IssuerTrust& trust,
                                              const Thumbprints& thumbprints) const;

  Options options_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable fetched_;
  std::map<std::string, Known, std::less<>> known_;
  std::map<std::string, IssuerTrust, std::less<>> trusted_;
  unsigned fetching_ = 0;
};

}  // namespace gatehouse::identity
