// Walking a bucket in key order: keys with a prefix, rolled up at a delimiter.
//
// What is rolled up is jumped over, not read, so a page costs its own length whatever the bucket holds; only
// delete markers, which hide keys, are read for nothing, and no more than kMostScanned of them a page.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/s3/bucket/bucket.h"
#include "service/s3/object/object.h"
#include "store/store.h"

namespace gatehouse::service::s3 {

inline constexpr size_t kMostScanned = 100'000;

enum class Markers : std::uint8_t { hidden, shown };

struct Walk {
  std::string_view prefix, delimiter;
  std::string_view after;  // a key, or a common prefix: what comes behind it
  size_t limit = 1000;
  Markers markers = Markers::hidden;
};

struct Listed {
  struct Entry {
    std::string key;
    Object object;  // its header
  };
  std::vector<Entry> entries;
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string last;  // the last key or common prefix of the page

  size_t size() const { return entries.size() + common_prefixes.size(); }
};

Result<Listed> walk(const store::Records& records, const Bucket& bucket, const Walk& how);

// The first string behind all that begin with `text`.
std::string successor(std::string_view text);

// Where a walk begins: the first key it may show.
std::string first_key(const Walk& how);

// The common prefix that `key` rolls up to; empty where it stands for itself.
std::string_view rolled_up(std::string_view key, const Walk& how);

}  // namespace gatehouse::service::s3
