#include "store/sealed_blobs.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "store/embedded/testing.h"

namespace gatehouse::store {
namespace {

const std::string kKey(32, 'k');

class SealedBlobs : public ::testing::Test {
 protected:
  void SetUp() override {
    auto opened = open_embedded(scratch_.path());
    ASSERT_TRUE(opened);
    store_ = std::move(*opened);
  }

  // Appended in pieces of `piece` bytes.
  std::string write(std::string_view text, size_t piece) {
    auto writer = store_.blobs->create();
    EXPECT_TRUE(writer);
    auto sealed = seal_into(std::move(*writer), kKey);
    for (size_t at = 0; at < text.size(); at += piece) EXPECT_TRUE(sealed->append(text.substr(at, piece)));
    auto id = sealed->seal();
    EXPECT_TRUE(id);
    return *id;
  }
  std::unique_ptr<BlobReader> read(const std::string& id, std::uint64_t size, std::string key = kKey) {
    auto blob = store_.blobs->open(id);
    EXPECT_TRUE(blob);
    return unseal_from(std::move(*blob), std::move(key), size);
  }
  std::filesystem::path file_of(const std::string& id) const {
    return std::filesystem::path(scratch_.path()) / "blobs" / id.substr(0, 2) / id;
  }
  static Result<std::string> range(const BlobReader& reader, std::uint64_t from, size_t size) {
    std::string out(size, '\0');
    auto got = reader.read(from, out);
    if (!got) return std::unexpected(got.error());
    out.resize(*got);
    return out;
  }
  static std::string text(size_t size) {
    std::mt19937_64 random(size);
    std::string out(size, '\0');
    for (char& c : out) c = static_cast<char>(random());
    return out;
  }

  testing::Scratch scratch_;
  Embedded store_;
};

TEST_F(SealedBlobs, EveryRangeOfEverySizeReadsBack) {
  std::mt19937_64 random(7);
  for (const size_t size : {size_t{1}, size_t{65535}, size_t{65536}, size_t{65537}, size_t{300'000}}) {
    const std::string all = text(size);
    const std::string id = write(all, 1 + random() % 100'000);
    EXPECT_EQ(std::filesystem::file_size(file_of(id)), sealed_size(size));
    const auto reader = read(id, size);
    EXPECT_EQ(reader->size(), size);
    EXPECT_EQ(range(*reader, 0, size + 10).value_or(""), all);
    for (int i = 0; i < 200; ++i) {
      const size_t from = random() % size;
      const size_t length = 1 + random() % size;
      EXPECT_EQ(range(*reader, from, length).value_or(""), all.substr(from, length));
    }
  }
}

TEST_F(SealedBlobs, NothingOfTheTextIsOnDisk) {
  const std::string id = write(std::string(200'000, 'x'), 200'000);
  std::ifstream in(file_of(id), std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  EXPECT_EQ(bytes.find("xxxx"), std::string::npos);
}

TEST_F(SealedBlobs, AnAlteredFrameDoesNotOpenAndTheOthersDo) {
  const std::string all = text(200'000);
  const std::string id = write(all, 50'000);
  {
    std::fstream file(file_of(id), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(70'000);  // in the second frame
    file.put('!');
  }
  const auto reader = read(id, all.size());
  EXPECT_EQ(range(*reader, 0, 65536).value_or(""), all.substr(0, 65536));
  EXPECT_FALSE(range(*reader, 65536, 10));
  EXPECT_EQ(range(*reader, 131072, 10).value_or(""), all.substr(131072, 10));
}

TEST_F(SealedBlobs, FramesThatWereCutOffOrExchangedDoNotOpen) {
  const std::string all = text(200'000);
  const std::string id = write(all, 50'000);
  std::filesystem::resize_file(file_of(id), 65552 * 2 + 100);
  EXPECT_FALSE(range(*read(id, all.size()), 131072, 10));
  const std::string other = write(all, 50'000);
  std::string bytes(65552 * 2, '\0');
  std::fstream file(file_of(other), std::ios::binary | std::ios::in | std::ios::out);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.seekp(0);
  file << bytes.substr(65552) << bytes.substr(0, 65552);
  file.close();
  EXPECT_FALSE(range(*read(other, all.size()), 0, 10));
}

TEST_F(SealedBlobs, AnotherKeyOpensNothing) {
  const std::string id = write("text", 4);
  EXPECT_FALSE(range(*read(id, 4, std::string(32, 'x')), 0, 4));
  const std::string frame = seal_frame(kKey, "text");
  EXPECT_EQ(unseal_frame(kKey, frame).value_or(""), "text");
  EXPECT_FALSE(unseal_frame(std::string(32, 'x'), frame));
}

}  // namespace
}  // namespace gatehouse::store
