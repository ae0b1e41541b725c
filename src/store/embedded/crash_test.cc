// kill -9 in the middle of writing: a child process writes and tells through a pipe what was acknowledged.
// The child is this program again, not a fork of it: a fork would have RocksDB without its threads.
#include <fcntl.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "store/embedded/testing.h"

namespace gatehouse::store {
namespace {

using testing::put;
using testing::Scratch;

constexpr const char* kDirectory = "GATEHOUSE_STORE_TEST_DIRECTORY";
constexpr int kPipe = 3;

int rounds() {
  const char* asked = std::getenv("GATEHOUSE_CRASH_ROUNDS");
  return asked != nullptr ? std::stoi(asked) : 5;
}

Result<std::string> seal_blob(Blobs& blobs, size_t size, std::unique_ptr<BlobWriter>& writer) {
  TRY(writer, blobs.create());
  CHECK_OK(writer->append(std::string(size, 'z')));
  return writer->seal();
}

void write_forever(Embedded& store, const std::string& prefix) {
  for (int i = 0;; ++i) {
    std::string key = fmt::format("{}/{}", prefix, i);
    std::unique_ptr<BlobWriter> writer;
    std::string value = "-";
    if (i % 4 == 0) value = seal_blob(*store.blobs, 70'000, writer).value();
    put(*store.records, key, value).value();
    std::string line = key + " " + value + "\n";  // shorter than PIPE_BUF, so written whole
    if (::write(kPipe, line.data(), line.size()) < 0) return;
  }
}

// Run by the test below in a process of its own.
TEST(CrashTest, DISABLED_Child) {
  const char* directory = std::getenv(kDirectory);
  ASSERT_NE(directory, nullptr);
  auto store = open_embedded(directory);
  ASSERT_TRUE(store.has_value());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] { write_forever(*store, fmt::format("k/{}-{}", ::getpid(), t)); });
  }
  for (std::thread& thread : threads) thread.join();
}

pid_t start_child(const std::string& directory, int pipe) {
  pid_t child = ::fork();
  if (child != 0) return child;
  ::dup2(pipe, kPipe);
  ::setenv(kDirectory, directory.c_str(), 1);
  ::execl("/proc/self/exe", "store_test", "--gtest_filter=CrashTest.DISABLED_Child",
          "--gtest_also_run_disabled_tests", static_cast<char*>(nullptr));
  ::_exit(127);
}

// Kills the child once it has said `lines` lines, and returns everything it said.
std::string run_and_kill(const std::string& directory, std::ptrdiff_t lines) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return "";
  pid_t child = start_child(directory, ends[1]);
  ::close(ends[1]);
  std::string said;
  std::string part(65536, 0);
  ssize_t got = 0;
  while ((got = ::read(ends[0], part.data(), part.size())) > 0) {
    said.append(part, 0, static_cast<size_t>(got));
    if (std::ranges::count(said, '\n') >= lines) ::kill(child, SIGKILL);
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  return said;
}

TEST(CrashTest, KillLosesNothingAcknowledged) {
  Scratch scratch;
  std::mt19937 random(20240);
  size_t acknowledged = 0;
  for (int round = 0; round < rounds(); ++round) {
    std::istringstream said(run_and_kill(scratch.path(), static_cast<std::ptrdiff_t>(1 + random() % 200)));
    auto store = open_embedded(scratch.path());
    ASSERT_TRUE(store.has_value()) << store.error().message;
    std::set<std::string> named;
    std::string key;
    std::string value;
    while (said >> key >> value) {
      ++acknowledged;
      auto record = store->records->get(key);
      ASSERT_TRUE(record.has_value() && record->has_value()) << key << " was acknowledged and is gone";
      EXPECT_EQ((*record)->value, value);
      if (value == "-") continue;
      auto blob = store->blobs->open(value);
      ASSERT_TRUE(blob.has_value()) << "the blob of " << key << " is gone";
      EXPECT_EQ((*blob)->size(), 70'000u);
    }
  }
  EXPECT_GT(acknowledged, 50u);
}

}  // namespace
}  // namespace gatehouse::store
