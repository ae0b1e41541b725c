#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "store/embedded/testing.h"

namespace gatehouse::store {
namespace {

using testing::put;
using testing::Scratch;

class RecordsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = open_embedded(scratch_.path());
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store_ = std::move(*opened);
  }
  Records& records() { return *store_.records; }
  void reopen() {
    store_ = {};
    SetUp();
  }
  std::vector<std::string> keys(std::string_view prefix, std::string_view from, size_t limit) {
    std::vector<std::string> out;
    auto entries = records().scan(prefix, from, limit);
    EXPECT_TRUE(entries.has_value());
    for (const Entry& entry : *entries) out.push_back(entry.key);
    return out;
  }

  Scratch scratch_;
  Embedded store_;
};

TEST_F(RecordsTest, WhatIsPutIsGot) {
  EXPECT_EQ(records().get("role/1/-/a")->has_value(), false);
  auto revision = put(records(), "role/1/-/a", "value");
  ASSERT_TRUE(revision.has_value());
  auto record = records().get("role/1/-/a");
  ASSERT_TRUE(record->has_value());
  EXPECT_EQ((*record)->value, "value");
  EXPECT_EQ((*record)->revision, *revision);
  EXPECT_GT(*revision, 0u);
}

TEST_F(RecordsTest, AReadThatMustNotWaitStopsAtTheDisk) {
  // In a block of its own, which opening does not read.
  for (int i = 0; i < 50; ++i)
    ASSERT_TRUE(put(records(), "f/" + std::to_string(i), std::string(4096, 'x')).has_value());
  ASSERT_TRUE(put(records(), "k/a", "value").has_value());
  EXPECT_EQ((*records().get("k/a", Reach::memory))->value, "value");
  reopen();
  const auto cold = records().get("k/a", Reach::memory);
  ASSERT_FALSE(cold.has_value());
  EXPECT_EQ(cold.error().code, kNotInMemory);
  EXPECT_EQ((*records().get("k/a"))->value, "value");
  EXPECT_EQ((*records().get("k/a", Reach::memory))->value, "value");
}

TEST_F(RecordsTest, ValuesMayHoldAnyBytesAndNone) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  ASSERT_TRUE(put(records(), "k/all", bytes).has_value());
  ASSERT_TRUE(put(records(), "k/none", "").has_value());
  EXPECT_EQ((*records().get("k/all"))->value, bytes);
  EXPECT_EQ((*records().get("k/none"))->value, "");
}

TEST_F(RecordsTest, RevisionsGrowAcrossDeleteAndReopen) {
  Revision before = *put(records(), "k/a", "1");
  Batch remove;
  remove.deletes.push_back("k/a");
  ASSERT_TRUE(records().commit("k", remove).has_value());
  Revision created_again = *put(records(), "k/a", "2");
  EXPECT_GT(created_again, before);
  reopen();
  EXPECT_EQ((*records().get("k/a"))->revision, created_again);
  EXPECT_GT(*put(records(), "k/a", "3"), created_again);
}

TEST_F(RecordsTest, ABatchIsAllOrNothing) {
  Revision revision = *put(records(), "k/a", "1");
  Batch batch;
  batch.puts = {{"k/b", "b"}, {"k/c", "c"}};
  batch.deletes = {"k/a"};
  batch.preconditions = {{"k/a", revision}, {"k/b", 7}};
  auto refused = records().commit("k", batch);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, kConflict);
  EXPECT_EQ(refused.error().status, 409);
  EXPECT_EQ(keys("k/", "", 10), std::vector<std::string>{"k/a"});

  batch.preconditions = {{"k/a", revision}, {"k/b", 0}};
  ASSERT_TRUE(records().commit("k", batch).has_value());
  EXPECT_EQ(keys("k/", "", 10), (std::vector<std::string>{"k/b", "k/c"}));
  EXPECT_EQ((*records().get("k/b"))->revision, (*records().get("k/c"))->revision);
}

TEST_F(RecordsTest, PreconditionZeroMeansAbsent) {
  Batch create;
  create.puts = {{"k/a", "1"}};
  create.preconditions = {{"k/a", 0}};
  ASSERT_TRUE(records().commit("k", create).has_value());
  auto again = records().commit("k", create);
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, kConflict);
}

