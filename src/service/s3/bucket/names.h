// What a bucket and a key may be called, and where their records lie.
//
//   bucket/ACCOUNT/REGION/BUCKET                      its configuration
//   object/ACCOUNT/REGION/BUCKET/KEY                  the current version, in the order S3 lists
//   version/ACCOUNT/REGION/BUCKET/KEY 00 00 SEQUENCE  older versions, newest first
//   upload/ACCOUNT/REGION/BUCKET/KEY 00 00 UPLOAD     multipart uploads under way
//   part/ACCOUNT/REGION/BUCKET/UPLOAD/NNNNN           and their parts
//
// Where something follows a key, the key's NUL bytes are written 00 FF, so that order is kept and no key is
// taken for another.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace gatehouse::service::s3 {

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
bool is_bucket_name(std::string_view name);

// 1 to 1,024 bytes of UTF-8.
Result<void> check_key(std::string_view key);

std::string bucket_arn(std::string_view bucket);
std::string object_arn(std::string_view bucket, std::string_view key);

// A key as it stands before a further part of a record's name.
std::string escaped(std::string_view key);
// The key back out of "ESCAPED 00 00 rest", and where the rest begins; nullopt if it is not of that form.
struct Unescaped {
  std::string key;
  std::string_view rest;
};
std::optional<Unescaped> unescaped(std::string_view text);

// Newest first: sixteen hexadecimal digits of the complement.
std::string descending(std::uint64_t sequence);

}  // namespace gatehouse::service::s3
