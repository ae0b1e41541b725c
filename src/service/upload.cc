#include "service/upload.h"

#include <algorithm>

#include "store/sealed_blobs.h"

namespace gatehouse::service {

Upload::Upload(store::Blobs& blobs) : blobs_(blobs) {
  want(Digest::Kind::md5);
  want(Digest::Kind::sha256);
}

void Upload::want(Digest::Kind kind) {
  const bool there =
      std::any_of(digests_.begin(), digests_.end(), [&](const auto& d) { return d.first == kind; });
  if (!there) digests_.emplace_back(kind, Digest(kind));
}

void Upload::seal_under(std::string key) { key_ = std::move(key); }

Result<void> Upload::append(std::string_view piece) {
  for (auto& [kind, digest] : digests_) digest.update(piece);
  size_ += piece.size();
  if (writer_ == nullptr && small_.size() + piece.size() <= kInlineLimit) {
    small_ += piece;
    return {};
  }
  if (writer_ == nullptr) {
    TRY(writer_, blobs_.create());
    if (!key_.empty()) writer_ = store::seal_into(std::move(writer_), key_);
    CHECK_OK(writer_->append(small_));
    small_ = {};
  }
  return writer_->append(piece);
}

std::string Upload::digest(Digest::Kind kind) {
  const auto done =
      std::find_if(finished_.begin(), finished_.end(), [&](const auto& d) { return d.first == kind; });
  if (done != finished_.end()) return done->second;
  const auto it =
      std::find_if(digests_.begin(), digests_.end(), [&](const auto& d) { return d.first == kind; });
  if (it == digests_.end()) return "";
  finished_.emplace_back(kind, it->second.finish());
  return finished_.back().second;
}

Result<std::string> Upload::seal() { return writer_->seal(); }

}  // namespace gatehouse::service
