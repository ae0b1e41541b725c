#include "store/gathered.h"

#include <gtest/gtest.h>

namespace gatehouse::store {
namespace {

// Remembers the commits, and holds nothing.
class Counted : public Records {
 public:
  Result<std::optional<Record>> get(std::string_view, Reach) const override { return std::nullopt; }
  Result<std::vector<Entry>> scan(std::string_view, std::string_view, size_t) const override { return {}; }
  Result<void> visit(std::string_view, std::string_view, const Visitor&) const override { return {}; }
  Result<Revision> commit(std::string_view partition, Batch batch) override {
    commits.emplace_back(partition, std::move(batch));
    return commits.size();
  }
  std::vector<std::pair<std::string, Batch>> commits;
};

TEST(Gathered, WritesOneBatchAPartition) {
  Counted under;
  Gathered gathered(under);
  ASSERT_TRUE(gathered.commit("b", {.puts = {{"b/1", "x"}}, .deletes = {}, .preconditions = {{"b/1", 0}}}));
  ASSERT_TRUE(gathered.commit("a", {.puts = {{"a/1", "y"}}, .deletes = {}, .preconditions = {}}));
  const auto again = gathered.commit(
      "b", {.puts = {{"b/1", "z"}, {"b/2", "w"}}, .deletes = {}, .preconditions = {{"b/1", 1}}});
  ASSERT_TRUE(again);
  ASSERT_TRUE(gathered.commit("b", {.puts = {}, .deletes = {"b/2"}, .preconditions = {}}));
  EXPECT_TRUE(under.commits.empty());

  ASSERT_TRUE(gathered.flush());
  ASSERT_EQ(under.commits.size(), 2u);
  const auto& [partition, batch] = under.commits[0];
  EXPECT_EQ(partition, "b");
  EXPECT_EQ(batch.puts, (std::vector<std::pair<std::string, std::string>>{{"b/1", "z"}}));
  EXPECT_EQ(batch.deletes, std::vector<std::string>{"b/2"});
  // What the store must have had is what the first commit wanted.
  ASSERT_EQ(batch.preconditions.size(), 1u);
  EXPECT_EQ(batch.preconditions[0].revision, 0u);
  EXPECT_EQ(under.commits[1].first, "a");

  ASSERT_TRUE(gathered.flush());
  EXPECT_EQ(under.commits.size(), 2u);
}

}  // namespace
}  // namespace gatehouse::store
