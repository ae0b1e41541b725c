#include "base/hash.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace gatehouse {
namespace {

std::string digest(Digest::Kind kind, std::string_view data) {
  Digest d(kind);
  d.update(data.substr(0, data.size() / 2));
  d.update(data.substr(data.size() / 2));
  return hex(d.finish());
}

TEST(Hash, Sha256OfTheEmptyStringAndAbc) {
  EXPECT_EQ(hex(as_bytes(sha256(""))), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(as_bytes(sha256("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

// RFC 4231, cases 2 and 6 (a key longer than a block).
TEST(Hash, HmacKnowsRfc4231) {
  EXPECT_EQ(hex(as_bytes(hmac_sha256("Jefe", "what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(as_bytes(hmac_sha256(std::string(131, '\xaa'),
                                     "Test Using Larger Than Block-Size Key - Hash Key First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

// Eight bytes are taken at a time: however the data are cut, the digest is that of the bytes one by one.
TEST(Hash, CrcsDoNotDependOnWhereTheDataAreCut) {
  std::string data(1000, '\0');
  for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<char>(i * 7 + i / 13);
  for (const auto kind : {Digest::Kind::crc32, Digest::Kind::crc32c, Digest::Kind::crc64nvme}) {
    Digest bytewise(kind);
    for (size_t i = 0; i < data.size(); ++i) bytewise.update(std::string_view(data).substr(i, 1));
    const std::string expected = bytewise.finish();
    for (const size_t cut : {0U, 1U, 7U, 8U, 9U, 500U, 993U, 1000U}) {
      Digest parts(kind);
      parts.update(std::string_view(data).substr(0, cut));
      parts.update(std::string_view(data).substr(cut));
      EXPECT_EQ(parts.finish(), expected) << cut;
    }
  }
}

// The check values of the CRC catalogue: the digest of "123456789".
TEST(Hash, CrcsMatchTheirCheckValues) {
  EXPECT_EQ(digest(Digest::Kind::crc32, "123456789"), "cbf43926");
  EXPECT_EQ(digest(Digest::Kind::crc32c, "123456789"), "e3069283");
  EXPECT_EQ(digest(Digest::Kind::crc64nvme, "123456789"), "ae8b14860a799888");
}

TEST(Hash, PiecewiseEqualsWhole) {
  EXPECT_EQ(digest(Digest::Kind::md5, "abc"), hex(md5("abc")));
  EXPECT_EQ(digest(Digest::Kind::sha1, "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(digest(Digest::Kind::sha256, "abc"), hex(as_bytes(sha256("abc"))));
}

TEST(Hash, ConstantTimeComparison) {
  EXPECT_TRUE(equal_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_constant_time("abc", "ab"));
}

}  // namespace
}  // namespace gatehouse
