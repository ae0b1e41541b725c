#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "store/embedded/testing.h"

namespace gatehouse::store {
namespace {

using testing::Scratch;

Result<bool> yes(std::string_view) { return true; }
Result<bool> no(std::string_view) { return false; }

class NamesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = open_embedded(scratch_.path());
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    store_ = std::move(*opened);
    names_ = std::make_unique<Names>(*store_.records, "bucket-name");
  }
  Scratch scratch_;
  Embedded store_;
  std::unique_ptr<Names> names_;
};

TEST_F(NamesTest, ReserveConfirmRelease) {
  EXPECT_FALSE((*names_->owner("logs")).has_value());
  ASSERT_TRUE(names_->reserve("logs", "a", yes).has_value());
  EXPECT_EQ(*names_->owner("logs"), "a");
  EXPECT_TRUE(names_->reserve("logs", "a", yes).has_value());
  EXPECT_TRUE(names_->confirm("logs", "a").has_value());
  EXPECT_TRUE(names_->confirm("logs", "a").has_value());
  ASSERT_TRUE(names_->release("logs", "a").has_value());
  EXPECT_FALSE((*names_->owner("logs")).has_value());
  EXPECT_TRUE(names_->release("logs", "a").has_value());
}

TEST_F(NamesTest, ATakenNameIsRefusedWhileItsOwnerExists) {
  ASSERT_TRUE(names_->reserve("logs", "a", yes).has_value());
  auto refused = names_->reserve("logs", "b", yes);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, kConflict);
  EXPECT_EQ(*names_->owner("logs"), "a");
  EXPECT_TRUE(names_->release("logs", "b").has_value());
  EXPECT_EQ(*names_->owner("logs"), "a");
}

TEST_F(NamesTest, AReservationThatACrashLeftIsFreeAgain) {
  ASSERT_TRUE(names_->reserve("logs", "a", no).has_value());
  EXPECT_TRUE(names_->reserve("logs", "b", no).has_value());
  EXPECT_EQ(*names_->owner("logs"), "b");
  // The first was only slow: it learns that it lost.
  auto lost = names_->confirm("logs", "a");
  ASSERT_FALSE(lost.has_value());
  EXPECT_EQ(lost.error().code, kConflict);
  EXPECT_TRUE(names_->confirm("logs", "b").has_value());
}

TEST_F(NamesTest, AnUnansweredQuestionIsNoTakeover) {
  ASSERT_TRUE(names_->reserve("logs", "a", yes).has_value());
  auto unknown = [](std::string_view) -> Result<bool> { return internal_failure(); };
  EXPECT_EQ(names_->reserve("logs", "b", unknown).error().status, 500);
  EXPECT_EQ(*names_->owner("logs"), "a");
}

// Many want one name, and each sees the others' owners as not existing until they are created: however they
// interleave, exactly one is created and confirmed.
TEST_F(NamesTest, OfManyExactlyOneWins) {
  for (int round = 0; round < 10; ++round) {
    std::string name = "name" + std::to_string(round);
    std::mutex mutex;
    std::set<std::string> created;
    std::atomic<int> won = 0;
    auto exists = [&](std::string_view owner) -> Result<bool> {
      std::lock_guard lock(mutex);
      return created.contains(std::string(owner));
    };
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&, owner = "owner" + std::to_string(t)] {
        if (!names_->reserve(name, owner, exists)) return;
        {
          std::lock_guard lock(mutex);
          created.insert(owner);
        }
        if (names_->confirm(name, owner)) {
          ++won;
        } else {
          std::lock_guard lock(mutex);
          created.erase(owner);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(won, 1);
    EXPECT_EQ(created.size(), 1u);
    EXPECT_EQ(**names_->owner(name), *created.begin());
  }
}

}  // namespace
}  // namespace gatehouse::store
