// Blobs as files.
//
//   blobs/drafts/ID    being written
//   blobs/ab/abID…     sealed, below the first two digits of its id
//
// What seal() does, in the order that survives a power cut at any point: the data is synced under the draft's
// name; the file is renamed to its sealed name; the folder that has that name is synced. Only then is the id
// given out, so a record never names a blob that is not whole and on disk. A folder is synced into blobs/
// before the first file is renamed into it. A cut before the end leaves a draft or a sealed blob that no
// record names; the sweep takes both.
//
// The sweep leaves alone what a living BlobWriter made, sealed or not: its owner may be about to commit the
// record that names it.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_set>

#include "base/random.h"
#include "store/embedded/home.h"
#include "store/store.h"

namespace gatehouse::store {

class EmbeddedBlobs final : public Blobs {
 public:
  static Result<std::unique_ptr<EmbeddedBlobs>> open(std::shared_ptr<Home> home);

  Result<std::unique_ptr<BlobWriter>> create() override;
  Result<std::unique_ptr<BlobReader>> open(std::string_view id) const override;
  Result<void> remove(std::string_view id) override;
  Result<void> visit(const BlobVisitor& visitor) const override;
  Result<size_t> sweep(const std::function<bool(std::string_view id)>& named) override;

 private:
  friend class FileWriter;

  // What the writers need; they may outlive the EmbeddedBlobs.
  struct Shared {
    std::shared_ptr<Home> home;
    std::mutex mutex;
    std::unordered_set<std::string> living;  // ids of writers that exist
    std::array<std::atomic<bool>, 256> folders{};

    std::string draft_path(std::string_view id) const;
    std::string folder_path(std::string_view id) const;
    std::string path(std::string_view id) const;
    bool lives(const std::string& id);
    rocksdb::IOStatus make_folder(std::string_view id);
  };

  explicit EmbeddedBlobs(std::shared_ptr<Home> home) : shared_(std::make_shared<Shared>()) {
    shared_->home = std::move(home);
  }

  rocksdb::IOStatus list(const std::string& folder, std::vector<std::string>& ids) const;
  rocksdb::IOStatus list_sealed(std::vector<std::string>& ids) const;
  Result<size_t> remove_all(const std::vector<std::string>& paths);

  std::shared_ptr<Shared> shared_;
  SystemRandom random_;
};

}  // namespace gatehouse::store
