#include "store/embedded/log_files.h"

#include <rocksdb/env.h>

namespace gatehouse::store {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

class LogFiles::LogFile final : public rocksdb::FSWritableFileWrapper {
 public:
  explicit LogFile(std::shared_ptr<Log> log) : FSWritableFileWrapper(log->file.get()), log_(std::move(log)) {}
  ~LogFile() override { log_->close({}, nullptr).PermitUncheckedError(); }

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* context) override {
    IOStatus status = target()->Append(data, options, context);
    log_->appended += data.size();
    return status;
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& verification, IODebugContext* context) override {
    IOStatus status = target()->Append(data, options, verification, context);
    log_->appended += data.size();
    return status;
  }
  IOStatus Close(const IOOptions& options, IODebugContext* context) override {
    return log_->close(options, context);
  }

 private:
  std::shared_ptr<Log> log_;
};

IOStatus LogFiles::Log::sync() {
  std::lock_guard lock(closing);
  std::uint64_t upto = appended;
  if (closed || upto == synced) return IOStatus::OK();
  IOStatus status = file->Sync({}, nullptr);
  if (status.ok()) synced = upto;
  return status;
}

IOStatus LogFiles::Log::close(const IOOptions& options, IODebugContext* context) {
  std::lock_guard lock(closing);
  if (closed) return IOStatus::OK();
  closed = true;
  return file->Close(options, context);
}

IOStatus LogFiles::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                   std::unique_ptr<rocksdb::FSWritableFile>* result,
                                   IODebugContext* context) {
  if (!name.ends_with(".log")) return target()->NewWritableFile(name, options, result, context);
  auto log = std::make_shared<Log>();
  IOStatus status = target()->NewWritableFile(name, options, &log->file, context);
  if (!status.ok()) return status;
  {
    std::lock_guard lock(mutex_);
    logs_.push_back(log);
    names_unsynced_ = true;
  }
  *result = std::make_unique<LogFile>(std::move(log));
  return status;
}

IOStatus LogFiles::sync() {
  bool names_unsynced = false;
  for (const std::shared_ptr<Log>& log : open_logs(names_unsynced)) {
    IOStatus status = log->sync();
    if (!status.ok()) return status;
  }
  if (!names_unsynced) return IOStatus::OK();
  std::unique_ptr<rocksdb::FSDirectory> directory;
  IOStatus status = target()->NewDirectory(directory_, {}, &directory, nullptr);
  if (status.ok()) status = directory->FsyncWithDirOptions({}, nullptr, {});
  if (!status.ok()) {
    std::lock_guard lock(mutex_);
    names_unsynced_ = true;
  }
  return status;
}

std::vector<std::shared_ptr<LogFiles::Log>> LogFiles::open_logs(bool& names_unsynced) {
  std::lock_guard lock(mutex_);
  names_unsynced = std::exchange(names_unsynced_, false);
  std::erase_if(logs_, [](const std::weak_ptr<Log>& log) { return log.expired(); });
  std::vector<std::shared_ptr<Log>> open;
  for (const std::weak_ptr<Log>& log : logs_) {
    if (auto alive = log.lock()) open.push_back(std::move(alive));
  }
  return open;
}

}  // namespace gatehouse::store
