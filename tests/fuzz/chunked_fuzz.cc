// Any bytes as a chunked body, whole and byte by byte: both ways agree, and no more comes out than was
// announced.
#include <cstdlib>

#include "identity/signature/chunked.h"

namespace {

using namespace gatehouse::identity;

std::string decode(std::string_view body, PayloadMode mode, size_t step) {
  ChunkedDecoder::Options options;
  options.mode = mode;
  options.decoded_length = 64;
  options.trailer_names = {"x-amz-checksum-crc32"};
  options.signing.seed_signature = std::string(64, '0');
  ChunkedDecoder decoder(options);
  std::string out;
  gatehouse::Result<void> result;
  for (size_t at = 0; at < body.size() && result; at += step)
    result = decoder.feed(body.substr(at, step), [&out](std::string_view data) -> gatehouse::Result<void> {
      out += data;
      return {};
    });
  if (result) result = decoder.finish();
  if (out.size() > 64) std::abort();
  return result ? "ok " + out : result.error().code;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  if (size == 0) return 0;
  const auto mode = static_cast<PayloadMode>(2 + data[0] % 3);
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (decode(body, mode, 1) != decode(body, mode, body.size() + 1)) std::abort();
  return 0;
}
