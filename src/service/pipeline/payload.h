// An upload's bytes on their way into the Upload: plain or in aws-chunked framing, checked against what was
// signed.
#pragma once

#include <memory>
#include <optional>

#include "identity/signature/chunked.h"
#include "identity/signature/sigv4.h"
#include "service/upload.h"
#include "wire/http.h"

namespace gatehouse::service {

class PayloadReader {
 public:
  // Tells the upload which checksums to take; opens the framing that x-amz-content-sha256 announces. `key`
  // signs the chunks that follow.
  static Result<std::unique_ptr<PayloadReader>> open(const wire::Head& head,
                                                     const std::optional<identity::Claim>& claim,
                                                     const Sha256& key, Upload& upload);

  Result<void> take(std::string_view piece);
  // After the last piece: the whole was there, and it is what was signed. Returns the trailers.
  Result<wire::Headers> close();

 private:
  PayloadReader(const std::optional<identity::Claim>& claim, Upload& upload)
      : claim_(claim), upload_(upload) {}

  const std::optional<identity::Claim>& claim_;
  Upload& upload_;
  std::optional<identity::ChunkedDecoder> chunked_;
};

}  // namespace gatehouse::service
