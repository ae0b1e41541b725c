// One version of an object, or a delete marker, and its record:
//
//   four bytes, little end first: the header's length | the header, JSON | the data, where it is small
//
// Larger data lie in blobs, one for each part of a multipart upload. Data are encrypted, the header is not;
// what an early Gatehouse wrote has no key in its header, and lies plain.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "account/caller.h"
#include "base/clock.h"
#include "base/error.h"
#include "service/s3/acl/acl.h"
#include "store/store.h"

namespace gatehouse::service::s3 {

struct Segment {
  std::string blob;
  std::uint64_t size = 0;
  std::string salt;  // tells its key from those of the object's other blobs
};

// What data are encrypted with: the object has a key of its own, and this is how that is kept.
struct Sealing {
  std::string algorithm = "AES256";  // as x-amz-server-side-encryption names it; empty: the customer's key
  std::string kms_key;               // its ARN
  bool bucket_key = false;
  std::string context;       // the caller's part of KMS's encryption context, JSON
  std::string customer_md5;  // of the customer's key, Base64
  std::string wrapped;       // the object's key, sealed; empty: data lie plain
};

struct Part {
  int number = 0;
  std::uint64_t size = 0;
  std::string checksum;  // Base64, of the object's algorithm; may be empty
};

struct Checksum {
  std::string algorithm;  // "CRC32", as the API spells it; empty: none
  std::string value;      // Base64, for composite ones with "-PARTS"
  bool composite = false;
  explicit operator bool() const { return !algorithm.empty(); }
};

// What the uploader says of the data; given back with it.
struct ContentHeaders {
  std::string type, encoding, language, disposition, cache_control, expires, redirect;
};

// Object Lock's hold on a version.
struct Lock {
  std::string mode;  // "GOVERNANCE" or "COMPLIANCE", with `until`; empty: no retention
  Time until{};
  std::string hold;  // "ON", "OFF"; empty: there never was a legal hold

  explicit operator bool() const { return !mode.empty() || !hold.empty(); }
  bool retains(Time now) const { return !mode.empty() && until > now; }
  bool holds(Time now) const { return hold == "ON" || retains(now); }
};

struct Object {
  std::uint64_t sequence = 0;  // orders the versions of a key
  std::string version;         // empty: the null version
  std::string owner;           // the writer's account, or kAnonymous; empty: the bucket's owner
  AclPtr acl;
  bool marker = false;  // a delete marker: nothing below but `modified` means anything
  Time modified{};
  std::uint64_t size = 0;
  std::string etag;  // without quotes
  ContentHeaders headers;
  std::vector<std::pair<std::string, std::string>> metadata;  // names without "x-amz-meta-"
  std::vector<account::Tag> tags;
  Checksum checksum;
  std::string storage_class = "STANDARD";
  Sealing sealing;
  Lock lock;
  std::vector<Part> parts;  // of a multipart upload
  std::vector<Segment> segments;
  std::string data;        // where there are no segments
  std::string salt;        // of `data`
  std::uint64_t over = 0;  // of an upload under way: the sequence of what was there when it began

  // Of one that was read.
  store::Revision revision = 0;

  std::string_view version_or_null() const { return version.empty() ? std::string_view("null") : version; }
};

using ObjectPtr = std::shared_ptr<const Object>;

std::string to_record(const Object& object);

enum class With : std::uint8_t { everything, header };
Result<Object> object_from_record(std::string_view record, store::Revision revision,
                                  With with = With::everything);

}  // namespace gatehouse::service::s3
