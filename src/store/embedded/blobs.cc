#include "store/embedded/blobs.h"

#include <algorithm>

#include "store/embedded/status.h"

namespace gatehouse::store {

namespace {

constexpr size_t kIdDigits = 32;
constexpr std::string_view kDigits = "0123456789ABCDEF";

// Ids come from records, but a path is made of them: nothing else may pass.
bool is_id(std::string_view id) {
  return id.size() == kIdDigits && id.find_first_not_of(kDigits) == std::string_view::npos;
}

std::unexpected<Error> refuse(const rocksdb::IOStatus& status, std::string_view doing) {
  return std::unexpected(error_of(status, doing));
}

std::unexpected<Error> no_such_blob() { return fail("NoSuchBlob", "There is no such blob.", 404); }

class FileReader final : public BlobReader {
 public:
  FileReader(std::unique_ptr<rocksdb::FSRandomAccessFile> file, std::uint64_t size)
      : file_(std::move(file)), size_(size) {}

  std::uint64_t size() const override { return size_; }

  Result<size_t> read(std::uint64_t offset, std::span<char> out) const override {
    if (offset >= size_ || out.empty()) return size_t{0};
    rocksdb::Slice got;
    rocksdb::IOStatus status = file_->Read(offset, out.size(), {}, &got, out.data(), nullptr);
    if (!status.ok()) return refuse(status, "reading a blob");
    if (got.data() != out.data()) std::copy_n(got.data(), got.size(), out.data());
    return got.size();
  }

 private:
  std::unique_ptr<rocksdb::FSRandomAccessFile> file_;
  std::uint64_t size_;
};

}  // namespace

class FileWriter final : public BlobWriter {
 public:
  FileWriter(std::shared_ptr<EmbeddedBlobs::Shared> shared, std::string id,
             std::unique_ptr<rocksdb::FSWritableFile> file)
      : shared_(std::move(shared)), id_(std::move(id)), file_(std::move(file)) {}

  ~FileWriter() override {
    if (file_) file_->Close({}, nullptr).PermitUncheckedError();
    if (!sealed_) files().DeleteFile(shared_->draft_path(id_), {}, nullptr).PermitUncheckedError();
    std::lock_guard lock(shared_->mutex);
    shared_->living.erase(id_);
  }

  Result<void> append(std::string_view data) override {
    if (!file_) return internal_failure();
    rocksdb::IOStatus status = file_->Append({data.data(), data.size()}, {}, nullptr);
    if (status.ok()) return {};
    broken_ = true;
    return refuse(status, "writing a blob");
  }

  Result<std::string> seal() override {
    if (!file_ || broken_) return internal_failure();
    rocksdb::IOStatus status = file_->Sync({}, nullptr);
    if (status.ok()) status = file_->Close({}, nullptr);
    file_.reset();
    if (status.ok()) status = shared_->make_folder(id_);
    if (status.ok()) {
      status = files().RenameFile(shared_->draft_path(id_), shared_->path(id_), {}, nullptr);
      sealed_ = status.ok();
    }
    if (status.ok()) status = shared_->home->sync_directory(shared_->folder_path(id_));
    if (!status.ok()) return refuse(status, "sealing a blob");
    return id_;
  }

 private:
  rocksdb::FileSystem& files() const { return shared_->home->files(); }

