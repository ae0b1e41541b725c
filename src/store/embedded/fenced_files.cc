#include "store/embedded/fenced_files.h"

#include <rocksdb/env.h>

namespace gatehouse::store {

using rocksdb::IOStatus;

namespace {

IOStatus behind_fence() { return IOStatus::IOError("the database was opened anew"); }

}  // namespace

// Every writable file is wrapped, so that the fence holds for all; only logs are kept for sync_logs().
class FencedFiles::File final : public rocksdb::FSWritableFileWrapper {
 public:
  File(FencedFiles& files, std::shared_ptr<Log> log)
      : FSWritableFileWrapper(log->file.get()), files_(files), log_(std::move(log)) {}
  ~File() override { log_->close({}, nullptr).PermitUncheckedError(); }

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, Context* context) override {
    return change(data.size(), [&] { return target()->Append(data, options, context); });
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& verification, Context* context) override {
    return change(data.size(), [&] { return target()->Append(data, options, verification, context); });
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, Context* context) override {
    return change(0, [&] { return target()->Truncate(size, options, context); });
  }
  IOStatus Close(const IOOptions& options, Context* context) override {
    return log_->close(options, context);
  }

 private:
  template <typename Work>
  IOStatus change(size_t bytes, const Work& work) {
    std::shared_lock lock(files_.fence_);
    if (files_.fenced_) return behind_fence();
    IOStatus status = work();
    log_->appended += bytes;
    return status;
  }

  FencedFiles& files_;
  std::shared_ptr<Log> log_;
};

IOStatus FencedFiles::Log::sync() {
  std::lock_guard lock(closing);
  std::uint64_t upto = appended;
  if (closed || upto == synced) return IOStatus::OK();
  IOStatus status = file->Sync({}, nullptr);
  if (status.ok()) synced = upto;
  return status;
}

IOStatus FencedFiles::Log::close(const IOOptions& options, Context* context) {
  std::lock_guard lock(closing);
  if (closed) return IOStatus::OK();
  closed = true;
  return file->Close(options, context);
}

IOStatus FencedFiles::sync_logs() {
  bool names_unsynced = false;
  std::vector<std::shared_ptr<Log>> logs = open_logs(names_unsynced);
  IOStatus status;
  for (size_t i = 0; i < logs.size() && status.ok(); ++i) status = logs[i]->sync();
  if (!names_unsynced) return status;
  std::unique_ptr<rocksdb::FSDirectory> directory;
  if (status.ok()) status = target()->NewDirectory(directory_, {}, &directory, nullptr);
  if (status.ok()) status = directory->FsyncWithDirOptions({}, nullptr, {});
  if (!status.ok()) {
    std::lock_guard lock(mutex_);
    names_unsynced_ = true;
  }
  return status;
}

std::vector<std::shared_ptr<FencedFiles::Log>> FencedFiles::open_logs(bool& names_unsynced) {
  std::lock_guard lock(mutex_);
  names_unsynced = std::exchange(names_unsynced_, false);
  std::erase_if(logs_, [](const std::weak_ptr<Log>& log) { return log.expired(); });
  std::vector<std::shared_ptr<Log>> open;
  for (const std::weak_ptr<Log>& log : logs_) {
    if (auto alive = log.lock()) open.push_back(std::move(alive));
  }
  return open;
}

void FencedFiles::fence() {
  std::unique_lock lock(fence_);
  fenced_ = true;
}

// A name that is there already belongs to a fenced opening that may still have it open: it gets a new file,
// not the old one emptied.
IOStatus FencedFiles::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* result, Context* context) {
  std::shared_lock lock(fence_);
  if (fenced_) return behind_fence();
  if (target()->FileExists(name, {}, context).ok()) {
    IOStatus removed = target()->DeleteFile(name, {}, context);
    if (!removed.ok()) return removed;
  }
  auto log = std::make_shared<Log>();
  IOStatus status = target()->NewWritableFile(name, options, &log->file, context);
  if (!status.ok()) return status;
  if (name.ends_with(".log")) {
    std::lock_guard guard(mutex_);
    logs_.push_back(log);
    names_unsynced_ = true;
  }
  *result = std::make_unique<File>(*this, std::move(log));
  return status;
}

IOStatus FencedFiles::ReopenWritableFile(const std::string&, const rocksdb::FileOptions&,
                                         std::unique_ptr<rocksdb::FSWritableFile>*, Context*) {
  return IOStatus::NotSupported("files are written once");
}

IOStatus FencedFiles::ReuseWritableFile(const std::string&, const std::string&, const rocksdb::FileOptions&,
                                        std::unique_ptr<rocksdb::FSWritableFile>*, Context*) {
  return IOStatus::NotSupported("logs are not recycled");
}

IOStatus FencedFiles::DeleteFile(const std::string& name, const IOOptions& options, Context* context) {
  std::shared_lock lock(fence_);
  return fenced_ ? behind_fence() : target()->DeleteFile(name, options, context);
}

IOStatus FencedFiles::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                                 Context* context) {
  std::shared_lock lock(fence_);
  return fenced_ ? behind_fence() : target()->RenameFile(from, to, options, context);
}

IOStatus FencedFiles::LockFile(const std::string&, const IOOptions&, rocksdb::FileLock** lock, Context*) {
  *lock = new rocksdb::FileLock;
  return IOStatus::OK();
}

IOStatus FencedFiles::UnlockFile(rocksdb::FileLock* lock, const IOOptions&, Context*) {
  delete lock;
  return IOStatus::OK();
}

}  // namespace gatehouse::store
