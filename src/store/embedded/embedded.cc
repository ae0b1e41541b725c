#include "store/embedded/embedded.h"

#include "store/embedded/blobs.h"
#include "store/embedded/home.h"
#include "store/embedded/records.h"

namespace gatehouse::store {

Result<Embedded> open_embedded(const std::string& directory) {
  return open_embedded(directory, rocksdb::FileSystem::Default());
}

Result<Embedded> open_embedded(const std::string& directory, std::shared_ptr<rocksdb::FileSystem> files) {
  TRY(std::shared_ptr<Home> home, Home::open(directory, std::move(files)));
  TRY(auto records, EmbeddedRecords::open(home));
  TRY(auto blobs, EmbeddedBlobs::open(home));
  return Embedded{std::move(records), std::move(blobs)};
}

}  // namespace gatehouse::store