  std::shared_ptr<EmbeddedBlobs::Shared> shared_;
  std::string id_;
  std::unique_ptr<rocksdb::FSWritableFile> file_;
  bool broken_ = false;
  bool sealed_ = false;
};

std::string EmbeddedBlobs::Shared::draft_path(std::string_view id) const {
  return home->path("blobs/drafts/").append(id);
}

std::string EmbeddedBlobs::Shared::folder_path(std::string_view id) const {
  return home->path("blobs/").append(id.substr(0, 2));
}

std::string EmbeddedBlobs::Shared::path(std::string_view id) const {
  return folder_path(id).append("/").append(id);
}

bool EmbeddedBlobs::Shared::lives(const std::string& id) {
  std::lock_guard lock(mutex);
  return living.contains(id);
}

// Once a process and folder: one that an earlier process made may never have been synced.
rocksdb::IOStatus EmbeddedBlobs::Shared::make_folder(std::string_view id) {
  std::atomic<bool>& ready = folders[kDigits.find(id[0]) * 16 + kDigits.find(id[1])];
  if (ready) return rocksdb::IOStatus::OK();
  rocksdb::IOStatus status = home->files().CreateDirIfMissing(folder_path(id), {}, nullptr);
  if (status.ok()) status = home->sync_directory(home->path("blobs"));
  if (status.ok()) ready = true;
  return status;
}

Result<std::unique_ptr<EmbeddedBlobs>> EmbeddedBlobs::open(std::shared_ptr<Home> home) {
  bool is_new = !home->files().FileExists(home->path("blobs/drafts"), {}, nullptr).ok();
  rocksdb::IOStatus status = home->files().CreateDirIfMissing(home->path("blobs"), {}, nullptr);
  if (status.ok()) status = home->files().CreateDirIfMissing(home->path("blobs/drafts"), {}, nullptr);
  if (status.ok() && is_new) status = home->sync_directory(home->path("blobs"));
  if (status.ok() && is_new) status = home->sync_directory(home->path("."));
  if (!status.ok()) return refuse(status, "opening the blobs");
  return std::unique_ptr<EmbeddedBlobs>(new EmbeddedBlobs(std::move(home)));
}

Result<std::unique_ptr<BlobWriter>> EmbeddedBlobs::create() {
  std::string id = random_.hex(kIdDigits);
  {
    std::lock_guard lock(shared_->mutex);
    shared_->living.insert(id);
  }
  std::unique_ptr<rocksdb::FSWritableFile> file;
  rocksdb::IOStatus status =
      shared_->home->files().NewWritableFile(shared_->draft_path(id), {}, &file, nullptr);
  auto writer = std::make_unique<FileWriter>(shared_, std::move(id), std::move(file));
  if (!status.ok()) return refuse(status, "creating a blob");
  return writer;
}

Result<std::unique_ptr<BlobReader>> EmbeddedBlobs::open(std::string_view id) const {
  if (!is_id(id)) return no_such_blob();
  std::string path = shared_->path(id);
  std::unique_ptr<rocksdb::FSRandomAccessFile> file;
  std::uint64_t size = 0;
  rocksdb::IOStatus status = shared_->home->files().NewRandomAccessFile(path, {}, &file, nullptr);
  if (status.IsPathNotFound() || status.IsNotFound()) return no_such_blob();
  if (status.ok()) status = shared_->home->files().GetFileSize(path, {}, &size, nullptr);
  if (!status.ok()) return refuse(status, "opening a blob");
  return std::make_unique<FileReader>(std::move(file), size);
}

// The removal is not synced: a blob that a power cut brings back has no record, and the sweep takes it.
Result<void> EmbeddedBlobs::remove(std::string_view id) {
  if (!is_id(id)) return {};
  rocksdb::IOStatus status = shared_->home->files().DeleteFile(shared_->path(id), {}, nullptr);
  if (status.ok() || status.IsPathNotFound() || status.IsNotFound()) return {};
  return refuse(status, "removing a blob");
}

Result<size_t> EmbeddedBlobs::sweep(const std::function<bool(std::string_view id)>& named) {
  // Everything is listed before `named` is asked, and what lives is left out here: a record that names a
  // listed blob was therefore committed before the first question.
  std::vector<std::string> drafts;
  std::vector<std::string> sealed;
  std::vector<std::string> unnamed;
  rocksdb::IOStatus status = list(shared_->home->path("blobs/drafts"), drafts);
  if (status.ok()) status = list_sealed(sealed);
  if (!status.ok()) return refuse(status, "listing blobs");
  for (const std::string& id : drafts) unnamed.push_back(shared_->draft_path(id));
  for (const std::string& id : sealed) {
    if (!named(id)) unnamed.push_back(shared_->path(id));
  }
  return remove_all(unnamed);
}

Result<void> EmbeddedBlobs::visit(const BlobVisitor& visitor) const {
  std::vector<std::string> sealed;
  if (const auto status = list_sealed(sealed); !status.ok()) return refuse(status, "listing blobs");
  for (const std::string& id : sealed) {
    std::uint64_t size = 0;
    const auto status = shared_->home->files().GetFileSize(shared_->path(id), {}, &size, nullptr);
    if (status.IsPathNotFound() || status.IsNotFound()) continue;  // removed meanwhile
    if (!status.ok()) return refuse(status, "looking at a blob");
    visitor(id, size);
  }
  return {};
}

rocksdb::IOStatus EmbeddedBlobs::list_sealed(std::vector<std::string>& ids) const {
  for (size_t folder = 0; folder < 256; ++folder) {
    const std::string name{kDigits[folder / 16], kDigits[folder % 16]};
    const auto status = list(shared_->home->path("blobs/" + name), ids);
    if (!status.ok() && !status.IsPathNotFound() && !status.IsNotFound()) return status;
  }
  return rocksdb::IOStatus::OK();
}

// Adds the ids in `folder` that no living writer has.
rocksdb::IOStatus EmbeddedBlobs::list(const std::string& folder, std::vector<std::string>& ids) const {
  std::vector<std::string> names;
  rocksdb::IOStatus status = shared_->home->files().GetChildren(folder, {}, &names, nullptr);
  for (std::string& name : names) {
    if (is_id(name) && !shared_->lives(name)) ids.push_back(std::move(name));
  }
  return status;
}

Result<size_t> EmbeddedBlobs::remove_all(const std::vector<std::string>& paths) {
  size_t removed = 0;
  for (const std::string& path : paths) {
    rocksdb::IOStatus status = shared_->home->files().DeleteFile(path, {}, nullptr);
    if (status.IsPathNotFound() || status.IsNotFound()) continue;
    if (!status.ok()) return refuse(status, "sweeping blobs");
    ++removed;
  }
  return removed;
}

}  // namespace gatehouse::store
