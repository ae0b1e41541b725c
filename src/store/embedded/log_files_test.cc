#include "store/embedded/log_files.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "store/embedded/fault_layer.h"
#include "store/embedded/testing.h"

namespace gatehouse::store {
namespace {

using testing::FaultLayer;
using testing::Scratch;

class LogFilesTest : public ::testing::Test {
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
  LogFiles files_{layer_, scratch_.path()};
};

TEST_F(LogFilesTest, ASyncCoversEveryLogAndItsName) {
  auto first = create("1.log");
  ASSERT_TRUE(first->Append("first", {}, nullptr).ok());
  auto second = create("2.log");
  ASSERT_TRUE(second->Append("second", {}, nullptr).ok());
  ASSERT_TRUE(files_.sync().ok());
  ASSERT_TRUE(second->Append("unsynced", {}, nullptr).ok());
  cut();
  EXPECT_EQ(std::filesystem::file_size(at("1.log")), 5u);
  EXPECT_GE(std::filesystem::file_size(at("2.log")), 6u);
  EXPECT_LT(std::filesystem::file_size(at("2.log")), 14u);
}

TEST_F(LogFilesTest, WhatIsSyncedIsNotSyncedAgain) {
  auto log = create("1.log");
  ASSERT_TRUE(log->Append("x", {}, nullptr).ok());
  ASSERT_TRUE(files_.sync().ok());
  int before = layer_->log_syncs();
  ASSERT_TRUE(files_.sync().ok());
  EXPECT_EQ(layer_->log_syncs(), before);
  ASSERT_TRUE(log->Append("y", {}, nullptr).ok());
  ASSERT_TRUE(files_.sync().ok());
  EXPECT_EQ(layer_->log_syncs(), before + 1);
}

TEST_F(LogFilesTest, AFailedSyncIsToldAndTriedAgain) {
  auto log = create("1.log");
  ASSERT_TRUE(log->Append("x", {}, nullptr).ok());
  layer_->break_syncs(true);
  EXPECT_FALSE(files_.sync().ok());
  layer_->break_syncs(false);
  EXPECT_TRUE(files_.sync().ok());
  cut();
  EXPECT_EQ(std::filesystem::file_size(at("1.log")), 1u);
}

TEST_F(LogFilesTest, AClosedLogNeedsNone) {
  auto log = create("1.log");
  ASSERT_TRUE(log->Append("x", {}, nullptr).ok());
  ASSERT_TRUE(log->Close({}, nullptr).ok());
  EXPECT_TRUE(files_.sync().ok());
  EXPECT_EQ(layer_->log_syncs(), 0);
  log.reset();
  EXPECT_TRUE(files_.sync().ok());
}

}  // namespace
}  // namespace gatehouse::store
