// The store on a disk that fails: nothing acknowledged is lost, nothing half done shows, and it goes on.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <thread>

#include "store/embedded/fault_layer.h"
#include "store/embedded/testing.h"

namespace gatehouse::store {
namespace {

using testing::FaultLayer;
using testing::put;
using testing::Scratch;
using namespace std::chrono_literals;

Embedded open_or_fail(const Scratch& scratch, std::shared_ptr<FaultLayer> layer) {
  auto opened = open_embedded(scratch.path(), std::move(layer));
  EXPECT_TRUE(opened.has_value()) << opened.error().message;
  return opened ? std::move(*opened) : Embedded{};
}

void run_threads(int count, const std::function<void(int)>& body) {
  std::vector<std::thread> threads;
  for (int t = 0; t < count; ++t) threads.emplace_back(body, t);
  for (std::thread& thread : threads) thread.join();
}

// The layer itself: what it must lose, it loses; otherwise the tests below would prove nothing.
TEST(FaultLayerTest, LosesExactlyWhatWasNotSynced) {
  Scratch scratch;
  std::filesystem::create_directories(scratch.path());
  auto at = [&](const char* name) { return scratch.path() + "/" + name; };
  FaultLayer layer;
  auto write = [&](const char* name, bool sync) {
    std::unique_ptr<rocksdb::FSWritableFile> file;
    ASSERT_TRUE(layer.NewWritableFile(at(name), {}, &file, nullptr).ok());
    ASSERT_TRUE(file->Append("synced", {}, nullptr).ok());
    if (sync) {
      ASSERT_TRUE(file->Sync({}, nullptr).ok());
    }
    ASSERT_TRUE(file->Append(std::string(1000, 'x'), {}, nullptr).ok());
  };
  std::unique_ptr<rocksdb::FSDirectory> directory;
  ASSERT_TRUE(layer.NewDirectory(scratch.path(), {}, &directory, nullptr).ok());
  write("kept", true);
  write("removed", true);
  write("renamed", true);
  ASSERT_TRUE(directory->Fsync({}, nullptr).ok());
  write("nameless", true);
  ASSERT_TRUE(layer.DeleteFile(at("removed"), {}, nullptr).ok());
  ASSERT_TRUE(layer.RenameFile(at("renamed"), at("elsewhere"), {}, nullptr).ok());
  layer.cut_power();
  EXPECT_FALSE(directory->Fsync({}, nullptr).ok());
  layer.lose_unsynced(1);

  EXPECT_GE(std::filesystem::file_size(at("kept")), 6u);
  EXPECT_LT(std::filesystem::file_size(at("kept")), 1006u);
  EXPECT_FALSE(std::filesystem::exists(at("nameless")));
  EXPECT_TRUE(std::filesystem::exists(at("removed")));
  EXPECT_TRUE(std::filesystem::exists(at("renamed")));
  EXPECT_FALSE(std::filesystem::exists(at("elsewhere")));
}

TEST(GroupCommitTest, ALoneWriterSyncsEachCommit) {
  Scratch scratch;
  auto layer = std::make_shared<FaultLayer>();
  Embedded store = open_or_fail(scratch, layer);
  int before = layer->log_syncs();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(put(*store.records, "k/" + std::to_string(i), "v").has_value());
  EXPECT_EQ(layer->log_syncs() - before, 5);
}

TEST(GroupCommitTest, WritersShareSyncs) {
  Scratch scratch;
  auto layer = std::make_shared<FaultLayer>();
  Embedded store = open_or_fail(scratch, layer);
  layer->delay_syncs(5ms);
  int before = layer->log_syncs();
  run_threads(16, [&](int t) {
    for (int i = 0; i < 10; ++i) {
      EXPECT_TRUE(put(*store.records, "k/" + std::to_string(t) + "/" + std::to_string(i), "v").has_value());
    }
  });
  EXPECT_LE(layer->log_syncs() - before, 160 / 4);
}

// What clients were told, and what must be so after a cut.
struct Told {
  std::mutex mutex;
  std::map<std::string, std::string> values;  // key -> value, where the value may name a blob
  std::atomic<size_t> done = 0;
  std::atomic<size_t> refused = 0;

