#include "identity/token/outside_issuers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "wire/https.h"

namespace gatehouse::identity {
namespace {

using Kind = IssuerError::Kind;

constexpr std::chrono::seconds kFresh{3600};   // a withdrawn key is believed no longer
constexpr std::chrono::seconds kPatience{10};  // between two fetches, whatever came of the first
constexpr size_t kMostIssuers = 1000;

std::unexpected<IssuerError> unusable(std::string detail) {
  return std::unexpected(IssuerError{Kind::unusable, std::move(detail)});
}

struct Url {
  std::string host;
  std::uint16_t port = 443;
  std::string target;
};

// https://HOST[:PORT][/…], without user information or fragment.
std::optional<Url> parse_https(std::string_view text) {
  constexpr std::string_view kScheme = "https://";
  if (!text.starts_with(kScheme)) return std::nullopt;
  text.remove_prefix(kScheme.size());
  const auto slash = text.find('/');
  std::string_view authority = text.substr(0, slash);
  Url url;
  url.target = slash == std::string_view::npos ? "/" : std::string(text.substr(slash));
  const bool odd = std::ranges::any_of(url.target, [](char c) { return c <= ' ' || c == '#' || c == 0x7f; });
  if (odd || authority.empty() || authority.find_first_of("@[]") != std::string_view::npos)
    return std::nullopt;
  if (const auto colon = authority.find(':'); colon != std::string_view::npos) {
    const std::string_view port = authority.substr(colon + 1);
    const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (failure != std::errc{} || end != port.data() + port.size() || url.port == 0) return std::nullopt;
    authority = authority.substr(0, colon);
  }
  url.host = authority;
  return url;
}

}  // namespace

std::string normalized_issuer(std::string_view url) {
  if (url.starts_with("https://")) url.remove_prefix(8);
  while (url.ends_with('/')) url.remove_suffix(1);
  const auto slash = url.find('/');
  std::string host(url.substr(0, slash));
  if (host.ends_with(":443")) host.resize(host.size() - 4);
  return slash == std::string_view::npos ? host : host + std::string(url.substr(slash));
}

std::optional<SocketAddress> parse_socket_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  SocketAddress out{std::string(text.substr(0, colon)), 0};
  const std::string_view port = text.substr(colon + 1);
  const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (failure != std::errc{} || end != port.data() + port.size() || out.port == 0) return std::nullopt;
  std::string& address = out.address;
  const bool bracketed = address.size() > 2 && address.front() == '[' && address.back() == ']';
  if (bracketed) address = address.substr(1, address.size() - 2);
  if (!wire::is_address(address) || bracketed != (address.find(':') != std::string::npos))
    return std::nullopt;
  return out;
}

void OutsideIssuers::trust(std::string_view issuer, IssuerTrust trust) {
  const std::lock_guard lock(mutex_);
  trusted_[std::string(issuer)] = std::move(trust);
  forget(issuer);
}

void OutsideIssuers::distrust(std::string_view issuer) {
  const std::lock_guard lock(mutex_);
  if (const auto it = trusted_.find(issuer); it != trusted_.end()) trusted_.erase(it);
  forget(issuer);
}

// What a fetch that is under way brings was asked for in the old way, and is not kept.
void OutsideIssuers::forget(std::string_view issuer) {
  const auto it = known_.find(issuer);
  if (it == known_.end()) return;
  if (it->second.fetching) {
    it->second.outdated = true;
  } else {
    known_.erase(it);
  }
}

std::expected<OutsideIssuers::Keys, IssuerError> OutsideIssuers::try_out(std::string_view issuer,
                                                                         const IssuerTrust& trust) const {
  if (trust.keys != nullptr) return trust.keys;
  return fetch(issuer, trust, {});
}

// Whether what is known answers, or it is too soon to ask again.
bool OutsideIssuers::serves(const Known& known, const std::optional<std::string>& kid) const {
  const Time now = clock_.now();
  if (now < known.tried + kPatience) return known.keys != nullptr || known.error;
  if (known.keys == nullptr || now >= known.fetched + kFresh) return false;
  if (!kid) return true;
  return std::ranges::any_of(known.keys->keys, [&](const VerifyKey& key) { return key.kid() == *kid; });
}

