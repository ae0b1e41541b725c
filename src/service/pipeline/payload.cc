#include "service/pipeline/payload.h"

#include <algorithm>

#include "base/encoding.h"

namespace gatehouse::service {
namespace {

struct Checksum {
  std::string_view name;
  Digest::Kind kind;
};
constexpr Checksum kChecksums[] = {{"crc32", Digest::Kind::crc32},
                                   {"crc32c", Digest::Kind::crc32c},
                                   {"crc64nvme", Digest::Kind::crc64nvme},
                                   {"sha1", Digest::Kind::sha1},
                                   {"sha256", Digest::Kind::sha256}};

// Named in a header of its own, announced as a trailer, or asked for by name.
bool wants(const wire::Head& head, std::string_view name) {
  const std::string header = "x-amz-checksum-" + std::string(name);
  if (head.headers.find(header) != nullptr) return true;
  const auto folded = [](std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
  };
  if (folded(head.headers.get("x-amz-trailer")) == header) return true;
  return folded(head.headers.get("x-amz-sdk-checksum-algorithm")) == name ||
         folded(head.headers.get("x-amz-checksum-algorithm")) == name;
}

}  // namespace

Result<std::unique_ptr<PayloadReader>> PayloadReader::open(const wire::Head& head,
                                                           const std::optional<identity::Claim>& claim,
                                                           const Sha256& key, Upload& upload) {
  std::unique_ptr<PayloadReader> reader(new PayloadReader(claim, upload));
  // What S3 adds where the client sends no checksum at all.
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
  upload.want(Digest::Kind::crc64nvme);
  for (const Checksum& checksum : kChecksums) {
    if (wants(head, checksum.name)) upload.want(checksum.kind);
  }
  using Mode = identity::PayloadMode;
  if (claim && claim->payload_mode != Mode::hash && claim->payload_mode != Mode::unsigned_payload) {
    identity::ChunkSigning signing{key, claim->amz_date, claim->scope(), claim->signature};
    TRY(auto options, identity::ChunkedDecoder::options_for(head, *claim, std::move(signing)));
    reader->chunked_.emplace(std::move(options));
  }
  return reader;
}

Result<void> PayloadReader::take(std::string_view piece) {
  if (!chunked_) return upload_.append(piece);
  return chunked_->feed(piece, [this](std::string_view data) { return upload_.append(data); });
}

Result<wire::Headers> PayloadReader::close() {
  wire::Headers trailers;
  if (chunked_) {
    CHECK_OK(chunked_->finish());
    for (const auto& [name, value] : chunked_->trailers()) trailers.add(name, value);
  } else if (claim_ && claim_->payload_mode == identity::PayloadMode::hash) {
    Sha256 digest;
    const std::string bytes = upload_.digest(Digest::Kind::sha256);
    std::copy(bytes.begin(), bytes.end(), digest.begin());
    CHECK_OK(identity::check_payload(*claim_, digest));
  }
  return trailers;
}

}  // namespace gatehouse::service
