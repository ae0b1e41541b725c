#include "policy/match/text.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace gatehouse::policy {
namespace {

TEST(Text, EightBytesAtOnceAreTheSameAsEach) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t word = i < 256 ? every_byte(static_cast<unsigned char>(i)) : random();
    char bytes[8], lowered[8];
    store8(bytes, word);
    store8(lowered, lower8(word));
    const std::uint64_t colons = bytes_equal(word, ':');
    for (std::size_t k = 0; k < 8; ++k) {
      ASSERT_EQ(lowered[k], lower(bytes[k])) << word;
      ASSERT_EQ(colons >> (8 * k) & 0xFF, bytes[k] == ':' ? 0x80u : 0u) << word;
    }
  }
}

TEST(Text, ComparesEveryByteOfEveryLength) {
  for (std::size_t size = 0; size < 140; ++size) {
    const std::string text(size, 'x');
    EXPECT_TRUE(same_text(text, std::string(size, 'x')));
    EXPECT_TRUE(begins_with(text + "y", text));
    EXPECT_FALSE(same_text(text, text + "x"));
    EXPECT_FALSE(begins_with(text, text + "x"));
    for (std::size_t i = 0; i < size; ++i) {
      std::string other = text;
      other[i] = 'X';
      EXPECT_FALSE(same_text(text, other)) << size << " " << i;
      EXPECT_FALSE(begins_with(text + "y", other)) << size << " " << i;
      EXPECT_TRUE(equal_ignoring_case(text, other)) << size << " " << i;
      EXPECT_NE(hash_text(text), hash_text(other)) << size << " " << i;
      EXPECT_EQ(hash_folded(text), hash_folded(other)) << size << " " << i;
      other[i] = 'y';
      EXPECT_FALSE(equal_ignoring_case(text, other)) << size << " " << i;
      EXPECT_NE(hash_folded(text), hash_folded(other)) << size << " " << i;
    }
  }
}

}  // namespace
}  // namespace gatehouse::policy
