// IpAddress and NotIpAddress: CIDR blocks of IPv4 and IPv6; an address alone is a block of one.
#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <vector>

#include "policy/condition/values.h"

namespace gatehouse::policy {

std::optional<Address> Address::parse(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN + 1> terminated{};
  if (text.size() >= terminated.size()) return std::nullopt;
  std::ranges::copy(text, terminated.begin());
  Address a;
  a.v6 = text.find(':') != text.npos;
  if (::inet_pton(a.v6 ? AF_INET6 : AF_INET, terminated.data(), a.bytes.data()) != 1) return std::nullopt;
  return a;
}

Network Network::parse(std::string_view text) {
  Network n;
  const std::size_t slash = text.find('/');
  const auto address = Address::parse(text.substr(0, slash));
  if (!address) return n;
  n.address = *address;
  const int most = address->v6 ? 128 : 32;
  n.prefix = most;
  if (slash != text.npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [at, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n.prefix);
    if (error != std::errc() || at != digits.data() + digits.size() || n.prefix < 0 || n.prefix > most)
      return n;
  }
  n.readable = true;
  return n;
}

bool Network::contains(const Address& a) const {
  if (!readable || a.v6 != address.v6) return false;
  const auto whole = static_cast<std::size_t>(prefix / 8);
  if (std::memcmp(a.bytes.data(), address.bytes.data(), whole) != 0) return false;
  const int rest = prefix % 8;
  if (rest == 0) return true;
  const int mask = 0xFF << (8 - rest) & 0xFF;
  return (a.bytes[whole] & mask) == (address.bytes[whole] & mask);
}

Operands compile_networks(Values values, Arena& arena) {
  std::vector<Network> networks;
  networks.reserve(values.size());
  for (const Scalar& value : values) networks.push_back(Network::parse(value.text));
  return Operands(arena.copy(std::span<const Network>(networks)));
}

// What is no address lies in no network: NotIpAddress is then true.
Match match_address(const Operands& operands, std::string_view value) {
  const auto address = Address::parse(value);
  if (!address) return Match::no;
  const bool inside =
      std::ranges::any_of(operands.as<Network>(), [&](const Network& n) { return n.contains(*address); });
  return inside ? Match::yes : Match::no;
}

}  // namespace gatehouse::policy
