// Reading everything again: every object's data against its checksums, every blob against the records.
#pragma once

#include <functional>

#include "service/s3/s3.h"

namespace gatehouse::service::s3 {

struct Finding {
  enum class Kind : std::uint8_t {
    unreadable,  // a record that cannot be read, or belongs to nothing
    missing,     // a record names a blob that is not there
    damaged,     // data that are not what was written
    unchecked,   // data that only the customer's or a disabled KMS key opens
    orphan,      // a blob that no record names: the next start's sweep takes it
  };
  Kind kind;
  std::string where;  // BUCKET/KEY, with its version or part, or the blob's id
  std::string what;

  bool is_damage() const { return kind < Kind::unchecked; }
};
std::string_view to_string(Finding::Kind kind);

struct Checked {
  size_t versions = 0, parts = 0, blobs = 0;
  std::uint64_t bytes = 0;
};

// For a store that nobody writes to meanwhile.
Result<Checked> check_everything(S3& s3, const std::function<void(const Finding&)>& report);

}  // namespace gatehouse::service::s3
