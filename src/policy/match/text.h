// Bytes of policies and requests: case folding and hashing. ASCII only: actions and condition keys are ASCII.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace gatehouse::policy {

inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

// Words are read with their first byte lowest.
static_assert(std::endian::native == std::endian::little);

inline std::uint64_t load8(const char* from) {
  std::uint64_t word;
  std::memcpy(&word, from, 8);
  return word;
}

inline void store8(char* to, std::uint64_t word) { std::memcpy(to, &word, 8); }

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

// memcmp() == 0 without a call for the short texts that policies have. The ends come first: ARNs begin alike.
inline bool same_bytes(const char* a, const char* b, std::size_t size) {
  if (size < 8) return load_tail(a, size) == load_tail(b, size);
  if (load8(a + size - 8) != load8(b + size - 8)) return false;
  if (size > 64) return std::memcmp(a, b, size) == 0;
  for (std::size_t at = 0; at + 8 < size; at += 8) {
    if (load8(a + at) != load8(b + at)) return false;
  }
  return true;
}

inline bool same_text(std::string_view a, std::string_view b) {
  return a.size() == b.size() && same_bytes(a.data(), b.data(), a.size());
}

inline bool begins_with(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && same_bytes(text.data(), prefix.data(), prefix.size());
}

inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  if (same_bytes(a.data(), b.data(), a.size())) return true;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

// Every byte of the word.
inline constexpr std::uint64_t every_byte(unsigned char c) { return 0x0101010101010101u * c; }

// lower() of eight bytes at once: bit 7 of each byte of the two sums says whether it is past that letter.
inline std::uint64_t lower8(std::uint64_t word) {
  const std::uint64_t low = word & every_byte(0x7F);
  const std::uint64_t past_z = low + every_byte(0x7F - 'Z');
  const std::uint64_t from_a = low + every_byte(0x80 - 'A');
  return word | ((from_a ^ past_z) & ~word & every_byte(0x80)) >> 2;
}

// Bit 7 of every byte of the word that is `c`.
inline std::uint64_t bytes_equal(std::uint64_t word, char c) {
  const std::uint64_t differs = word ^ every_byte(static_cast<unsigned char>(c));
  return ~(((differs & every_byte(0x7F)) + every_byte(0x7F)) | differs | every_byte(0x7F));
}

inline std::uint64_t mix(std::uint64_t hash, std::uint64_t word) {
  hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
  return hash ^ (hash >> 32);
}

inline constexpr std::uint64_t kSeed = 0x51ED270B7A2C4F13u;

// Words from the front, and the last eight bytes whatever they overlap.
template <std::uint64_t ignored>
std::uint64_t hash_words(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = seed ^ text.size();
  if (text.size() < 8) return mix(hash, load_tail(text.data(), text.size()) | ignored);
  const char* const last = text.data() + text.size() - 8;
  for (const char* at = text.data(); at < last; at += 8) hash = mix(hash, load8(at) | ignored);
  return mix(hash, load8(last) | ignored);
}

// Not for adversaries: whoever looks a hash up also compares the text.
inline std::uint64_t hash_text(std::string_view text, std::uint64_t seed = kSeed) {
  return hash_words<0>(text, seed);
}

// The same for texts that differ only in case (and for some others: bit 5 of every byte is ignored).
inline std::uint64_t hash_folded(std::string_view text) { return hash_words<every_byte(0x20)>(text, kSeed); }

}  // namespace gatehouse::policy
