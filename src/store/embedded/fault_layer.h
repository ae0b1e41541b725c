// A file layer for tests: it knows what was synced, and can lose the rest as a power cut does, fill up, fail
// to sync, be slow to sync, and count. A kill proves little about durability, because the page cache outlives
// the process; cut_power() and lose_unsynced() take that away.
//
//   auto layer = std::make_shared<FaultLayer>();
//   { auto store = open_embedded(dir, layer); …; layer->cut_power(); }
//   layer->lose_unsynced(seed);     // the disk is now what a cut may have left
//   auto store = open_embedded(dir, std::make_shared<FaultLayer>());
//
// The strictest reading of POSIX is taken: data is there as far as the file was synced, and a name is there
// (or gone) only once its folder was synced.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace gatehouse::store::testing {

class FaultLayer final : public rocksdb::FileSystemWrapper {
 public:
  using IOStatus = rocksdb::IOStatus;
  using IOOptions = rocksdb::IOOptions;
  using Context = rocksdb::IODebugContext;

  FaultLayer() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FaultLayer"; }

  void fill_disk(bool full) { full_ = full; }
  void break_syncs(bool broken) { broken_ = broken; }
  void delay_syncs(std::chrono::microseconds by) { delay_ = by; }
  int log_syncs() const { return log_syncs_; }
  int other_syncs() const { return other_syncs_; }

  // From now on every change fails and nothing more counts as synced.
  void cut_power() {
    std::lock_guard lock(mutex_);
    dead_ = true;
  }

  // Call when the store that used this layer is gone. Of each unsynced tail a random part stays, as a disk
  // may have written some of it.
  void lose_unsynced(unsigned seed);

  IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result, Context* context) override;
  IOStatus ReopenWritableFile(const std::string&, const rocksdb::FileOptions&,
                              std::unique_ptr<rocksdb::FSWritableFile>*, Context*) override {
    return IOStatus::NotSupported("not followed by this layer");
  }
  IOStatus ReuseWritableFile(const std::string&, const std::string&, const rocksdb::FileOptions&,
                             std::unique_ptr<rocksdb::FSWritableFile>*, Context*) override {
    return IOStatus::NotSupported("not followed by this layer");
  }
  IOStatus NewDirectory(const std::string& name, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* result, Context* context) override;
  IOStatus CreateDir(const std::string& name, const IOOptions& options, Context* context) override;
  IOStatus CreateDirIfMissing(const std::string& name, const IOOptions& options, Context* context) override;
  IOStatus DeleteFile(const std::string& name, const IOOptions& options, Context* context) override;
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      Context* context) override;

 private:
  struct File {
    std::uint64_t written = 0;
    std::uint64_t synced = 0;
  };
  struct Change {
    enum { kCreated, kRenamed, kRemoved } kind;
    std::string path;
    std::string from;       // kRenamed
    bool replaced = false;  // something was at `path` before, with `content`
    std::string content;
  };
  class Writable;
  class Directory;

  static std::string normal(const std::string& path) {
    std::string out = std::filesystem::path(path).lexically_normal().string();
    while (out.size() > 1 && (out.back() == '/' || out.ends_with("/."))) out.pop_back();
    return out;
  }
  static std::string parent(const std::string& path) {
    return std::filesystem::path(path).parent_path().string();
  }
  static IOStatus no_power() { return IOStatus::IOError("the power is cut"); }

  std::string synced_content(const std::string& path);
  void undo(const Change& change);
  IOStatus before_sync(const std::string& path);

  mutable std::mutex mutex_;
  bool dead_ = false;
  std::map<std::string, std::shared_ptr<File>> files_;
  std::vector<Change> changes_;  // not synced, in order
  std::atomic<bool> full_ = false;
  std::atomic<bool> broken_ = false;
  std::atomic<std::chrono::microseconds> delay_ = std::chrono::microseconds(0);
  std::atomic<int> log_syncs_ = 0;
  std::atomic<int> other_syncs_ = 0;
};

class FaultLayer::Writable final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  Writable(FaultLayer& layer, std::string path, std::shared_ptr<File> file,
           std::unique_ptr<rocksdb::FSWritableFile> target)
      : FSWritableFileOwnerWrapper(std::move(target)),
        layer_(layer),
        path_(std::move(path)),
        file_(std::move(file)) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, Context* context) override {
    if (layer_.full_) return IOStatus::NoSpace("the disk is full");
    std::lock_guard lock(layer_.mutex_);
    if (layer_.dead_) return no_power();
    IOStatus status = target()->Append(data, options, context);
    if (status.ok()) file_->written += data.size();
    return status;
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  Context* context) override {
    return Append(data, options, context);
  }
  IOStatus Sync(const IOOptions& options, Context* context) override { return synced(options, context); }
  IOStatus Fsync(const IOOptions& options, Context* context) override { return synced(options, context); }

 private:
  IOStatus synced(const IOOptions& options, Context* context) {
    std::uint64_t upto = 0;
    {
      std::lock_guard lock(layer_.mutex_);
      upto = file_->written;
    }
    IOStatus status = layer_.before_sync(path_);
    if (status.ok()) status = target()->Sync(options, context);
    std::lock_guard lock(layer_.mutex_);
    if (layer_.dead_) return no_power();
    if (status.ok()) file_->synced = std::max(file_->synced, upto);
    return status;
  }

  FaultLayer& layer_;
  std::string path_;
  std::shared_ptr<File> file_;
};