  void put(const std::string& key, const std::string& value) {
    std::lock_guard lock(mutex);
    values[key] = value;
    ++done;
  }
};

// Faults come after so much work, not after so much time: a busy machine must not make a test prove less.
void await(const std::atomic<size_t>& count, size_t more) {
  for (size_t until = count + more; count < until;) std::this_thread::sleep_for(100us);
}

constexpr std::string_view kBlobPrefix = "blob:";

Result<std::string> write_blob_and_record(Embedded& store, const std::string& key, size_t size) {
  TRY(auto writer, store.blobs->create());
  CHECK_OK(writer->append(std::string(size / 2, 'a')));
  CHECK_OK(writer->append(std::string(size - size / 2, 'b')));
  TRY(std::string id, writer->seal());
  std::string value = std::string(kBlobPrefix) + id + ":" + std::to_string(size);
  CHECK_OK(put(*store.records, key, value));
  return value;
}

void write_until_dead(Embedded& store, const std::string& prefix, unsigned seed, Told& told) {
  std::mt19937 random(seed);
  for (int i = 0;; ++i) {
    std::string key = prefix + std::to_string(i);
    // Large values now and then, so that the log is changed for a new one under way.
    std::string value(random() % (i % 5 == 0 ? 60'000 : 3000), static_cast<char>('a' + i % 26));
    if (random() % 3 == 0) {
      auto written = write_blob_and_record(store, key, 1 + random() % 200'000);
      if (!written) return;
      value = *written;
    } else if (!put(*store.records, key, value)) {
      return;
    }
    told.put(key, value);
  }
}

// Every record that is there names a whole blob, or none.
std::set<std::string> check_blobs(Embedded& store) {
  std::set<std::string> named;
  auto visited = store.records->visit("k/", "", [&](std::string_view key, std::string_view value, Revision) {
    if (!value.starts_with(kBlobPrefix)) return true;
    std::string id(value.substr(kBlobPrefix.size(), value.rfind(':') - kBlobPrefix.size()));
    size_t size = std::stoul(std::string(value.substr(value.rfind(':') + 1)));
    auto blob = store.blobs->open(id);
    EXPECT_TRUE(blob.has_value()) << key;
    if (!blob) return true;
    EXPECT_EQ((*blob)->size(), size) << key;
    std::string content(size, 0);
    EXPECT_EQ(*(*blob)->read(0, content), size);
    EXPECT_EQ(content, std::string(size / 2, 'a') + std::string(size - size / 2, 'b')) << key;
    named.insert(id);
    return true;
  });
  EXPECT_TRUE(visited.has_value());
  return named;
}

size_t files_below(const std::string& directory) {
  size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    count += entry.is_regular_file();
  }
  return count;
}

int rounds(int otherwise) {
  const char* asked = std::getenv("GATEHOUSE_CRASH_ROUNDS");
  return asked != nullptr ? std::stoi(asked) : otherwise;
}

TEST(PowerCutTest, NothingAcknowledgedIsLostAndTheSweepTakesTheRest) {
  Scratch scratch;
  Told told;
  for (int round = 0; round < rounds(8); ++round) {
    auto layer = std::make_shared<FaultLayer>();
    {
      Embedded store = open_or_fail(scratch, layer);
      ASSERT_TRUE(store.records);
      std::thread cutter([&] {
        await(told.done, static_cast<size_t>(1 + round * 37 % 80));
        layer->cut_power();
      });
      run_threads(4, [&](int t) {
        std::string prefix = "k/" + std::to_string(round) + "/" + std::to_string(t) + "/";
        write_until_dead(store, prefix, static_cast<unsigned>(round * 10 + t), told);
      });
      cutter.join();
    }
    layer->lose_unsynced(static_cast<unsigned>(round));

    Embedded store = open_or_fail(scratch, std::make_shared<FaultLayer>());
    ASSERT_TRUE(store.records);
    for (const auto& [key, value] : told.values) {
      auto record = store.records->get(key);
      ASSERT_TRUE(record.has_value());
      ASSERT_TRUE(record->has_value()) << key << " was acknowledged and is gone, round " << round;
      EXPECT_EQ((*record)->value, value);
    }
    std::set<std::string> named = check_blobs(store);
    ASSERT_TRUE(store.blobs->sweep([&](std::string_view id) { return named.contains(std::string(id)); }));
    EXPECT_EQ(files_below(scratch.path() + "/blobs"), named.size());
  }
}

// A revision must not come back after a cut, or a precondition taken before it could hold by accident.
TEST(PowerCutTest, RevisionsNeverComeBack) {
  Scratch scratch;
  Revision highest = 0;
  for (int round = 0; round < 5; ++round) {
    auto layer = std::make_shared<FaultLayer>();
    {
      Embedded store = open_or_fail(scratch, layer);
      for (int i = 0; i < 3; ++i) {
        auto revision = put(*store.records, "k/a", "v");
        ASSERT_TRUE(revision.has_value());
        EXPECT_GT(*revision, highest);
        highest = *revision;
      }
      layer->cut_power();
    }
    layer->lose_unsynced(static_cast<unsigned>(round));
  }
}

TEST(DiskFullTest, AnswersUnavailableAndGoesOn) {
  Scratch scratch;
  auto layer = std::make_shared<FaultLayer>();
  {
    Embedded store = open_or_fail(scratch, layer);
    ASSERT_TRUE(put(*store.records, "k/before", "v").has_value());
    layer->fill_disk(true);
    for (int i = 0; i < 3; ++i) {
      auto refused = put(*store.records, "k/during", "v");
      ASSERT_FALSE(refused.has_value());
      EXPECT_EQ(refused.error().code, "ServiceUnavailable");
      EXPECT_EQ(refused.error().status, 503);
    }
    EXPECT_EQ((*store.records->get("k/before"))->value, "v");
    auto writer = store.blobs->create();
    ASSERT_TRUE(writer.has_value());
    auto appended = (*writer)->append("data");
    ASSERT_FALSE(appended.has_value());
    EXPECT_EQ(appended.error().status, 503);
    EXPECT_FALSE((*writer)->seal().has_value());

    layer->fill_disk(false);
    std::this_thread::sleep_for(250ms);
    EXPECT_TRUE(put(*store.records, "k/after", "v").has_value());
  }
  Embedded store = open_or_fail(scratch, std::make_shared<FaultLayer>());
  EXPECT_TRUE((*store.records->get("k/before")).has_value());
  EXPECT_TRUE((*store.records->get("k/after")).has_value());
}

// Writers that wait for a sync while the disk fills up and syncs fail under them: each gets an answer, none a
// dead process, and what was acknowledged in between survives a power cut.
TEST(DiskTroubleTest, UnderManyWriters) {
  Scratch scratch;
  Told told;
  for (int round = 0; round < rounds(4); ++round) {
    auto layer = std::make_shared<FaultLayer>();
    {
      Embedded store = open_or_fail(scratch, layer);
      std::atomic<bool> stop = false;
      std::thread trouble([&] {
        std::mt19937 random(static_cast<unsigned>(round));
        for (int i = 0; i < 12; ++i) {
          bool full = i % 2 == 0 && random() % 2 == 0;
          bool broken = i % 2 == 0 && !full;
          layer->fill_disk(full);
          layer->break_syncs(broken);
          await(full || broken ? told.refused : told.done, 1 + random() % 20);
        }
        layer->cut_power();
        stop = true;
      });
      run_threads(6, [&](int t) {
        for (int i = 0; !stop; ++i) {
          std::string key = "k/" + std::to_string(round) + "/" + std::to_string(t) + "/" + std::to_string(i);
          if (put(*store.records, key, "v"))
            told.put(key, "v");
          else
            ++told.refused;
        }
      });
      trouble.join();
    }
    layer->lose_unsynced(static_cast<unsigned>(round));
    Embedded store = open_or_fail(scratch, std::make_shared<FaultLayer>());
    for (const auto& [key, value] : told.values) {
      ASSERT_TRUE((*store.records->get(key)).has_value()) << key << " was acknowledged and is gone";
    }
  }
}

TEST(SyncFailureTest, IsAnErrorForAllWhoWaitedAndTheStoreRecovers) {
  Scratch scratch;
  auto layer = std::make_shared<FaultLayer>();
  {
    Embedded store = open_or_fail(scratch, layer);
    ASSERT_TRUE(put(*store.records, "k/before", "v").has_value());
    layer->break_syncs(true);
    run_threads(4, [&](int t) {
      auto refused = put(*store.records, "k/during" + std::to_string(t), "v");
      ASSERT_FALSE(refused.has_value());
      EXPECT_EQ(refused.error().status, 500);
    });
    layer->break_syncs(false);
    std::this_thread::sleep_for(250ms);
    auto after = put(*store.records, "k/after", "v");
    EXPECT_TRUE(after.has_value());
    layer->cut_power();
  }
  layer->lose_unsynced(3);
  Embedded store = open_or_fail(scratch, std::make_shared<FaultLayer>());
  EXPECT_TRUE((*store.records->get("k/before")).has_value());
  EXPECT_TRUE((*store.records->get("k/after")).has_value());
}

}  // namespace
}  // namespace gatehouse::store
