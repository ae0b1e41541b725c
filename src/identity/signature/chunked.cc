#include "identity/signature/chunked.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/encoding.h"

namespace gatehouse::identity {
namespace {

constexpr size_t kMaxHeaderLine = 1024;
constexpr size_t kMaxTrailer = 16 * 1024;  // all lines
constexpr std::uint64_t kMinChunk = 8192;
constexpr std::string_view kTrailerSignature = "x-amz-trailer-signature";

std::unexpected<Error> malformed_chunk() {
  return fail("InvalidRequest", "The chunked framing of the request body is malformed.", 400);
}

std::unexpected<Error> malformed_trailer() {
  return fail("MalformedTrailerError",
              "The request contained trailing data that was not well-formed or did not conform to our "
              "published schema.",
              400);
}

std::unexpected<Error> incomplete_body() {
  return fail("IncompleteBody",
              "You did not provide the number of bytes specified by the Content-Length HTTP header", 400);
}

std::unexpected<Error> too_small(std::uint64_t number, std::uint64_t size) {
  return std::unexpected(Error{"InvalidChunkSizeError",
                               "Only the last chunk is allowed to have a size less than 8192 bytes",
                               403,
                               {{"Chunk", std::to_string(number)}, {"BadChunkSize", std::to_string(size)}}});
}

std::unexpected<Error> wrong_signature() { return fail(error_for(AuthFailure::wrong_signature, Family::s3)); }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string sign(const ChunkSigning& signing, std::string_view algorithm, std::string_view previous,
                 std::string_view hashes) {
  const std::string to_sign =
      fmt::format("{}\n{}\n{}\n{}\n{}", algorithm, signing.amz_date, signing.scope, previous, hashes);
  return hex(as_bytes(hmac_sha256(as_bytes(signing.key), to_sign)));
}

}  // namespace

ChunkSigning chunk_signing(const Claim& claim, std::string_view secret, SigningKeys& keys) {
  return {keys.get(secret, claim.key_scope()), claim.amz_date, claim.scope(), claim.signature};
}

std::string sign_chunk(const ChunkSigning& signing, std::string_view previous, const Sha256& data) {
  static const std::string kEmpty = hex(as_bytes(sha256("")));
  return sign(signing, "AWS4-HMAC-SHA256-PAYLOAD", previous, kEmpty + "\n" + hex(as_bytes(data)));
}

std::string sign_trailer(const ChunkSigning& signing, std::string_view previous,
                         std::string_view canonical_trailer) {
  return sign(signing, "AWS4-HMAC-SHA256-TRAILER", previous, hex(as_bytes(sha256(canonical_trailer))));
}

Result<ChunkedDecoder::Options> ChunkedDecoder::options_for(const wire::Head& head, const Claim& claim,
                                                            ChunkSigning signing) {
  Options options;
  options.mode = claim.payload_mode;
  options.signing = std::move(signing);
  const std::string_view length = head.headers.get("x-amz-decoded-content-length");
  const auto [end, error] =
      std::from_chars(length.data(), length.data() + length.size(), options.decoded_length);
  if (length.empty() || error != std::errc() || end != length.data() + length.size())
    return fail("MissingContentLength", "You must provide the Content-Length HTTP header.", 411);
  const std::string_view names = head.headers.get("x-amz-trailer");
  for (size_t at = 0; at < names.size();) {
    const size_t comma = std::min(names.find(',', at), names.size());
    const std::string_view name = trimmed(names.substr(at, comma - at));
    if (!name.empty()) options.trailer_names.push_back(lower(name));
    at = comma + 1;
  }
  return options;
}

ChunkedDecoder::ChunkedDecoder(Options options)
    : options_(std::move(options)),
      line_limit_(kMaxHeaderLine),
      previous_signature_(options_.signing.seed_signature) {}

Result<void> ChunkedDecoder::feed(std::string_view piece, const Sink& sink) {
  while (!piece.empty()) {
    if (state_ == State::done) return malformed_chunk();  // something behind the end
    if (state_ == State::data) {
      const std::string_view data =
          piece.substr(0, static_cast<size_t>(std::min<std::uint64_t>(chunk_left_, piece.size())));
      if (digest_) digest_->update(data);
      CHECK_OK(sink(data));
      chunk_left_ -= data.size();
      piece.remove_prefix(data.size());
      if (chunk_left_ == 0) state_ = State::data_end;
      continue;
    }
    bool complete = false;
    CHECK_OK(take_line(piece, complete));
    if (!complete) return {};
    if (state_ == State::header) {
      CHECK_OK(on_header());
    } else if (state_ == State::data_end) {
      CHECK_OK(on_data_end());
    } else {
      CHECK_OK(on_trailer());
    }
    line_.clear();
  }
  return {};
}

// Gathers a line, which pieces may cut anywhere. The line stays without its end.
Result<void> ChunkedDecoder::take_line(std::string_view& piece, bool& complete) {
  const size_t end = piece.find('\n');
  complete = end != piece.npos;
  const std::string_view part = piece.substr(0, end);
  if (line_.size() + part.size() > line_limit_) {
    if (state_ == State::trailer) return malformed_trailer();
    return malformed_chunk();
  }
  line_ += part;
  piece.remove_prefix(complete ? end + 1 : piece.size());
  if (!complete) return {};
  if (line_.ends_with('\r'))
    line_.pop_back();
  else if (state_ != State::trailer)  // AWS's own examples end trailers with a bare line feed
    return malformed_chunk();
  return {};
}

Result<void> ChunkedDecoder::on_header() {
  const std::string_view line = line_;
  const size_t semicolon = std::min(line.find(';'), line.size());
  const std::string_view digits = line.substr(0, semicolon);
  std::uint64_t size = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
  if (digits.empty() || digits.front() == '-' || error != std::errc() || end != digits.data() + digits.size())
    return malformed_chunk();
  if (is_signed()) {
    static constexpr std::string_view kSignature = "chunk-signature=";
    const std::string_view extension = line.substr(std::min(semicolon + 1, line.size()));
    if (!extension.starts_with(kSignature) || extension.size() != kSignature.size() + 64)
      return malformed_chunk();
    chunk_signature_ = extension.substr(kSignature.size());
  }
  return begin_chunk(size);
}

Result<void> ChunkedDecoder::begin_chunk(std::uint64_t size) {
  ++chunk_number_;
  if (size > options_.decoded_length - total_) return incomplete_body();
  if (size > 0 && chunk_number_ > 1 && last_size_ < kMinChunk)
    return too_small(chunk_number_ - 1, last_size_);
  last_size_ = size;
  total_ += size;
  chunk_left_ = size;
  if (is_signed()) digest_.emplace(Digest::Kind::sha256);
  state_ = State::data;
  if (size > 0) return {};
  CHECK_OK(check_chunk());
  if (total_ != options_.decoded_length) return incomplete_body();
  state_ = State::trailer;
  line_limit_ = kMaxTrailer;
  return {};
}

Result<void> ChunkedDecoder::on_data_end() {
  if (!line_.empty()) return malformed_chunk();
  state_ = State::header;
  return check_chunk();
}

Result<void> ChunkedDecoder::check_chunk() {
  if (!is_signed()) return {};
  Sha256 data{};
  const std::string digest = digest_->finish();
  std::ranges::copy(digest, data.begin());
  const std::string expected = sign_chunk(options_.signing, previous_signature_, data);
  if (!equal_constant_time(expected, chunk_signature_)) return wrong_signature();
  previous_signature_ = std::move(chunk_signature_);
  return {};
}

// An empty line is the end, except between a signed trailer and its signature, where AWS's page has one.
Result<void> ChunkedDecoder::on_trailer() {
  const bool wants_signature = options_.mode == PayloadMode::signed_chunks_trailer && !trailer_signed_;
  line_limit_ -= std::min(line_limit_, line_.size() + 1);
  if (line_.empty()) {
    if (wants_signature && !trailers_.empty()) return {};
    if (wants_signature || trailers_.size() != options_.trailer_names.size()) return malformed_trailer();
    state_ = State::done;
    return {};
  }
  const size_t colon = line_.find(':');
  if (colon == line_.npos || options_.mode == PayloadMode::signed_chunks || trailer_signed_)
    return malformed_trailer();
  std::string name = lower(std::string_view(line_).substr(0, colon));
  const std::string_view value = trimmed(std::string_view(line_).substr(colon + 1));
  if (name == kTrailerSignature && wants_signature) {
    chunk_signature_ = value;
    return check_trailer();
  }
  const bool declared = std::ranges::find(options_.trailer_names, name) != options_.trailer_names.end();
  const bool again =
      std::ranges::any_of(trailers_, [&](const auto& trailer) { return trailer.first == name; });
  if (!declared || again) return malformed_trailer();
  trailers_.emplace_back(std::move(name), value);
  return {};
}

Result<void> ChunkedDecoder::check_trailer() {
  Trailers sorted = trailers_;
  std::ranges::sort(sorted);
  std::string canonical;
  for (const auto& [name, value] : sorted) canonical.append(name).append(":").append(value).append("\n");
  const std::string expected = sign_trailer(options_.signing, previous_signature_, canonical);
  if (!equal_constant_time(expected, chunk_signature_)) return wrong_signature();
  trailer_signed_ = true;
  return {};
}

Result<void> ChunkedDecoder::finish() const {
  // Behind a trailer's signature some clients leave out the empty line; nothing can be missing there.
  if (state_ == State::done) return {};
  if (state_ == State::trailer && trailer_signed_ && line_.empty() &&
      trailers_.size() == options_.trailer_names.size())
    return {};
  return incomplete_body();
}

}  // namespace gatehouse::identity
