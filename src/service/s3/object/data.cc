#include "service/s3/object/data.h"

#include <algorithm>

#include "service/s3/object/sealing.h"
#include "store/sealed_blobs.h"

namespace gatehouse::service::s3 {
namespace {

class Segments final : public wire::BodySource {
 public:
  struct Piece {
    std::unique_ptr<store::BlobReader> blob;
    std::uint64_t from = 0, left = 0;
  };
  Segments(std::vector<Piece> pieces, std::uint64_t size) : pieces_(std::move(pieces)), size_(size) {}

  std::uint64_t size() const override { return size_; }

  Result<size_t> read(std::span<char> out) override {
    while (at_ < pieces_.size() && pieces_[at_].left == 0) pieces_[at_++].blob.reset();
    if (at_ == pieces_.size()) return 0;
    Piece& piece = pieces_[at_];
    const auto wanted = out.first(static_cast<size_t>(std::min<std::uint64_t>(out.size(), piece.left)));
    TRY(const size_t got, piece.blob->read(piece.from, wanted));
    // A blob shorter than its record says: better an answer that breaks off than one that is wrong.
    if (got == 0) return internal_failure();
    piece.from += got;
    piece.left -= got;
    return got;
  }

 private:
  std::vector<Piece> pieces_;
  size_t at_ = 0;
  std::uint64_t size_;
};

}  // namespace

Result<std::unique_ptr<wire::BodySource>> open_segments(const store::Blobs& blobs,
                                                        const std::vector<Segment>& segments,
                                                        const std::string& key, Range range) {
  std::vector<Segments::Piece> pieces;
  std::uint64_t start = 0;
  for (const Segment& segment : segments) {
    const std::uint64_t end = start + segment.size;
    if (end > range.first && start <= range.last) {
      TRY(auto blob, blobs.open(segment.blob));
      if (!key.empty()) blob = store::unseal_from(std::move(blob), blob_key(key, segment.salt), segment.size);
      const std::uint64_t from = std::max(range.first, start) - start;
      const std::uint64_t to = std::min(range.last + 1, end) - start;
      pieces.push_back({std::move(blob), from, to - from});
    }
    start = end;
  }
  return std::make_unique<Segments>(std::move(pieces), range.size());
}

Result<std::string> open_inline(const Object& object, const std::string& key) {
  if (object.size == 0) return std::string();
  if (key.empty()) return object.data;
  return store::unseal_frame(blob_key(key, object.salt), object.data);
}

}  // namespace gatehouse::service::s3