class FaultLayer::Directory final : public rocksdb::FSDirectoryWrapper {
 public:
  Directory(FaultLayer& layer, std::string path, std::unique_ptr<rocksdb::FSDirectory> target)
      : FSDirectoryWrapper(std::move(target)), layer_(layer), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions&, Context*) override {
    IOStatus status = layer_.before_sync(path_);
    std::lock_guard lock(layer_.mutex_);
    if (layer_.dead_) return no_power();
    if (status.ok()) std::erase_if(layer_.changes_, [&](const Change& c) { return parent(c.path) == path_; });
    return status;
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, Context* context,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, context);
  }

 private:
  FaultLayer& layer_;
  std::string path_;
};

inline rocksdb::IOStatus FaultLayer::before_sync(const std::string& path) {
  if (broken_) return IOStatus::IOError("the sync failed");
  ++(path.ends_with(".log") ? log_syncs_ : other_syncs_);
  auto delay = delay_.load();
  if (delay.count() > 0) std::this_thread::sleep_for(delay);
  return IOStatus::OK();
}

inline rocksdb::IOStatus FaultLayer::NewWritableFile(const std::string& name,
                                                     const rocksdb::FileOptions& options,
                                                     std::unique_ptr<rocksdb::FSWritableFile>* result,
                                                     Context* context) {
  std::string path = normal(name);
  std::lock_guard lock(mutex_);
  if (dead_) return no_power();
  Change change{Change::kCreated, path, "", std::filesystem::exists(path), ""};
  if (change.replaced) change.content = synced_content(path);
  std::unique_ptr<rocksdb::FSWritableFile> target_file;
  IOStatus status = target()->NewWritableFile(name, options, &target_file, context);
  if (!status.ok()) return status;
  auto file = std::make_shared<File>();
  files_[path] = file;
  changes_.push_back(std::move(change));
  *result = std::make_unique<Writable>(*this, path, std::move(file), std::move(target_file));
  return status;
}

inline rocksdb::IOStatus FaultLayer::NewDirectory(const std::string& name, const IOOptions& options,
                                                  std::unique_ptr<rocksdb::FSDirectory>* result,
                                                  Context* context) {
  std::unique_ptr<rocksdb::FSDirectory> target_directory;
  IOStatus status = target()->NewDirectory(name, options, &target_directory, context);
  if (status.ok()) *result = std::make_unique<Directory>(*this, normal(name), std::move(target_directory));
  return status;
}

inline rocksdb::IOStatus FaultLayer::CreateDir(const std::string& name, const IOOptions& options,
                                               Context* context) {
  std::lock_guard lock(mutex_);
  if (dead_) return no_power();
  IOStatus status = target()->CreateDir(name, options, context);
  if (status.ok()) changes_.push_back({Change::kCreated, normal(name), "", false, ""});
  return status;
}

inline rocksdb::IOStatus FaultLayer::CreateDirIfMissing(const std::string& name, const IOOptions& options,
                                                        Context* context) {
  if (std::filesystem::is_directory(name)) return IOStatus::OK();
  return CreateDir(name, options, context);
}

inline rocksdb::IOStatus FaultLayer::DeleteFile(const std::string& name, const IOOptions& options,
                                                Context* context) {
  std::string path = normal(name);
  std::lock_guard lock(mutex_);
  if (dead_) return no_power();
  if (!std::filesystem::exists(path)) return target()->DeleteFile(name, options, context);
  Change change{Change::kRemoved, path, "", true, synced_content(path)};
  IOStatus status = target()->DeleteFile(name, options, context);
  if (status.ok()) {
    files_.erase(path);
    changes_.push_back(std::move(change));
  }
  return status;
}

inline rocksdb::IOStatus FaultLayer::RenameFile(const std::string& from, const std::string& to,
                                                const IOOptions& options, Context* context) {
  std::lock_guard lock(mutex_);
  if (dead_) return no_power();
  Change change{Change::kRenamed, normal(to), normal(from), std::filesystem::exists(to), ""};
  if (change.replaced) change.content = synced_content(change.path);
  IOStatus status = target()->RenameFile(from, to, options, context);
  if (!status.ok()) return status;
  if (auto moved = files_.extract(change.from)) {
    files_.erase(change.path);
    moved.key() = change.path;
    files_.insert(std::move(moved));
  }
  changes_.push_back(std::move(change));
  return status;
}

inline std::string FaultLayer::synced_content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  std::string content = std::move(text).str();
  if (auto file = files_.find(path); file != files_.end()) {
    content.resize(std::min<size_t>(content.size(), file->second->synced));
  }
  return content;
}

inline void FaultLayer::lose_unsynced(unsigned seed) {
  std::lock_guard lock(mutex_);
  std::mt19937_64 random(seed);
  for (const auto& [path, file] : files_) {
    if (!std::filesystem::is_regular_file(path) || file->synced >= file->written) continue;
    std::uint64_t kept = file->synced + random() % (file->written - file->synced);
    std::filesystem::resize_file(path, kept);
  }
  for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) undo(*change);
  changes_.clear();
  files_.clear();
}

inline void FaultLayer::undo(const Change& change) {
  if (change.kind == Change::kRenamed && std::filesystem::exists(change.path)) {
    std::filesystem::rename(change.path, change.from);
  }
  if (change.kind == Change::kCreated) std::filesystem::remove_all(change.path);
  if (change.replaced) {
    std::ofstream(change.path, std::ios::binary | std::ios::trunc) << change.content;
  }
}

}  // namespace gatehouse::store::testing
