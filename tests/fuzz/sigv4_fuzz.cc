// A request from any bytes: method, target, then a header a line. A claim may be read from it; no signature
// verifies, since nobody knows the secret.
#include <cstdlib>

#include "base/time.h"
#include "identity/signature/sigv4.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  using namespace gatehouse;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto next = [&input](char end) {
    const std::string_view part = input.substr(0, input.find(end));
    input.remove_prefix(std::min(part.size() + 1, input.size()));
    return part;
  };
  wire::Head head;
  const auto family = static_cast<identity::Family>(size % 5);
  head.method = next(' ');
  head.target = "/" + std::string(next('\n'));
  while (!input.empty()) {
    std::string_view line = next('\n');
    const size_t colon = std::min(line.find(':'), line.size());
    head.headers.add(line.substr(0, colon), line.substr(std::min(colon + 1, line.size())));
  }
  const auto claim = identity::parse_claim(head, family);
  if (!claim || !*claim) return 0;
  identity::SigningKeys keys;
  const Time now = (*claim)->signed_at;
  if (identity::verify(**claim, head, {"a secret nobody knows", (*claim)->payload_hash, now, family}, keys))
    std::abort();
  return 0;
}
