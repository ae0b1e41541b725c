// Durable commits and reads of the embedded store, and in the same run what the disk itself does: one thread
// that appends the same bytes to a file and calls fdatasync.
//
//   build/release/bench/store_bench [--directory DIR]      DIR: on the disk to measure, default the temporary
//
// SlowDisk adds 2 ms to each sync, where sharing syncs shows: 64 writers should reach 20 times one writer.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <random>

#include "store/embedded/embedded.h"
#include "store/embedded/fault_layer.h"

namespace {

using namespace gatehouse::store;
using gatehouse::store::testing::FaultLayer;

std::string directory = std::filesystem::temp_directory_path().string();
constexpr size_t kValueSize = 1024;

// A store that lives as long as the threads of one benchmark.
class Bench {
 public:
  Records& open(std::shared_ptr<rocksdb::FileSystem> files) {
    path_ = directory + "/gatehouse-store-bench";
    std::filesystem::remove_all(path_);
    auto opened = open_embedded(path_, std::move(files));
    if (!opened) throw std::runtime_error(opened.error().message);
    store_ = std::move(*opened);
    return *store_.records;
  }
  void close() {
    store_ = {};
    std::filesystem::remove_all(path_);
  }
  Records& records() { return *store_.records; }

 private:
  std::string path_;
  Embedded store_;
};

Bench bench;

void raw_sync(benchmark::State& state) {
  std::string path = directory + "/gatehouse-store-bench.raw";
  int file = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
  std::string value(kValueSize, 'v');
  for (auto _ : state) {
    if (::write(file, value.data(), value.size()) < 0 || ::fdatasync(file) != 0) state.SkipWithError("write");
  }
  state.SetItemsProcessed(state.iterations());
  ::close(file);
  ::unlink(path.c_str());
}
BENCHMARK(raw_sync)->UseRealTime();

void commit(benchmark::State& state, bool slow) {
  if (state.thread_index() == 0) {
    std::shared_ptr<rocksdb::FileSystem> files = rocksdb::FileSystem::Default();
    if (slow) {
      auto layer = std::make_shared<FaultLayer>();
      layer->delay_syncs(std::chrono::milliseconds(2));
      files = layer;
    }
    bench.open(std::move(files));
  }
  std::string value(kValueSize, 'v');
  std::string partition = fmt::format("k/{}", state.thread_index());
  size_t i = 0;
  for (auto _ : state) {
    Batch batch;
    batch.puts.emplace_back(fmt::format("{}/{}", partition, i++), value);
    if (!bench.records().commit(partition, std::move(batch))) state.SkipWithError("commit");
  }
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) bench.close();
}
void commit_on_disk(benchmark::State& state) { commit(state, false); }
void commit_on_slow_disk(benchmark::State& state) { commit(state, true); }
BENCHMARK(commit_on_disk)->Threads(1)->Threads(16)->Threads(64)->UseRealTime();
BENCHMARK(commit_on_slow_disk)->Threads(1)->Threads(16)->Threads(64)->UseRealTime();

// Point reads of 50,000 records of 1 KiB, most of them in tables by then.
void get(benchmark::State& state) {
  constexpr int kRecords = 50'000;
  auto key = [](size_t i) { return fmt::format("object/111122223333/us-east-1/bucket/{:08}", i); };
  if (state.thread_index() == 0) {
    Records& records = bench.open(rocksdb::FileSystem::Default());
    for (size_t i = 0; i < kRecords;) {
      Batch batch;
      for (int j = 0; j < 1000; ++j) batch.puts.emplace_back(key(i++), std::string(kValueSize, 'v'));
      if (!records.commit("p", std::move(batch))) state.SkipWithError("fill");
    }
  }
  std::minstd_rand random(static_cast<unsigned>(state.thread_index() + 1));
  for (auto _ : state) {
    auto record = bench.records().get(key(random() % kRecords));
    if (!record || !*record) state.SkipWithError("get");
    benchmark::DoNotOptimize(record);
  }
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) bench.close();
}
BENCHMARK(get)->Threads(1)->Threads(2)->UseRealTime();

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc == 3 && std::string_view(argv[1]) == "--directory") {
    directory = argv[2];
  } else if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
    return 2;
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
