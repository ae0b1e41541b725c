#include "identity/token/totp.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/time.h"

namespace gatehouse::identity {

std::int64_t totp_step(Time now) { return unix_seconds(now) / 30; }

std::string totp_code(std::string_view seed, std::int64_t step) {
  unsigned char counter[8];
  for (int i = 7; i >= 0; --i, step >>= 8) counter[i] = static_cast<unsigned char>(step & 0xff);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  HMAC(EVP_sha1(), seed.data(), static_cast<int>(seed.size()), counter, sizeof counter, digest, &length);
  const unsigned char* at = digest + (digest[length - 1] & 0xf);
  const unsigned value = (at[0] & 0x7fU) << 24 | unsigned{at[1]} << 16 | unsigned{at[2]} << 8 | at[3];
  return fmt::format("{:06}", value % 1'000'000);
}

}  // namespace gatehouse::identity
