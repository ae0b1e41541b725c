// What the tests of this folder share.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

#include "store/embedded/embedded.h"

namespace gatehouse::store::testing {

// A directory of its own, gone at the end.
class Scratch {
 public:
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "gatehouse-store-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no scratch directory");
    root_ = pattern;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  // The data directory, not made yet.
  std::string path() const { return root_ + "/data"; }

 private:
  std::string root_;
};

inline Result<Revision> put(Records& records, std::string_view key, std::string_view value) {
  Batch batch;
  batch.puts.emplace_back(key, value);
  return records.commit(key, std::move(batch));
}

}  // namespace gatehouse::store::testing
