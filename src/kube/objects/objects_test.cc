#include "kube/objects/objects.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "kube/api/read/watch.h"
#include "kube/objects/json_path.h"
#include "kube/testing/memory_store.h"

namespace gatehouse::kube {
namespace {

const Kind& config_maps() { return kind_of("", "configmaps"); }

json::object config_map(const std::string& name, const std::string& value = "") {
  return {{"metadata", json::object{{"name", name}, {"namespace", "ns"}}},
          {"data", json::object{{"k", value}}}};
}

struct ObjectsTest : ::testing::Test {
  testing::MemoryRecords records;
  std::unique_ptr<Objects> objects = *Objects::load(records, "HEX");
};

TEST_F(ObjectsTest, VersionsGrowAndNeverReturn) {
  const auto a = objects->put(config_maps(), config_map("a"), nullptr);
  const auto b = objects->put(config_maps(), config_map("b"), nullptr);
  ASSERT_TRUE(a && b);
  EXPECT_GT((*b)->version, (*a)->version);
  ASSERT_TRUE(objects->remove(config_maps(), *b));
  const auto again = *Objects::load(records, "HEX");
  const auto c = again->put(config_maps(), config_map("c"), nullptr);
  EXPECT_GT((*c)->version, objects->version());
  EXPECT_EQ(again->find(config_maps(), "ns", "b"), nullptr);
}

TEST_F(ObjectsTest, OnlyWhatIsCurrentCanBeReplaced) {
  const auto first = *objects->put(config_maps(), config_map("a", "1"), nullptr);
  EXPECT_EQ(objects->put(config_maps(), config_map("a"), nullptr).error().code, "AlreadyExists");
  ASSERT_TRUE(objects->put(config_maps(), config_map("a", "2"), first));
  EXPECT_EQ(objects->put(config_maps(), config_map("a", "3"), first).error().code, "Conflict");
  EXPECT_EQ(objects->remove(config_maps(), first).error().code, "Conflict");
  EXPECT_EQ(text_at(objects->find(config_maps(), "ns", "a")->object, {"data", "k"}), "2");
}

TEST_F(ObjectsTest, AWatcherSeesEveryChangeInOrder) {
  std::atomic<int> rung = 0;
  auto subscription = *objects->subscribe(config_maps(), objects->version(), [&] { ++rung; });
  constexpr int kWriters = 4;
  constexpr int kEach = 50;
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < kEach; ++i)
        EXPECT_TRUE(
            objects->put(config_maps(), config_map(std::to_string(w) + "-" + std::to_string(i)), nullptr));
    });
  }
  for (std::thread& writer : writers) writer.join();
  std::vector<Change> changes;
  ASSERT_TRUE(subscription->take(changes, 10'000));
  ASSERT_EQ(changes.size(), static_cast<size_t>(kWriters * kEach));
  for (size_t i = 1; i < changes.size(); ++i) EXPECT_GT(changes[i].version, changes[i - 1].version);
  EXPECT_GT(rung, 0);
  EXPECT_EQ(subscription->version(), objects->version());
}

TEST_F(ObjectsTest, AWatchFromBeforeHistoryIsToldSo) {
  auto item = *objects->put(config_maps(), config_map("a"), nullptr);
  const Version old = item->version;
  auto behind = *objects->subscribe(config_maps(), old, [] {});
  for (int i = 0; i < 5000; ++i)
    item = *objects->put(config_maps(), config_map("a", std::to_string(i)), item);
  const auto refused = objects->subscribe(config_maps(), old, [] {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 410);
  std::vector<Change> changes;
  EXPECT_FALSE(behind->take(changes, 10));
  const auto restarted = *Objects::load(records, "HEX");
  EXPECT_EQ(restarted->subscribe(config_maps(), old, [] {}).error().code, "Expired");
}

TEST_F(ObjectsTest, AWatchTurnsChangesIntoWhatItsSelectorSees) {
  const ManualClock clock(Time{});
  auto bell = std::make_shared<Bell>();
  WatchPlan plan{.cluster = nullptr,
                 .kind = &config_maps(),
                 .view = {},
                 .selector = *Selector::parse(config_maps(), "on=1", ""),
                 .ns = "ns",
                 .deadline = Time{} + std::chrono::hours(1)};
  auto watch =
      make_watch(std::move(plan), clock, *objects->subscribe(config_maps(), objects->version(), [] {}), bell);
  const auto events = [&] {
    std::string out;
    std::string types;
    while (watch->next(out) == wire::EventSource::State::more) {
    }
    for (size_t at = 0; (at = out.find("{\"type\":\"", at)) != std::string::npos; ++at) types += out[at + 9];
    return types;
  };
  auto item = *objects->put(config_maps(), config_map("a"), nullptr);
  EXPECT_EQ(events(), "");
  auto with = [](std::string_view label) {
    auto object = config_map("a");
    object["metadata"].get_object()["labels"] = json::object{{"on", label}};
    return object;
  };
  item = *objects->put(config_maps(), with("1"), item);
  EXPECT_EQ(events(), "A");
  auto changed = with("1");
  changed["data"] = json::object{{"k", "2"}};
  item = *objects->put(config_maps(), changed, item);
  EXPECT_EQ(events(), "M");
  item = *objects->put(config_maps(), with("2"), item);
  EXPECT_EQ(events(), "D");
  ASSERT_TRUE(objects->clear());
  std::string last;
  EXPECT_EQ(watch->next(last), wire::EventSource::State::more);  // the removals
  EXPECT_EQ(watch->next(last), wire::EventSource::State::end);
}

}  // namespace
}  // namespace gatehouse::kube
