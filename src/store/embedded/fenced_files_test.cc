#include "store/embedded/fenced_files.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "store/embedded/fault_layer.h"
#include "store/embedded/testing.h"

namespace gatehouse::store {
namespace {

using testing::FaultLayer;
using testing::Scratch;

class FencedFilesTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(scratch_.path()); }
  std::string at(const std::string& name) { return scratch_.path() + "/" + name; }
  std::unique_ptr<rocksdb::FSWritableFile> create(const std::string& name) {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    EXPECT_TRUE(files_.NewWritableFile(at(name), {}, &file, nullptr).ok());
    return file;
  }
  void cut() {
    layer_->cut_power();
    layer_->lose_unsynced(1);
  }

  Scratch scratch_;
  std::shared_ptr<FaultLayer> layer_ = std::make_shared<FaultLayer>();
  FencedFiles files_{layer_, scratch_.path()};
};

TEST_F(FencedFilesTest, ASyncCoversEveryLogAndItsName) {
  auto first = create("1.log");
  ASSERT_TRUE(first->Append("first", {}, nullptr).ok());
  auto second = create("2.log");
  ASSERT_TRUE(second->Append("second", {}, nullptr).ok());
  ASSERT_TRUE(files_.sync_logs().ok());
  ASSERT_TRUE(second->Append("unsynced", {}, nullptr).ok());
  cut();
  EXPECT_EQ(std::filesystem::file_size(at("1.log")), 5u);
  EXPECT_GE(std::filesystem::file_size(at("2.log")), 6u);
  EXPECT_LT(std::filesystem::file_size(at("2.log")), 14u);
}

TEST_F(FencedFilesTest, WhatIsSyncedIsNotSyncedAgain) {
  auto log = create("1.log");
  ASSERT_TRUE(log->Append("x", {}, nullptr).ok());
  ASSERT_TRUE(files_.sync_logs().ok());
  int before = layer_->log_syncs();
  ASSERT_TRUE(files_.sync_logs().ok());
  EXPECT_EQ(layer_->log_syncs(), before);
  ASSERT_TRUE(log->Append("y", {}, nullptr).ok());
  ASSERT_TRUE(files_.sync_logs().ok());
  EXPECT_EQ(layer_->log_syncs(), before + 1);
}

TEST_F(FencedFilesTest, AFailedSyncIsToldAndTriedAgain) {
  auto log = create("1.log");
  ASSERT_TRUE(log->Append("x", {}, nullptr).ok());
  layer_->break_syncs(true);
  EXPECT_FALSE(files_.sync_logs().ok());
  layer_->break_syncs(false);
  EXPECT_TRUE(files_.sync_logs().ok());
  cut();
  EXPECT_EQ(std::filesystem::file_size(at("1.log")), 1u);
}

TEST_F(FencedFilesTest, AClosedLogNeedsNone) {
  auto log = create("1.log");
  ASSERT_TRUE(log->Append("x", {}, nullptr).ok());
  ASSERT_TRUE(log->Close({}, nullptr).ok());
  EXPECT_TRUE(files_.sync_logs().ok());
  EXPECT_EQ(layer_->log_syncs(), 0);
  log.reset();
  EXPECT_TRUE(files_.sync_logs().ok());
}

TEST_F(FencedFilesTest, BehindTheFenceNothingChangesAndReadsGoOn) {
  auto log = create("1.log");
  ASSERT_TRUE(log->Append("x", {}, nullptr).ok());
  files_.fence();
  EXPECT_FALSE(log->Append("y", {}, nullptr).ok());
  EXPECT_FALSE(files_.DeleteFile(at("1.log"), {}, nullptr).ok());
  EXPECT_FALSE(files_.RenameFile(at("1.log"), at("2.log"), {}, nullptr).ok());
  std::unique_ptr<rocksdb::FSWritableFile> more;
  EXPECT_FALSE(files_.NewWritableFile(at("3.sst"), {}, &more, nullptr).ok());
  EXPECT_EQ(std::filesystem::file_size(at("1.log")), 1u);
  std::unique_ptr<rocksdb::FSSequentialFile> reading;
  EXPECT_TRUE(files_.NewSequentialFile(at("1.log"), {}, &reading, nullptr).ok());
}

TEST_F(FencedFilesTest, ANameTakenOverIsAFileOfItsOwn) {
  auto old = create("1.sst");
  ASSERT_TRUE(old->Append("old", {}, nullptr).ok());
  files_.fence();
  FencedFiles anew(layer_, scratch_.path());
  std::unique_ptr<rocksdb::FSWritableFile> file;
  ASSERT_TRUE(anew.NewWritableFile(at("1.sst"), {}, &file, nullptr).ok());
  ASSERT_TRUE(file->Append("anew", {}, nullptr).ok());
  ASSERT_TRUE(old->Close({}, nullptr).ok());
  EXPECT_EQ(std::filesystem::file_size(at("1.sst")), 4u);
}

}  // namespace
}  // namespace gatehouse::store
