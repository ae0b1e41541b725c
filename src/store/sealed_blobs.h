// Blobs encrypted on their way to disk, over any engine's.
//
// The text is cut into frames of 64 KiB, each sealed by itself with AES-256-GCM under its number: a range
// opens the frames that it touches and no others, and a frame that was altered, cut or moved does not open. A
// key seals one blob only.
#pragma once

#include "store/store.h"

namespace gatehouse::store {

inline constexpr std::uint64_t kFrame = 64 * 1024;

// Bytes on disk of a text of this size.
std::uint64_t sealed_size(std::uint64_t text_size);

std::unique_ptr<BlobWriter> seal_into(std::unique_ptr<BlobWriter> blob, std::string key);

// `size` is the text's. Reads fail with InternalFailure where the blob does not hold what was written.
std::unique_ptr<BlobReader> unseal_from(std::unique_ptr<BlobReader> blob, std::string key,
                                        std::uint64_t size);

// The same for a text of at most one frame that lies elsewhere: in a record.
std::string seal_frame(std::string_view key, std::string_view text);
Result<std::string> unseal_frame(std::string_view key, std::string_view sealed);

}  // namespace gatehouse::store
