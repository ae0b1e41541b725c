// Randomness and the identifiers made of it. Handed over by constructor, as the clock is.
#pragma once

#include <string>
#include <string_view>

namespace gatehouse {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(char* out, size_t size) = 0;

  std::string bytes(size_t count);
  std::string hex(size_t digits);         // upper case, as an EKS issuer's id
  std::string base32(size_t characters);  // A-Z 2-7
  std::string secret(size_t characters);  // the alphabet of secret access keys
  std::string uuid();                     // RFC 4122 version 4
};

class SystemRandom final : public Random {
 public:
  void fill(char* out, size_t size) override;
};

// IAM's unique ids: four letters that tell the kind, and seventeen that tell the one.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
namespace id_prefix {
inline constexpr std::string_view kUser = "AIDA";
inline constexpr std::string_view kRole = "AROA";
inline constexpr std::string_view kGroup = "AGPA";
inline constexpr std::string_view kPolicy = "ANPA";
inline constexpr std::string_view kInstanceProfile = "AIPA";
inline constexpr std::string_view kAccessKey = "AKIA";
inline constexpr std::string_view kTemporaryKey = "ASIA";
}  // namespace id_prefix

std::string unique_id(Random& random, std::string_view prefix);      // 21 characters
std::string access_key_id(Random& random, std::string_view prefix);  // 20 characters

}  // namespace gatehouse
