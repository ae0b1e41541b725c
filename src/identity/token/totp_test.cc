#include "identity/token/totp.h"

#include <gtest/gtest.h>

namespace gatehouse::identity {
namespace {

constexpr std::string_view kSeed = "12345678901234567890";

Time at(std::int64_t seconds) { return Time(std::chrono::seconds(seconds)); }

// RFC 6238, appendix B; the last six of its eight digits.
TEST(Totp, GivesThePublishedCodes) {
  EXPECT_EQ(totp_code(kSeed, totp_step(at(59))), "287082");
  EXPECT_EQ(totp_code(kSeed, totp_step(at(1111111109))), "081804");
  EXPECT_EQ(totp_code(kSeed, totp_step(at(1234567890))), "005924");
  EXPECT_EQ(totp_code(kSeed, totp_step(at(20000000000))), "353130");
}

TEST(Totp, StepsLastThirtySeconds) {
  EXPECT_EQ(totp_step(at(29)), 0);
  EXPECT_EQ(totp_step(at(30)), 1);
}

}  // namespace
}  // namespace gatehouse::identity
