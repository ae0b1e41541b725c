// Any bytes as a token, and as a key set: an answer, never a crash.
#include "identity/token/jwt.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  using namespace gatehouse::identity;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto keys = Jwks::parse(input);
  const auto jwt = Jwt::read(input);
  if (jwt && keys) (void)jwt->verify(*keys);
  return 0;
}
