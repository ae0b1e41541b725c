// What numbers, moments and addresses are in policies and requests.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

#include "policy/condition/condition.h"

namespace gatehouse::policy {

// Whole numbers are compared as such, others as doubles.
struct Number {
  bool readable = false;
  bool whole = false;
  std::int64_t integer = 0;
  double real = 0;

  static Number parse(std::string_view text);
};

struct Moment {
  bool readable = false;
  std::int64_t milliseconds = 0;  // since the epoch

  static Moment parse(std::string_view text);
};

// IPv4 stands in the IPv6 addresses' last 32 bits, and never matches IPv6.
struct Address {
  bool v6 = false;
  std::array<unsigned char, 16> bytes{};

  static std::optional<Address> parse(std::string_view text);
};

struct Network {
  bool readable = false;
  Address address;
  int prefix = 0;  // bits, of 32 or 128

  static Network parse(std::string_view text);
  bool contains(const Address& a) const;
};

inline bool in_order(std::partial_ordering o, Order wanted) {
  switch (wanted) {
    case Order::equal:
      return o == 0;
    case Order::less:
      return o < 0;
    case Order::less_equal:
      return o <= 0;
    case Order::greater:
      return o > 0;
    case Order::greater_equal:
      return o >= 0;
  }
  return false;
}

}  // namespace gatehouse::policy
