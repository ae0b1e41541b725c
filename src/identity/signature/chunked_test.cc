#include "identity/signature/chunked.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace gatehouse::identity {
namespace {

// The examples of AWS's two pages on signed chunks: 66560 times 'a', in chunks of 64 KiB and 1 KiB. Key,
// date, seeds and signatures are AWS's.
constexpr std::string_view kSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

ChunkSigning example_signing(std::string seed) {
  return {derive_signing_key(kSecret, {"20130524", "us-east-1", "s3"}), "20130524T000000Z",
          "20130524/us-east-1/s3/aws4_request", std::move(seed)};
}

struct Example {
  ChunkedDecoder::Options options;
  std::string body;
};

Example signed_example() {
  Example example;
  example.options.mode = PayloadMode::signed_chunks;
  example.options.decoded_length = 66560;
  example.options.signing =
      example_signing("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
  example.body =
      "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" +
      std::string(65536, 'a') +
      "\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" +
      std::string(1024, 'a') +
      "\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n";
  return example;
}

Example trailer_example() {
  Example example;
  example.options.mode = PayloadMode::signed_chunks_trailer;
  example.options.decoded_length = 66560;
  example.options.trailer_names = {"x-amz-checksum-crc32c"};
  example.options.signing =
      example_signing("106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e");
  example.body =
      "10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n" +
      std::string(65536, 'a') +
      "\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n" +
      std::string(1024, 'a') +
      "\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n"
      "x-amz-checksum-crc32c:sOO8/Q==\n\r\n"
      "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n";
  return example;
}

Example unsigned_example() {
  Example example;
  example.options.mode = PayloadMode::unsigned_trailer;
  example.options.decoded_length = 5;
  example.options.trailer_names = {"x-amz-checksum-crc32"};
  example.body = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
  return example;
}

struct Decoded {
  Result<void> result;
  std::string data;
  ChunkedDecoder::Trailers trailers;
};

Decoded decode(const Example& example, size_t step) {
  ChunkedDecoder decoder(example.options);
  Decoded out;
  for (size_t at = 0; at < example.body.size() && out.result; at += step)
    out.result = decoder.feed(std::string_view(example.body).substr(at, step),
                              [&](std::string_view data) -> Result<void> {
                                out.data += data;
                                return {};
                              });
  if (out.result) out.result = decoder.finish();
  out.trailers = decoder.trailers();
  return out;
}

void replace(std::string& text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  ASSERT_NE(at, text.npos) << from;
  text.replace(at, from.size(), to);
}

std::string code_of(const Example& example, size_t step = 1000000) {
  const Decoded decoded = decode(example, step);
  return decoded.result ? "accepted" : decoded.result.error().code;
}

TEST(Chunked, AwsExamplesDecodeHoweverTheyAreCut) {
  for (const size_t step : {1UL, 7UL, 4096UL, 65536UL, 1000000UL}) {
    const Decoded chunks = decode(signed_example(), step);
    ASSERT_TRUE(chunks.result) << chunks.result.error().message << " at " << step;
    EXPECT_TRUE(chunks.data == std::string(66560, 'a'));
    const Decoded trailer = decode(trailer_example(), step);
    ASSERT_TRUE(trailer.result) << trailer.result.error().message << " at " << step;
    EXPECT_TRUE(trailer.data == std::string(66560, 'a'));
    EXPECT_EQ(trailer.trailers, (ChunkedDecoder::Trailers{{"x-amz-checksum-crc32c", "sOO8/Q=="}}));
    const Decoded plain = decode(unsigned_example(), step);
    ASSERT_TRUE(plain.result) << plain.result.error().message;
    EXPECT_EQ(plain.data, "hello");
    EXPECT_EQ(plain.trailers, (ChunkedDecoder::Trailers{{"x-amz-checksum-crc32", "NhCmhg=="}}));
  }
}

// How the SDKs write a signed trailer.
TEST(Chunked, TrailerWithOrdinaryLineEnds) {
  Example example = trailer_example();
  replace(example.body, "sOO8/Q==\n\r\n", "sOO8/Q==\r\n");
  EXPECT_EQ(code_of(example), "accepted");
  example.body += "\r\n";
  EXPECT_EQ(code_of(example), "accepted");
}

TEST(Chunked, AnyChangeIsNoticed) {
  Example changed = signed_example();
  changed.body[66000] = 'b';  // in the second chunk
  EXPECT_NE(code_of(changed), "accepted");
  changed = signed_example();
  changed.body[40000] = 'b';
  EXPECT_EQ(code_of(changed), "SignatureDoesNotMatch");
  changed = signed_example();
  changed.options.signing.seed_signature[0] ^= 1;
  EXPECT_EQ(code_of(changed), "SignatureDoesNotMatch");
  changed = trailer_example();
  replace(changed.body, "sOO8/Q==", "sOO8/R==");
  EXPECT_EQ(code_of(changed), "SignatureDoesNotMatch");
  changed = trailer_example();
  replace(changed.body, "d81f82fc", "d81f82fd");
  EXPECT_EQ(code_of(changed), "SignatureDoesNotMatch");
}

TEST(Chunked, NothingCanBeLeftOut) {
  const Example whole = signed_example();
  for (const size_t size :
       {0UL, 10UL, 90UL, 1000UL, 65624UL, 65628UL, whole.body.size() - 90, whole.body.size() - 1}) {
    Example cut = whole;
    cut.body.resize(size);
    EXPECT_NE(code_of(cut), "accepted") << size;
  }
  Example early = whole;  // the last chunk at once: its signature is right only behind the others
  early.body = whole.body.substr(whole.body.rfind("0;chunk"));
  EXPECT_EQ(code_of(early), "SignatureDoesNotMatch");
  Example no_trailer = unsigned_example();
  no_trailer.body = "5\r\nhello\r\n0\r\n\r\n";
  EXPECT_EQ(code_of(no_trailer), "MalformedTrailerError");
  Example unsigned_trailer = trailer_example();
  unsigned_trailer.body.resize(unsigned_trailer.body.find("x-amz-trailer-signature"));
  EXPECT_EQ(code_of(unsigned_trailer), "IncompleteBody");
}

TEST(Chunked, Lengths) {
  Example example = unsigned_example();
  example.options.decoded_length = 4;
  EXPECT_EQ(code_of(example), "IncompleteBody");
  example.options.decoded_length = 6;
  EXPECT_EQ(code_of(example), "IncompleteBody");
  example = unsigned_example();
  example.options.decoded_length = 10;
  example.body = "5\r\nhello\r\n5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
  EXPECT_EQ(code_of(example), "InvalidChunkSizeError");
}

TEST(Chunked, Malformed) {
  const auto with = [](std::string body) {
    Example example = unsigned_example();
    example.body = std::move(body);
    return example;
  };
  for (const char* body : {"x\r\n", "-1\r\n", "\r\n", "5\nhello", "5 \r\nhello", "0x5\r\nhello",
                           "5\r\nhelloXX", "5\r\nhello\n", "11111111111111111\r\n"})
    EXPECT_NE(code_of(with(body), 1), "accepted") << body;
  EXPECT_EQ(code_of(with("5\r\nhelloXX\r\n")), "InvalidRequest");
  EXPECT_EQ(code_of(with("ffffffffffffffff\r\n")), "IncompleteBody");
  EXPECT_EQ(code_of(with(std::string(100000, '0'))), "InvalidRequest");  // an endless line
  EXPECT_EQ(code_of(with(std::string(100000, '0')), 1), "InvalidRequest");
  const std::string start = "5\r\nhello\r\n0\r\n";
  EXPECT_EQ(code_of(with(start + std::string(100000, 'x'))), "MalformedTrailerError");
  EXPECT_EQ(code_of(with(start + "x-amz-checksum-crc32:a\r\nx-amz-checksum-crc32:b\r\n\r\n")),
            "MalformedTrailerError");
  EXPECT_EQ(code_of(with(start + "x-other:a\r\n\r\n")), "MalformedTrailerError");
  EXPECT_EQ(code_of(with(start + "x-amz-checksum-crc32:NhCmhg==\r\n\r\nmore")), "InvalidRequest");
  Example without = signed_example();
  replace(without.body, ";chunk-signature=", ";chunk-signatur=");
  EXPECT_EQ(code_of(without), "InvalidRequest");
}

TEST(Chunked, TheSinksErrorComesOut) {
  ChunkedDecoder decoder(unsigned_example().options);
  const auto result = decoder.feed(
      "5\r\nhello", [](std::string_view) -> Result<void> { return fail("SlowDown", "later", 503); });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "SlowDown");
}

TEST(Chunked, OptionsComeFromTheHeaders) {
  wire::Head head;
  Claim claim;
  claim.payload_mode = PayloadMode::unsigned_trailer;
  EXPECT_EQ(ChunkedDecoder::options_for(head, claim, {}).error().code, "MissingContentLength");
  head.headers.add("x-amz-decoded-content-length", "5");
  head.headers.add("x-amz-trailer", "X-Amz-Checksum-CRC32 , x-amz-meta");
  const auto options = ChunkedDecoder::options_for(head, claim, {});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->decoded_length, 5U);
  EXPECT_EQ(options->trailer_names, (std::vector<std::string>{"x-amz-checksum-crc32", "x-amz-meta"}));
}

}  // namespace
}  // namespace gatehouse::identity
