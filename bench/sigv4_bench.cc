// Checking a request's signature, beside its bound: the SHA-256 that it cannot do without, raw.
#include <benchmark/benchmark.h>
#include <openssl/evp.h>

#include "base/encoding.h"
#include "base/time.h"
#include "identity/signature/canonical.h"
#include "identity/signature/chunked.h"
#include "identity/signature/signer.h"
#include "identity/signature/sigv4.h"

namespace gatehouse::identity {
namespace {

const Credentials kCredentials{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
const Time kNow = from_unix_seconds(1769903998);
constexpr std::string_view kEmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

wire::Head get_object() {
  wire::Head head;
  head.method = "GET";
  head.target = "/my-bucket/folder/object-0001.json";
  head.headers.add("host", "127.0.0.1:4566");
  head.headers.add("user-agent", "Boto3/1.26.27 Python/3.11.2 Linux/6.1.0 Botocore/1.29.27");
  head.headers.add("accept-encoding", "identity");
  sign(head, kEmptyHash, kCredentials, {"us-east-1", "s3", kNow});
  return head;
}

void parse_and_verify(benchmark::State& state) {
  const wire::Head head = get_object();
  SigningKeys keys;
  for (auto _ : state) {
    const auto claim = parse_claim(head, Family::s3);
    const auto& found = claim.value().value();
    const Verification with{kCredentials.secret_access_key, found.payload_hash, kNow, Family::s3};
    if (!verify(found, head, with, keys)) state.SkipWithError("not verified");
  }
}
BENCHMARK(parse_and_verify);

void parse_alone(benchmark::State& state) {
  const wire::Head head = get_object();
  for (auto _ : state) benchmark::DoNotOptimize(parse_claim(head, Family::s3));
}
BENCHMARK(parse_alone);

// The blocks that verifying one request must compress: canonical request, string to sign, HMAC's two passes.
void sha256_alone(benchmark::State& state) {
  const wire::Head head = get_object();
  const Claim claim = parse_claim(head, Family::s3).value().value();
  const std::string canonical =
      canonical_request({head, claim.signed_headers, claim.payload_hash, false, true});
  const std::string inner = std::string(64, 'k') + string_to_sign(claim.amz_date, claim.scope(), canonical);
  const std::string outer(96, 'o');
  for (auto _ : state) {
    benchmark::DoNotOptimize(sha256(canonical));
    benchmark::DoNotOptimize(sha256(inner));
    benchmark::DoNotOptimize(sha256(outer));
  }
}
BENCHMARK(sha256_alone);

std::string signed_body(const ChunkSigning& signing, size_t size) {
  constexpr size_t kChunk = 64 * 1024;
  std::string body, previous = signing.seed_signature;
  const std::string chunk(kChunk, 'a');
  for (size_t at = 0; at <= size; at += kChunk) {
    const std::string_view data = std::string_view(chunk).substr(0, at < size ? kChunk : 0);
    previous = sign_chunk(signing, previous, sha256(data));
    char digits[20];
    std::snprintf(digits, sizeof digits, "%zx", data.size());
    body.append(digits)
        .append(";chunk-signature=")
        .append(previous)
        .append("\r\n")
        .append(data)
        .append("\r\n");
  }
  return body;
}

void decode_signed_chunks(benchmark::State& state) {
  constexpr size_t kSize = 4 << 20;
  ChunkedDecoder::Options options;
  options.decoded_length = kSize;
  options.signing.seed_signature = std::string(64, '0');
  const std::string body = signed_body(options.signing, kSize);
  for (auto _ : state) {
    ChunkedDecoder decoder(options);
    for (size_t at = 0; at < body.size(); at += 256 << 10) {
      const auto fed = decoder.feed(std::string_view(body).substr(at, 256 << 10),
                                    [](std::string_view) -> Result<void> { return {}; });
      if (!fed) state.SkipWithError("not decoded");
    }
    if (!decoder.finish()) state.SkipWithError("not finished");
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * kSize));
}
BENCHMARK(decode_signed_chunks);

void sha256_of_the_same_bytes(benchmark::State& state) {
  const std::string body(4 << 20, 'a');
  unsigned char digest[32];
  for (auto _ : state) {
    EVP_Digest(body.data(), body.size(), digest, nullptr, EVP_sha256(), nullptr);
    benchmark::DoNotOptimize(digest);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * body.size()));
}
BENCHMARK(sha256_of_the_same_bytes);

}  // namespace
}  // namespace gatehouse::identity

BENCHMARK_MAIN();