TEST_F(RecordsTest, ScanKeepsToItsPrefixFromAndLimit) {
  for (const char* key : {"a/1", "b/", "b/1", "b/2", "b/3", "b0", "c/1", "b/\xff", "b/\xff\xff"}) {
    ASSERT_TRUE(put(records(), key, "v").has_value());
  }
  EXPECT_EQ(keys("b/", "", 100),
            (std::vector<std::string>{"b/", "b/1", "b/2", "b/3", "b/\xff", "b/\xff\xff"}));
  EXPECT_EQ(keys("b/", "b/2", 100), (std::vector<std::string>{"b/2", "b/3", "b/\xff", "b/\xff\xff"}));
  EXPECT_EQ(keys("b/", "b/1x", 1), (std::vector<std::string>{"b/2"}));
  EXPECT_EQ(keys("b/", "a/", 2), (std::vector<std::string>{"b/", "b/1"}));
  EXPECT_EQ(keys("b/", "c/", 2), (std::vector<std::string>{}));
  EXPECT_EQ(keys("b/\xff", "", 100), (std::vector<std::string>{"b/\xff", "b/\xff\xff"}));
  EXPECT_EQ(keys("b/", "", 0), (std::vector<std::string>{}));
  EXPECT_EQ(keys("", "", 100).size(), 9u);
  EXPECT_EQ(keys("\xff", "", 100).size(), 0u);
}

TEST_F(RecordsTest, VisitStopsWhenToldAndSeesRevisions) {
  Revision first = *put(records(), "k/1", "one");
  ASSERT_TRUE(put(records(), "k/2", "two").has_value());
  int calls = 0;
  auto visited =
      records().visit("k/", "", [&](std::string_view key, std::string_view value, Revision revision) {
        EXPECT_EQ(key, "k/1");
        EXPECT_EQ(value, "one");
        EXPECT_EQ(revision, first);
        ++calls;
        return false;
      });
  EXPECT_TRUE(visited.has_value());
  EXPECT_EQ(calls, 1);
}

TEST_F(RecordsTest, OurOwnKeysCannotBeReadOrWritten) {
  ASSERT_TRUE(put(records(), "k/1", "one").has_value());
  EXPECT_FALSE(put(records(), std::string_view("\0revision-bound", 15), "x").has_value());
  EXPECT_FALSE(put(records(), "", "x").has_value());
  EXPECT_FALSE(records().get(std::string_view("\0revision-bound", 15))->has_value());
}

// Many threads increment the same few counters, each asserting the revision it read: none is lost.
TEST_F(RecordsTest, NoUpdateIsLostUnderThreads) {
  constexpr int kThreads = 8;
  constexpr int kEach = 40;
  constexpr int kCounters = 3;
  std::atomic<int> conflicts = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::string key = "counter/" + std::to_string(t % kCounters);
      for (int i = 0; i < kEach;) {
        auto record = *records().get(key);
        std::this_thread::sleep_for(std::chrono::microseconds(100));  // let others in between
        Batch batch;
        batch.puts = {{key, std::to_string((record ? std::stoi(record->value) : 0) + 1)}};
        batch.preconditions = {{key, record ? record->revision : 0}};
        auto done = records().commit(key, std::move(batch));
        if (done)
          ++i;
        else if (done.error().code == kConflict)
          ++conflicts;
        else
          return;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  int sum = 0;
  for (int c = 0; c < kCounters; ++c)
    sum += std::stoi((*records().get("counter/" + std::to_string(c)))->value);
  EXPECT_EQ(sum, kThreads * kEach);
  EXPECT_GT(conflicts.load(), 0);
}

// Readers during writers: a batch of two keys is never seen half.
TEST_F(RecordsTest, ReadersNeverSeeHalfABatch) {
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (int i = 0; i < 300; ++i) {
      std::string value = std::to_string(i);
      Batch batch;
      batch.puts = {{"pair/a", value}, {"pair/b", value}};
      EXPECT_TRUE(records().commit("pair", std::move(batch)).has_value());
    }
    stop = true;
  });
  while (!stop) {
    auto entries = records().scan("pair/", "", 2);
    ASSERT_TRUE(entries.has_value());
    if (entries->empty()) continue;
    ASSERT_EQ(entries->size(), 2u);
    EXPECT_EQ((*entries)[0].record.value, (*entries)[1].record.value);
    EXPECT_EQ((*entries)[0].record.revision, (*entries)[1].record.revision);
  }
  writer.join();
}

}  // namespace
}  // namespace gatehouse::store
