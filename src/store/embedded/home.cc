#include "store/embedded/home.h"

#include <fmt/core.h>
#include <rocksdb/env.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

namespace gatehouse::store {

namespace {

constexpr std::string_view kFormatPrefix = "gatehouse data ";

std::unexpected<Error> unusable(std::string message) {
  return fail("DataDirectoryUnusable", std::move(message), 500);
}

std::string parent_of(const std::string& directory) {
  auto parent = std::filesystem::path(directory).parent_path();
  return parent.empty() ? "." : parent.string();
}

}  // namespace

Result<std::shared_ptr<Home>> Home::open(const std::string& directory,
                                         std::shared_ptr<rocksdb::FileSystem> files) {
  std::string trimmed = directory;
  while (trimmed.size() > 1 && trimmed.back() == '/') trimmed.pop_back();
  if (trimmed.empty()) return unusable("No data directory was named.");
  std::shared_ptr<Home> home(new Home(std::move(trimmed), std::move(files)));
  CHECK_OK(home->make_directory());
  CHECK_OK(home->lock());
  CHECK_OK(home->check_format());
  return home;
}

Home::~Home() {
  if (lock_ != nullptr) files_->UnlockFile(lock_, {}, nullptr).PermitUncheckedError();
}

Result<void> Home::make_directory() {
  std::error_code error;
  std::filesystem::create_directories(parent_of(directory_), error);
  if (!error && ::mkdir(directory_.c_str(), 0700) != 0 && errno != EEXIST) {
    error = std::error_code(errno, std::generic_category());
  }
  if (!error && !std::filesystem::is_directory(directory_)) {
    error = std::make_error_code(std::errc::not_a_directory);
  }
  if (error) {
    return unusable(
        fmt::format("The data directory \"{}\" cannot be made: {}.", directory_, error.message()));
  }
  return {};
}

Result<void> Home::lock() {
  rocksdb::IOStatus status = files_->LockFile(path("LOCK"), {}, &lock_, nullptr);
  if (status.ok()) return {};
  lock_ = nullptr;
  // RocksDB tells a held lock from one that may not be opened only in its text, so the file is asked.
  if (files_->FileExists(path("LOCK"), {}, nullptr).ok() && ::access(path("LOCK").c_str(), W_OK) == 0) {
    return unusable(
        fmt::format("The data directory \"{}\" is in use by another Gatehouse. Stop that one, or name "
                    "another directory with --data.",
                    directory_));
  }
  return unusable(
      fmt::format("The data directory \"{}\" cannot be written: {}.", directory_, status.ToString()));
}

Result<void> Home::check_format() {
  std::string text;
  rocksdb::IOStatus status = files_->FileExists(path("FORMAT"), {}, nullptr);
  if (status.IsNotFound()) {
    if (files_->FileExists(path("records"), {}, nullptr).ok()) {
      return unusable(
          fmt::format("The data directory \"{}\" has records but no FORMAT file: it is damaged, or not "
                      "Gatehouse's. Restore it from a copy, or name another directory with --data.",
                      directory_));
    }
    status = write_format();
    if (status.ok()) return {};
  } else if (status.ok()) {
    status = rocksdb::ReadFileToString(&files(), path("FORMAT"), &text);
  }
  if (!status.ok()) {
    return unusable(
        fmt::format("The data directory \"{}\" cannot be used: {}.", directory_, status.ToString()));
  }
  int format = 0;
  if (text.starts_with(kFormatPrefix)) {
    std::from_chars(text.data() + kFormatPrefix.size(), text.data() + text.size(), format);
  }
  if (format < 1) {
    return unusable(
        fmt::format("The data directory \"{}\" has a FORMAT file that Gatehouse cannot read.", directory_));
  }
  if (format > kFormat) {
    return unusable(
        fmt::format("The data directory \"{}\" was written by a newer Gatehouse (format {}; this one reads "
                    "up to {}). Use that version, or name another directory with --data.",
                    directory_, format, kFormat));
  }
  return {};
}

// The marker appears whole or not at all, and before any record.
rocksdb::IOStatus Home::write_format() {
  std::string line = fmt::format("{}{}\n", kFormatPrefix, kFormat);
  rocksdb::IOStatus status =
      rocksdb::WriteStringToFile(&files(), line, path("FORMAT.new"), /*should_sync=*/true);
  if (status.ok()) status = files_->RenameFile(path("FORMAT.new"), path("FORMAT"), {}, nullptr);
  if (status.ok()) status = sync_directory(directory_);
  if (status.ok()) status = sync_directory(parent_of(directory_));
  return status;
}

rocksdb::IOStatus Home::sync_directory(const std::string& path) const {
  std::unique_ptr<rocksdb::FSDirectory> directory;
  rocksdb::IOStatus status = files_->NewDirectory(path, {}, &directory, nullptr);
  if (status.ok()) status = directory->FsyncWithDirOptions({}, nullptr, {});
  return status;
}

}  // namespace gatehouse::store
