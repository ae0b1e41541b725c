// S3 on a disk that fails: what was acknowledged is there after a power cut, nothing half done ever shows, a
// refused write leaves nothing, and the service goes on. The file layer below loses whatever was not synced,
// data, folder or log (store/embedded/fault_layer.h); tests/api/s3/test_data_fsck.py kills the whole server
// instead.
#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "service/s3/check.h"
#include "service/s3/testing.h"
#include "store/embedded/embedded.h"
#include "store/embedded/fault_layer.h"

namespace gatehouse::service::s3 {
namespace {

using store::testing::FaultLayer;
using wire::structure;
using wire::Value;
using namespace std::chrono_literals;

int rounds(int otherwise) {
  const char* asked = std::getenv("GATEHOUSE_CRASH_ROUNDS");
  return asked != nullptr ? std::stoi(asked) : otherwise;
}

// What a writer was told of its own keys, and the one call it has no answer to.
struct Told {
  using Content = std::optional<std::string>;  // nothing: the key is deleted

  std::map<std::string, Content> known;
  std::string trying;
  Content wanted;
};

class S3Faults : public S3Test {
 protected:
  void SetUp() override {
    S3Test::SetUp();
    clock_moves_ = false;
    make("bucket");
  }

  void make(std::string_view name) {
    ASSERT_TRUE(call("CreateBucket", structure({{m::Bucket, name}})).value);
  }
  void reopen(std::shared_ptr<FaultLayer> layer) {
    close();
    open_over(store::open_embedded(path_, std::move(layer)));
  }

  static Value of(std::string_view key) { return structure({{m::Bucket, "bucket"}, {m::Key, key}}); }
  Answered put(std::string_view key, std::string data) { return call("PutObject", of(key), std::move(data)); }
  Answered get(std::string_view key) { return call("GetObject", of(key)); }

  Answered copy(std::string_view from, std::string_view to) {
    return call(
        "CopyObject",
        structure({{m::Bucket, "bucket"}, {m::Key, to}, {m::CopySource, "bucket/" + std::string(from)}}));
  }

  // In one part, which may be of any size.
  Answered put_in_parts(std::string_view key, std::string data) {
    auto made = call("CreateMultipartUpload", of(key));
    if (!made.value) return made;
    const std::string upload((*made)[m::UploadId].text());
    auto part =
        call("UploadPart",
             structure({{m::Bucket, "bucket"}, {m::Key, key}, {m::UploadId, upload}, {m::PartNumber, 1}}),
             std::move(data));
    if (!part.value) return part;
    Value::List parts;
    parts.push_back(structure({{m::PartNumber, 1}, {m::ETag, (*part)[m::ETag].text()}}));
    return call("CompleteMultipartUpload",
                structure({{m::Bucket, "bucket"},
                           {m::Key, key},
                           {m::UploadId, upload},
                           {m::MultipartUpload, structure({{m::Parts, Value(std::move(parts))}})}}));
  }

