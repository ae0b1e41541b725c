// Checksums that clients send along and ask for back.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
#pragma once

#include <span>
#include <string_view>

#include "base/hash.h"
#include "service/call.h"
#include "service/s3/object/object.h"
#include "service/upload.h"
#include "wire/http.h"
#include "wire/value.h"

namespace gatehouse::service::s3 {

struct Algorithm {
  std::string_view name;  // "CRC32"
  std::string_view header;
  wire::Member member;
  Digest::Kind kind;
  size_t size;       // in bytes
  bool full_object;  // S3 can put the parts' checksums together into the object's
};
std::span<const Algorithm> algorithms();
const Algorithm* find_algorithm(std::string_view name);

// Before the payload comes: takes the digests that the headers or the announced trailer will be compared
// with; CRC64NVME where none is, as S3 does.
void want_checksums(const wire::Head& head, Upload& upload);

// After it: compares Content-MD5 and the checksum sent, before or after the payload, and returns what to
// keep.
Result<Checksum> verify_payload(const Call& call, Upload& upload);

// The same for a body that is no payload, by its headers: a list of deletions, a configuration.
Result<void> verify_body(const wire::Head& head, std::string_view body);

// The checksum that the members of `in` name, if any. InvalidRequest for two, or for one that cannot be.
Result<Checksum> given_checksum(const wire::Value& in);

// ChecksumCRC32 and so on, and ChecksumType.
void set_checksum(wire::Value& out, const Checksum& checksum);

}  // namespace gatehouse::service::s3
