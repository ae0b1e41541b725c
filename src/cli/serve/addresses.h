// Where a listener is, as clients write it.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>

namespace gatehouse::cli {

// "127.0.0.1:4566"; the loopback for an address that means all.
inline std::string host_and_port(const std::string& address, std::uint16_t port) {
  if (address == "0.0.0.0") return fmt::format("127.0.0.1:{}", port);
  if (address == "::") return fmt::format("[::1]:{}", port);
  return address.find(':') != std::string::npos ? fmt::format("[{}]:{}", address, port)
                                                : fmt::format("{}:{}", address, port);
}

inline std::string http_url(const std::string& address, std::uint16_t port) {
  return "http://" + host_and_port(address, port);
}

}  // namespace gatehouse::cli
