// S3's own chunked bodies ("aws-chunked"), which lie inside whatever HTTP does: sizes, signatures of each
// chunk, and trailing headers.
//
//   signed_chunks          400;chunk-signature=HEX CRLF data CRLF … 0;chunk-signature=HEX CRLF CRLF
//   signed_chunks_trailer  the same, then name:value CRLF … x-amz-trailer-signature:HEX CRLF CRLF
//   unsigned_trailer       400 CRLF data CRLF … 0 CRLF name:value CRLF … CRLF
//
// Each signature covers the one before, from the request's own, so chunks cannot be changed, dropped or
// reordered. A chunk's bytes are handed on before its signature has been seen: nothing may be kept unless
// finish() succeeds.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/hash.h"
#include "identity/signature/sigv4.h"

namespace gatehouse::identity {

// What signs a chunk besides its bytes. Not used for unsigned_trailer.
struct ChunkSigning {
  Sha256 key{};
  std::string amz_date, scope;
  std::string seed_signature;  // the request's
};
ChunkSigning chunk_signing(const Claim& claim, std::string_view secret, SigningKeys& keys);

// The signature of a chunk, and of the trailer ("name:value\n" each), given the one before.
std::string sign_chunk(const ChunkSigning& signing, std::string_view previous, const Sha256& data);
std::string sign_trailer(const ChunkSigning& signing, std::string_view previous,
                         std::string_view canonical_trailer);

class ChunkedDecoder {
 public:
  using Sink = std::function<Result<void>(std::string_view data)>;
  using Trailers = std::vector<std::pair<std::string, std::string>>;

  struct Options {
    PayloadMode mode = PayloadMode::signed_chunks;
    std::uint64_t decoded_length = 0;        // x-amz-decoded-content-length
    std::vector<std::string> trailer_names;  // of x-amz-trailer, lower case
    ChunkSigning signing;
  };
  // The options from the request's headers; MissingContentLength where S3 says so.
  static Result<Options> options_for(const wire::Head& head, const Claim& claim, ChunkSigning signing);

  explicit ChunkedDecoder(Options options);

  // Hands the data in `piece` to the sink, in order. After an error the decoder is done for.
  Result<void> feed(std::string_view piece, const Sink& sink);
  // At the body's end: everything was there and every signature right.
  Result<void> finish() const;

  const Trailers& trailers() const { return trailers_; }  // names in lower case, once finish() succeeded

 private:
  enum class State : std::uint8_t { header, data, data_end, trailer, done };

  Result<void> take_line(std::string_view& piece, bool& complete);
  Result<void> on_header();
  Result<void> on_trailer();
  Result<void> on_data_end();
  Result<void> begin_chunk(std::uint64_t size);
  Result<void> check_chunk();
  Result<void> check_trailer();
  bool is_signed() const { return options_.mode != PayloadMode::unsigned_trailer; }

  Options options_;
  State state_ = State::header;
  std::string line_;
  size_t line_limit_;
  std::uint64_t chunk_left_ = 0, total_ = 0;
  std::uint64_t chunk_number_ = 0, last_size_ = 0;
  std::string chunk_signature_, previous_signature_;
  std::optional<Digest> digest_;
  Trailers trailers_;
  bool trailer_signed_ = false;
};

}  // namespace gatehouse::identity
