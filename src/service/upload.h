// A payload that streams in: kept in memory while small, in a blob once it is not, its digests taken on the
// way, and the blob encrypted.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "store/store.h"

namespace gatehouse::service {

inline constexpr size_t kInlineLimit = 64 * 1024;  // objects up to this live in their record

class Upload {
 public:
  explicit Upload(store::Blobs& blobs);

  void want(Digest::Kind kind);      // before the first append; md5 and sha256 are always taken
  void seal_under(std::string key);  // before the first append: what the blob is encrypted with
  Result<void> append(std::string_view piece);

  // After the last piece. Digests are raw bytes.
  std::uint64_t size() const { return size_; }
  std::string digest(Digest::Kind kind);

  bool is_inline() const { return writer_ == nullptr; }
  const std::string& data() const { return small_; }  // when inline; not encrypted
  Result<std::string> seal();                         // when not: the blob's id, on disk

 private:
  store::Blobs& blobs_;
  std::vector<std::pair<Digest::Kind, Digest>> digests_;
  std::vector<std::pair<Digest::Kind, std::string>> finished_;
  std::string key_;
  std::string small_;
  std::unique_ptr<store::BlobWriter> writer_;
  std::uint64_t size_ = 0;
};

}  // namespace gatehouse::service
