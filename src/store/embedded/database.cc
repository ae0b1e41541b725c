#include "store/embedded/database.h"

#include <rocksdb/env.h>
#include <rocksdb/listener.h>
#include <rocksdb/write_batch.h>

#include "base/log.h"
#include "store/embedded/options.h"

namespace gatehouse::store {

namespace {

constexpr std::string_view kBoundKey("\0revision-bound", 15);
constexpr Revision kBoundStep = 1 << 20;

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }

class Failures final : public rocksdb::EventListener {
 public:
  explicit Failures(std::shared_ptr<std::atomic<bool>> failed) : failed_(std::move(failed)) {}
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* error) override {
    if (!failed_->exchange(true)) log::error("store stopped writing", {{"cause", error->ToString()}});
  }
  // The next commit opens the database anew; nothing polls in the background.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* automatic) override {
    *automatic = false;
  }

 private:
  std::shared_ptr<std::atomic<bool>> failed_;
};

}  // namespace

RevisionBytes encode(Revision revision) {
  RevisionBytes out;
  for (char& byte : out) {
    byte = static_cast<char>(revision & 0xff);
    revision >>= 8;
  }
  return out;
}

Revision decode(const rocksdb::Slice& stored) {
  if (stored.size() < sizeof(Revision)) return 0;
  Revision revision = 0;
  for (size_t i = sizeof(Revision); i-- > 0;) {
    revision = (revision << 8) | static_cast<unsigned char>(stored[i]);
  }
  return revision;
}

rocksdb::Status Database::open(const Home& home, std::shared_ptr<Database>& result) {
  std::shared_ptr<Database> database(new Database);
  std::string directory = home.path("records");
  database->files_ = std::make_shared<FencedFiles>(home.shared_files(), directory);
  database->env_ = rocksdb::NewCompositeEnv(database->files_);
  rocksdb::Options options = database_options(database->env_.get());
  options.listeners.push_back(std::make_shared<Failures>(database->failed_));
  rocksdb::DB* db = nullptr;
  rocksdb::Status status = rocksdb::DB::Open(options, directory, &db);
  database->db_.reset(db);
  if (status.ok()) status = database->read_bound();
  if (status.ok()) result = std::move(database);
  return status;
}

Database::~Database() = default;

rocksdb::Status Database::read_bound() {
  rocksdb::PinnableSlice stored;
  rocksdb::Status status = get(kBoundKey, stored);
  if (status.IsNotFound()) {
    bound_ = 1;
    return rocksdb::Status::OK();
  }
  bound_ = status.ok() ? decode(stored) : 0;
  return status.ok() && bound_ == 0 ? rocksdb::Status::Corruption("revision bound") : status;
}

rocksdb::Status Database::get(std::string_view key, rocksdb::PinnableSlice& stored, Reach reach) const {
  rocksdb::ReadOptions options;
  if (reach == Reach::memory) options.read_tier = rocksdb::kBlockCacheTier;
  return db_->Get(options, db_->DefaultColumnFamily(), slice(key), &stored);
}

std::unique_ptr<rocksdb::Iterator> Database::iterate(const rocksdb::ReadOptions& options) const {
  return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(options));
}

rocksdb::Status Database::write(rocksdb::WriteBatch& batch) {
  rocksdb::Status status = db_->Write({}, &batch);
  if (!status.ok()) *failed_ = true;
  return status;
}

rocksdb::Status Database::sync() {
  if (failed()) return rocksdb::Status::IOError("failed before");
  rocksdb::Status status = files_->sync_logs();
  if (!status.ok()) *failed_ = true;
  return status;
}

rocksdb::Status Database::allow(Revision revision) {
  if (revision < bound_) return rocksdb::Status::OK();
  std::lock_guard lock(raising_);
  if (revision < bound_) return rocksdb::Status::OK();
  Revision bound = revision + kBoundStep;
  RevisionBytes encoded = encode(bound);
  rocksdb::WriteBatch batch;
  rocksdb::Status status = batch.Put(slice(kBoundKey), {encoded.data(), encoded.size()});
  if (status.ok()) status = write(batch);
  if (status.ok()) bound_ = bound;
  return status;
}

}  // namespace gatehouse::store
