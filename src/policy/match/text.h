// Bytes of policies and requests: case folding and hashing. ASCII only: actions and condition keys are ASCII.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace gatehouse::policy {

inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  if (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0) return true;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

inline std::uint64_t load8(const char* from) {
  std::uint64_t word;
  std::memcpy(&word, from, 8);
  return word;
}

// Up to eight bytes, the rest zero.
inline std::uint64_t load_tail(const char* from, std::size_t size) {
  if (size >= 4) {
    std::uint32_t first, last;
    std::memcpy(&first, from, 4);
    std::memcpy(&last, from + size - 4, 4);
    return first | std::uint64_t{last} << 32;
  }
  if (size == 0) return 0;
  return static_cast<std::uint64_t>(static_cast<unsigned char>(from[0])) |
         static_cast<std::uint64_t>(static_cast<unsigned char>(from[size / 2])) << 8 |
         static_cast<std::uint64_t>(static_cast<unsigned char>(from[size - 1])) << 16;
}

inline std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
  return hash ^ (hash >> 32);
}

inline constexpr std::uint64_t kSeed = 0x51ED270B7A2C4F13u;

// Not for adversaries: whoever looks a hash up also compares the text.
inline std::uint64_t hash_text(std::string_view text, std::uint64_t seed = kSeed) {
  std::uint64_t hash = seed ^ text.size();
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left > 8; at += 8, left -= 8) hash = mix(hash, load8(at));
  return mix(hash, load_tail(at, left));
}

// The same for texts that differ only in case (and for some others: bit 5 of every byte is ignored).
inline std::uint64_t hash_folded(std::string_view text) {
  constexpr std::uint64_t kCase = 0x2020202020202020u;
  std::uint64_t hash = kSeed ^ text.size();
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left > 8; at += 8, left -= 8) hash = mix(hash, load8(at) | kCase);
  return mix(hash, load_tail(at, left) | kCase);
}

}  // namespace gatehouse::policy
