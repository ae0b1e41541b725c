#include "store/embedded/home.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "store/embedded/testing.h"

namespace gatehouse::store {
namespace {

using testing::put;
using testing::Scratch;

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

TEST(HomeTest, MakesAPrivateDirectoryWithItsFormat) {
  Scratch scratch;
  std::string directory = scratch.path() + "/below/it/";
  ASSERT_TRUE(open_embedded(directory).has_value());
  EXPECT_EQ(std::filesystem::status(directory).permissions(), std::filesystem::perms::owner_all);
  EXPECT_EQ(read_file(directory + "FORMAT"), "gatehouse data 1\n");
  EXPECT_TRUE(open_embedded(directory).has_value());
}

TEST(HomeTest, RefusesADirectoryOfANewerVersion) {
  Scratch scratch;
  ASSERT_TRUE(put(*open_embedded(scratch.path())->records, "k/a", "v").has_value());
  std::ofstream(scratch.path() + "/FORMAT") << "gatehouse data 2\n";
  auto refused = open_embedded(scratch.path());
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("newer Gatehouse (format 2; this one reads up to 1)"),
            std::string::npos)
      << refused.error().message;
  EXPECT_NE(refused.error().message.find(scratch.path()), std::string::npos);
  // The refusal let go of the lock and left the records alone.
  std::ofstream(scratch.path() + "/FORMAT") << "gatehouse data 1\n";
  EXPECT_TRUE((*open_embedded(scratch.path())->records->get("k/a")).has_value());
}

TEST(HomeTest, RefusesAFormatItCannotRead) {
  Scratch scratch;
  for (const char* text : {"", "gatehouse data", "gatehouse data x\n", "gatehouse data 0\n", "hello"}) {
    std::filesystem::create_directories(scratch.path());
    std::ofstream(scratch.path() + "/FORMAT") << text;
    EXPECT_FALSE(open_embedded(scratch.path()).has_value()) << text;
  }
}

TEST(HomeTest, RefusesRecordsWithoutAFormat) {
  Scratch scratch;
  ASSERT_TRUE(open_embedded(scratch.path()).has_value());
  std::filesystem::remove(scratch.path() + "/FORMAT");
  auto refused = open_embedded(scratch.path());
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("no FORMAT file"), std::string::npos);
}

TEST(HomeTest, RefusesAFileAndADirectoryThatCannotBeMade) {
  Scratch scratch;
  std::ofstream(scratch.path()) << "a file";
  EXPECT_FALSE(open_embedded(scratch.path()).has_value());
  EXPECT_FALSE(open_embedded(scratch.path() + "/below").has_value());
  EXPECT_FALSE(open_embedded("").has_value());
}

void expect_in_use(const Result<Embedded>& refused, const std::string& directory) {
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("\"" + directory + "\" is in use by another Gatehouse"),
            std::string::npos)
      << refused.error().message;
  EXPECT_NE(refused.error().message.find("--data"), std::string::npos);
}

TEST(HomeTest, OneHolderInAProcess) {
  Scratch scratch;
  auto first = open_embedded(scratch.path());
  ASSERT_TRUE(first.has_value());
  expect_in_use(open_embedded(scratch.path()), scratch.path());
  first = Embedded{};
  EXPECT_TRUE(open_embedded(scratch.path()).has_value());
}

TEST(HomeTest, OneHolderAmongProcesses) {
  Scratch scratch;
  std::filesystem::create_directories(scratch.path());
  int ready[2];
  int leave[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(leave), 0);
  pid_t child = ::fork();
  if (child == 0) {
    char byte = 0;
    auto home = Home::open(scratch.path(), rocksdb::FileSystem::Default());
    byte = home ? 'y' : 'n';
    bool told = ::write(ready[1], &byte, 1) == 1 && ::read(leave[0], &byte, 1) == 1;
    ::_exit(told ? 0 : 1);
  }
  char held = 0;
  ASSERT_EQ(::read(ready[0], &held, 1), 1);
  EXPECT_EQ(held, 'y');
  expect_in_use(open_embedded(scratch.path()), scratch.path());
  ASSERT_EQ(::write(leave[1], "x", 1), 1);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(open_embedded(scratch.path()).has_value());
  for (int end : {ready[0], ready[1], leave[0], leave[1]}) ::close(end);
}

}  // namespace
}  // namespace gatehouse::store
