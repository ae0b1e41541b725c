#include "store/sealed_blobs.h"

#include <algorithm>
#include <array>

#include "base/cipher.h"
#include "base/log.h"

namespace gatehouse::store {
namespace {

using Nonce = std::array<char, kCipherNonce>;

Nonce nonce_of(std::uint64_t frame) {
  Nonce nonce{};
  for (size_t i = kCipherNonce; i-- > kCipherNonce - sizeof frame; frame >>= 8)
    nonce[i] = static_cast<char>(frame & 0xff);
  return nonce;
}

std::string_view view(const Nonce& nonce) { return {nonce.data(), nonce.size()}; }

std::unexpected<Error> altered(std::string_view what) {
  log::error("data on disk are not what was written", {{"what", std::string(what)}});
  return internal_failure();
}

class SealedWriter final : public BlobWriter {
 public:
  SealedWriter(std::unique_ptr<BlobWriter> blob, const std::string& key)
      : blob_(std::move(blob)), cipher_(key) {}

  Result<void> append(std::string_view data) override {
    if (!pending_.empty()) {
      const size_t taken = std::min<size_t>(kFrame - pending_.size(), data.size());
      pending_.append(data.substr(0, taken));
      data.remove_prefix(taken);
      if (pending_.size() < kFrame) return {};
      add_frame(pending_);
      pending_.clear();
    }
    for (; data.size() >= kFrame; data.remove_prefix(kFrame)) add_frame(data.substr(0, kFrame));
    pending_ = data;
    return write_out();
  }

  Result<std::string> seal() override {
    if (!pending_.empty()) add_frame(pending_);
    pending_.clear();
    CHECK_OK(write_out());
    return blob_->seal();
  }

 private:
  void add_frame(std::string_view text) {
    const size_t at = sealed_.size();
    sealed_.resize(at + text.size() + kCipherTag);
    cipher_.seal(view(nonce_of(frame_++)), "", text, sealed_.data() + at);
  }

  Result<void> write_out() {
    if (sealed_.empty()) return {};
    auto written = blob_->append(sealed_);
    sealed_.clear();
    return written;
  }

  std::unique_ptr<BlobWriter> blob_;
  Cipher cipher_;
  std::uint64_t frame_ = 0;
  std::string pending_;  // less than a frame
  std::string sealed_;
};

class SealedReader final : public BlobReader {
 public:
  SealedReader(std::unique_ptr<BlobReader> blob, std::string key, std::uint64_t size)
      : blob_(std::move(blob)), key_(std::move(key)), size_(size) {}

  std::uint64_t size() const override { return size_; }

  Result<size_t> read(std::uint64_t offset, std::span<char> out) const override {
    if (offset >= size_) return size_t{0};
    Cipher cipher(key_);
    const auto sealed = std::make_unique_for_overwrite<char[]>(kFrame + kCipherTag);
    std::unique_ptr<char[]> part;  // of a frame that is wanted in part only
    size_t done = 0;
    while (done < out.size() && offset < size_) {
      const std::uint64_t frame = offset / kFrame;
      const auto length = static_cast<size_t>(std::min(kFrame, size_ - frame * kFrame));
      const auto from = static_cast<size_t>(offset % kFrame);
      const size_t wanted = std::min(length - from, out.size() - done);
      const bool whole = wanted == length;
      if (!whole && !part) part = std::make_unique_for_overwrite<char[]>(kFrame);
      char* text = whole ? out.data() + done : part.get();
      CHECK_OK(open(cipher, frame, {sealed.get(), length + kCipherTag}, text));
      if (!whole) std::copy_n(text + from, wanted, out.data() + done);
      done += wanted;
      offset += wanted;
    }
    return done;
  }

 private:
  Result<void> open(Cipher& cipher, std::uint64_t frame, std::span<char> sealed, char* text) const {
    TRY(const size_t got, blob_->read(frame * (kFrame + kCipherTag), sealed));
    if (got != sealed.size()) return altered("a blob that is too short");
    if (!cipher.open(view(nonce_of(frame)), "", {sealed.data(), sealed.size()}, text))
      return altered("a blob's frame");
    return {};
  }

  std::unique_ptr<BlobReader> blob_;
  std::string key_;
  std::uint64_t size_;
};

}  // namespace

std::uint64_t sealed_size(std::uint64_t text_size) {
  return text_size + (text_size + kFrame - 1) / kFrame * kCipherTag;
}

std::unique_ptr<BlobWriter> seal_into(std::unique_ptr<BlobWriter> blob, std::string key) {
  return std::make_unique<SealedWriter>(std::move(blob), key);
}

std::unique_ptr<BlobReader> unseal_from(std::unique_ptr<BlobReader> blob, std::string key,
                                        std::uint64_t size) {
  return std::make_unique<SealedReader>(std::move(blob), std::move(key), size);
}

std::string seal_frame(std::string_view key, std::string_view text) {
  std::string sealed(text.size() + kCipherTag, '\0');
  Cipher(key).seal(view(nonce_of(0)), "", text, sealed.data());
  return sealed;
}

Result<std::string> unseal_frame(std::string_view key, std::string_view sealed) {
  if (sealed.size() < kCipherTag) return altered("a record that is too short");
  std::string text(sealed.size() - kCipherTag, '\0');
  if (!Cipher(key).open(view(nonce_of(0)), "", sealed, text.data())) return altered("data in a record");
  return text;
}

}  // namespace gatehouse::store
