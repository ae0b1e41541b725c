#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "store/embedded/testing.h"

namespace gatehouse::store {
namespace {

using testing::Scratch;

class BlobsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = open_embedded(scratch_.path());
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store_ = std::move(*opened);
  }
  Blobs& blobs() { return *store_.blobs; }
  std::string write(std::string_view data) {
    auto writer = blobs().create();
    EXPECT_TRUE((*writer)->append(data).has_value());
    return *(*writer)->seal();
  }
  size_t sweep_all() {
    return *blobs().sweep([](std::string_view) { return false; });
  }

  Scratch scratch_;
  Embedded store_;
};

TEST_F(BlobsTest, WhatIsAppendedIsRead) {
  auto writer = blobs().create();
  ASSERT_TRUE(writer.has_value());
  std::string whole;
  for (int i = 0; i < 50; ++i) {
    std::string part(static_cast<size_t>(i) * 997, static_cast<char>('a' + i % 26));
    whole += part;
    ASSERT_TRUE((*writer)->append(part).has_value());
  }
  auto id = (*writer)->seal();
  ASSERT_TRUE(id.has_value());
  auto reader = blobs().open(*id);
  ASSERT_TRUE(reader.has_value());
  EXPECT_EQ((*reader)->size(), whole.size());

  std::string all(whole.size() + 10, 0);
  EXPECT_EQ(*(*reader)->read(0, all), whole.size());
  EXPECT_EQ(all.substr(0, whole.size()), whole);
  std::string middle(100, 0);
  EXPECT_EQ(*(*reader)->read(5000, middle), 100u);
  EXPECT_EQ(middle, whole.substr(5000, 100));
  EXPECT_EQ(*(*reader)->read(whole.size() - 3, middle), 3u);
  EXPECT_EQ(*(*reader)->read(whole.size(), middle), 0u);
  EXPECT_EQ(*(*reader)->read(~std::uint64_t{0}, middle), 0u);
}

TEST_F(BlobsTest, AnEmptyBlobIsABlob) {
  auto reader = blobs().open(write(""));
  ASSERT_TRUE(reader.has_value());
  EXPECT_EQ((*reader)->size(), 0u);
}

TEST_F(BlobsTest, IdsThatAreNoneOfOursOpenNothing) {
  write("secret");
  for (std::string_view id : {"", "..", "../FORMAT", "/etc/passwd", "0123456789ABCDEF0123456789ABCDEF",
                              "0123456789abcdef0123456789abcdef", "../../../../../../etc/passwd..aa"}) {
    auto opened = blobs().open(id);
    ASSERT_FALSE(opened.has_value()) << id;
    EXPECT_EQ(opened.error().status, 404);
    EXPECT_TRUE(blobs().remove(id).has_value());
  }
  EXPECT_TRUE(std::filesystem::exists(scratch_.path() + "/FORMAT"));
}

TEST_F(BlobsTest, ARemovedBlobCanBeReadToItsEndByWhoHasItOpen) {
  std::string id = write("data");
  auto reader = blobs().open(id);
  ASSERT_TRUE(blobs().remove(id).has_value());
  std::string out(4, 0);
  EXPECT_EQ(*(*reader)->read(0, out), 4u);
  EXPECT_EQ(out, "data");
  EXPECT_FALSE(blobs().open(id).has_value());
  EXPECT_TRUE(blobs().remove(id).has_value());
}

TEST_F(BlobsTest, AWriterDroppedLeavesNothing) {
  {
    auto writer = blobs().create();
    ASSERT_TRUE((*writer)->append("half").has_value());
  }
  EXPECT_TRUE(std::filesystem::is_empty(scratch_.path() + "/blobs/drafts"));
}

TEST_F(BlobsTest, SealingTwiceIsAnError) {
  auto writer = blobs().create();
  ASSERT_TRUE((*writer)->seal().has_value());
  EXPECT_FALSE((*writer)->seal().has_value());
  EXPECT_FALSE((*writer)->append("more").has_value());
}

TEST_F(BlobsTest, TheSweepTakesWhatNothingNames) {
  std::string kept = write("kept");
  std::string lost = write("lost");
  EXPECT_EQ(*blobs().sweep([&](std::string_view id) { return id == kept; }), 1u);
  EXPECT_TRUE(blobs().open(kept).has_value());
  EXPECT_FALSE(blobs().open(lost).has_value());
}

TEST_F(BlobsTest, TheSweepLeavesLivingWritersAlone) {
  auto drafting = blobs().create();
  ASSERT_TRUE((*drafting)->append("x").has_value());
  auto sealed = blobs().create();
  auto id = (*sealed)->seal();
  ASSERT_TRUE(id.has_value());
  EXPECT_EQ(sweep_all(), 0u);
  EXPECT_TRUE(blobs().open(*id).has_value());
  EXPECT_TRUE((*drafting)->seal().has_value());
  sealed->reset();
  EXPECT_EQ(sweep_all(), 1u);
  EXPECT_FALSE(blobs().open(*id).has_value());
}

TEST_F(BlobsTest, TheSweepTakesDraftsOfAProcessThatDiedAndNothingElse) {
  std::string drafts = scratch_.path() + "/blobs/drafts/";
  std::ofstream(drafts + "0123456789ABCDEF0123456789ABCDEF") << "half";
  std::ofstream(drafts + "README") << "not ours";
  EXPECT_EQ(sweep_all(), 1u);
  EXPECT_TRUE(std::filesystem::exists(drafts + "README"));
}

// The promise that lets a sweep run beside uploads: seal, commit, let the writer go.
TEST_F(BlobsTest, ASweepBesideUploadsTakesNoNamedBlob) {
  std::atomic<bool> stop = false;
  std::thread sweeper([&] {
    while (!stop) {
      std::optional<std::set<std::string>> named;
      auto swept = blobs().sweep([&](std::string_view id) {
        if (!named) {
          named.emplace();
          EXPECT_TRUE(store_.records->visit("k/", "", [&](auto, std::string_view value, auto) {
            named->insert(std::string(value));
            return true;
          }));
        }
        return named->contains(std::string(id));
      });
      EXPECT_TRUE(swept.has_value());
    }
  });
  std::vector<std::string> ids;
  for (int i = 0; i < 60; ++i) {
    auto writer = blobs().create();
    ids.push_back(*(*writer)->seal());
    EXPECT_TRUE(testing::put(*store_.records, "k/" + std::to_string(i), ids.back()).has_value());
  }
  stop = true;
  sweeper.join();
  for (const std::string& id : ids) EXPECT_TRUE(blobs().open(id).has_value());
}

}  // namespace
}  // namespace gatehouse::store