  bool write(Told& told, const std::string& key, std::mt19937& random) {
    // Small ones live in their record, larger ones in a blob.
    const size_t size = random() % (random() % 2 == 0 ? 1000 : 300'000);
    told.trying = key;
    told.wanted = std::string(size, static_cast<char>('a' + random() % 26));
    switch (random() % 5) {
      case 0:
        told.wanted = std::nullopt;
        return call("DeleteObject", of(key)).value.has_value();
      case 1:
        return put_in_parts(key, *told.wanted).value.has_value();
      case 2: {
        const std::string source = key + "-source";
        const auto put_source = put(source, *told.wanted);
        return put_source.value && copy(source, key).value;
      }
      default:
        return put(key, *told.wanted).value.has_value();
    }
  }

  // Until a call is not answered.
  void write_until_dead(Told& told, std::string prefix, unsigned seed, std::atomic<size_t>& done) {
    std::mt19937 random(seed);
    while (true) {
      const std::string key = prefix + std::to_string(random() % 8);
      if (!write(told, key, random)) return;
      told.known[key] = told.wanted;
      ++done;
    }
  }

  Told::Content content(const std::string& key) {
    const auto got = get(key);
    if (got.value) return got.body;
    EXPECT_EQ(got.code(), "NoSuchKey") << key;
    return std::nullopt;
  }

  // What a caller was told is so; what it was not told is so or is as it was.
  void check_told(Told& told) {
    if (!told.trying.empty()) {
      const auto now = content(told.trying);
      EXPECT_TRUE(now == told.wanted || now == told.known[told.trying])
          << told.trying << " is neither what it was nor what it was to be";
      told.known[told.trying] = now;
    }
    for (const auto& [key, expected] : told.known) {
      EXPECT_TRUE(content(key) == expected) << key << " is not what was acknowledged";
    }
  }

  // No record without its data and no data altered; after a sweep, none without its record either.
  void check_nothing_is_damaged() {
    std::vector<std::string> damage;
    const auto note = [&](const Finding& f) {
      if (f.is_damage()) damage.push_back(f.where + ": " + f.what);
    };
    ASSERT_TRUE(check_everything(*s3_, note));
    EXPECT_EQ(damage, std::vector<std::string>());
    ASSERT_TRUE(s3_->sweep());
    size_t orphans = 0;
    ASSERT_TRUE(check_everything(*s3_, [&](const Finding&) { ++orphans; }));
    EXPECT_EQ(orphans, 0U);
    for (const auto& draft : std::filesystem::directory_iterator(path_ + "/blobs/drafts")) {
      ADD_FAILURE() << "the sweep left " << draft.path();
    }
  }
};

// Faults come after so much work, not after so much time: a busy machine must not make a test prove less.
void await(const std::atomic<size_t>& count, size_t more) {
  for (const size_t until = count + more; count < until;) std::this_thread::sleep_for(100us);
}

TEST_F(S3Faults, APowerCutLosesNothingAcknowledged) {
  constexpr size_t kWriters = 4;
  std::vector<Told> told(kWriters);
  std::atomic<size_t> done = 0;
  for (int round = 0; round < rounds(6); ++round) {
    auto layer = std::make_shared<FaultLayer>();
    reopen(layer);
    std::vector<std::thread> threads;
    for (size_t w = 0; w < kWriters; ++w) {
      const auto seed = static_cast<unsigned>(round) * 10 + static_cast<unsigned>(w);
      threads.emplace_back([&, w, seed] { write_until_dead(told[w], std::to_string(w) + "/", seed, done); });
    }
    await(done, static_cast<size_t>(5 + round * 37 % 60));
    layer->cut_power();
    for (std::thread& thread : threads) thread.join();
    close();
    layer->lose_unsynced(static_cast<unsigned>(round));

    open();
    for (Told& writer : told) check_told(writer);
    check_nothing_is_damaged();
  }
}

// The blob, the folder that names it and the log are synced before the answer; a cut right after it loses
// nothing.
TEST_F(S3Faults, AnAnswerComesAfterTheLastSync) {
  const std::string large(200'000, 'x');
  auto layer = std::make_shared<FaultLayer>();
  reopen(layer);
  ASSERT_TRUE(put("first", large).value);  // folders and the log have their names now
  const int logs = layer->log_syncs();
  const int others = layer->other_syncs();
  ASSERT_TRUE(put("second", large).value);
  EXPECT_GE(layer->other_syncs() - others, 2);  // the blob's data, and the folder that names it
  EXPECT_GE(layer->log_syncs() - logs, 1);      // the record
  layer->cut_power();
  close();
  layer->lose_unsynced(7);
  open();
  EXPECT_EQ(get("second").body, large);
}

TEST_F(S3Faults, AFullDiskRefusesAndLeavesNothing) {
  auto layer = std::make_shared<FaultLayer>();
  reopen(layer);
  ASSERT_TRUE(put("before", std::string(200'000, 'b')).value);
  layer->fill_disk(true);
  for (const size_t size : {10, 200'000}) {
    const auto refused = put("before", std::string(size, 'd'));
    EXPECT_EQ(refused.code(), "ServiceUnavailable") << size;
    EXPECT_EQ(refused.value.error().status, 503);
    EXPECT_EQ(put_in_parts("parts", std::string(size, 'd')).code(), "ServiceUnavailable") << size;
  }
  EXPECT_EQ(get("before").body, std::string(200'000, 'b'));  // reading goes on
  EXPECT_EQ(get("parts").code(), "NoSuchKey");
  layer->fill_disk(false);
  std::this_thread::sleep_for(250ms);  // the store tries again by itself
  ASSERT_TRUE(put("after", std::string(200'000, 'a')).value);
  check_nothing_is_damaged();
  EXPECT_EQ(get("before").body, std::string(200'000, 'b'));
  EXPECT_EQ(get("after").body, std::string(200'000, 'a'));
}

TEST_F(S3Faults, AFailingSyncIsAnErrorAndTheServiceGoesOn) {
  auto layer = std::make_shared<FaultLayer>();
  reopen(layer);
  ASSERT_TRUE(put("k", "before").value);
  layer->break_syncs(true);
  for (const size_t size : {10, 200'000}) {
    const auto refused = put("k", std::string(size, 'd'));
    ASSERT_FALSE(refused.value);
    EXPECT_EQ(refused.value.error().status, 500);
  }
  layer->break_syncs(false);
  std::this_thread::sleep_for(250ms);
  ASSERT_TRUE(put("after", "a").value);
  layer->cut_power();
  close();
  layer->lose_unsynced(3);
  open();
  EXPECT_EQ(get("after").body, "a");
  // The refused writes of k may have reached the disk before the sync failed, or not: whole in either case.
  const std::string k = get("k").body;
  EXPECT_TRUE(k == "before" || k == std::string(10, 'd') || k == std::string(200'000, 'd')) << k.size();
  check_nothing_is_damaged();
}

}  // namespace
}  // namespace gatehouse::service::s3