std::expected<OutsideIssuers::Keys, IssuerError> OutsideIssuers::keys_of(
    std::string_view issuer, const std::optional<std::string>& kid,
    const std::vector<std::string>& thumbprints, bool may_wait) {
  std::unique_lock lock(mutex_);
  const std::string name(issuer);
  const auto trusted = trusted_.find(issuer);
  const IssuerTrust trust = trusted == trusted_.end() ? IssuerTrust() : trusted->second;
  if (trust.keys != nullptr) return trust.keys;
  const auto answer = [&](const Known& known) -> std::expected<Keys, IssuerError> {
    if (known.keys != nullptr && clock_.now() < known.fetched + kFresh) return known.keys;
    return std::unexpected(known.error.value_or(IssuerError{Kind::unreachable, "it was not asked"}));
  };
  if (const auto it = known_.find(issuer); it != known_.end() && serves(it->second, kid))
    return answer(it->second);
  if (!may_wait) return std::unexpected(IssuerError{Kind::not_in_memory, ""});
  // Somebody who waits at the same time gets what the first one fetches.
  if (known_[name].fetching) {
    const bool came = fetched_.wait_for(lock, options_.timeout * 3, [&] { return !known_[name].fetching; });
    if (came) return answer(known_[name]);
    return std::unexpected(IssuerError{Kind::unreachable, "it did not answer in time"});
  }
  if (fetching_ >= options_.fetches_at_once)
    return std::unexpected(IssuerError{Kind::unreachable, "too many issuers are being asked at once"});
  if (known_.size() > kMostIssuers)
    std::erase_if(known_, [&](const auto& entry) { return !entry.second.fetching && entry.first != name; });
  known_[name].fetching = true;
  ++fetching_;
  lock.unlock();
  auto outcome = fetch(issuer, trust, thumbprints);
  lock.lock();
  --fetching_;
  Known& known = known_[name];
  if (known.outdated) {
    known_.erase(name);
    fetched_.notify_all();
    return std::unexpected(IssuerError{Kind::unreachable, "it was registered anew meanwhile"});
  }
  known.fetching = false;
  known.tried = clock_.now();
  known.error = outcome ? std::nullopt : std::optional(outcome.error());
  if (outcome) {
    known.keys = *outcome;
    known.fetched = known.tried;
  }
  fetched_.notify_all();
  return answer(known);
}

std::expected<std::string, IssuerError> OutsideIssuers::get(std::string_view address,
                                                            const IssuerTrust& trust,
                                                            const Thumbprints& thumbprints) const {
  const auto url = parse_https(address);
  if (!url) return unusable(fmt::format("{} is not an https address", address));
  wire::HttpsRequest request;
  request.host = url->host;
  request.port = url->port;
  request.target = url->target;
  request.timeout = options_.timeout;
  request.ca_file = options_.ca_file;
  request.ca_pem = trust.ca_pem;
  request.thumbprints = thumbprints;
  const auto given = options_.addresses.find(url->host);
  const std::string& where = !trust.address.empty()              ? trust.address
                             : given == options_.addresses.end() ? trust.address
                                                                 : given->second;
  if (const auto socket = parse_socket_address(where)) {
    request.address = socket->address;
    request.port = socket->port;
  }
  auto response = wire::get_https(request);
  if (!response) {
    const bool silent = response.error().kind == wire::HttpsError::Kind::unreachable;
    return std::unexpected(IssuerError{silent ? Kind::unreachable : Kind::unusable, response.error().detail});
  }
  if (response->status >= 300 && response->status < 400)
    return unusable(fmt::format("{} redirects, which is not followed", address));
  if (response->status != 200) return unusable(fmt::format("{} answers {}", address, response->status));
  return std::move(response->body);
}

std::expected<OutsideIssuers::Keys, IssuerError> OutsideIssuers::fetch(std::string_view issuer,
                                                                       const IssuerTrust& trust,
                                                                       const Thumbprints& thumbprints) const {
  TRY(const std::string text,
      get(fmt::format("https://{}/.well-known/openid-configuration", issuer), trust, thumbprints));
  const auto document = json::parse(text);
  if (!document || !document->is_object()) return unusable("its discovery document is not a JSON object");
  const json::object& about = document->get_object();
  const auto said = json::string_at(about, "issuer");
  if (!said || !said->starts_with("https://") || normalized_issuer(*said) != issuer)
    return unusable(fmt::format("its discovery document is of {}", said.value_or("nobody")));
  const auto where = json::string_at(about, "jwks_uri");
  if (!where) return unusable("its discovery document has no jwks_uri");
  TRY(const std::string keys, get(*where, trust, thumbprints));
  auto parsed = Jwks::parse(keys);
  if (!parsed) return unusable("its key set is unusable: " + parsed.error().message);
  return std::make_shared<const Jwks>(std::move(*parsed));
}

}  // namespace gatehouse::identity
