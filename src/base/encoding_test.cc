#include "base/encoding.h"

#include <gtest/gtest.h>

namespace gatehouse {
namespace {

TEST(Encoding, Base64KnowsRfc4648sVectors) {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : vectors) {
    EXPECT_EQ(base64(plain), coded);
    EXPECT_EQ(unbase64(coded), plain);
  }
}

TEST(Encoding, Base64RefusesWhatIsNotCanonical) {
  for (const char* bad : {"Zg", "Zg=", "Zh==", "Z===", "Zm9v!A==", "Zg==Zg=="})
    EXPECT_FALSE(unbase64(bad)) << bad;
  for (const char* bad : {"Zg==", "Zh", "Z", "a+b/"}) EXPECT_FALSE(unbase64url(bad)) << bad;
}

TEST(Encoding, Base64UrlHasNoPadding) {
  EXPECT_EQ(base64url("\xfb\xff\xfe"), "-__-");
  EXPECT_EQ(unbase64url("-__-"), "\xfb\xff\xfe");
  EXPECT_EQ(base64url("f"), "Zg");
}

TEST(Encoding, PercentEncodingIsSigV4s) {
  EXPECT_EQ(percent_encode("a b/c~*'"), "a%20b%2Fc~%2A%27");
  EXPECT_EQ(percent_encode("a b/c", true), "a%20b/c");
  EXPECT_EQ(percent_decode("a%20b+c"), "a b+c");
  EXPECT_EQ(percent_decode("a%20b+c", true), "a b c");
  for (const char* bad : {"%", "%2", "%zz"}) EXPECT_FALSE(percent_decode(bad)) << bad;
}

TEST(Encoding, QueryKeepsOrderAndEmptyValues) {
  const auto q = parse_query("b=1&a&c=%26&&b=2");
  ASSERT_TRUE(q);
  EXPECT_EQ(*q, (QueryParameters{{"b", "1"}, {"a", ""}, {"c", "&"}, {"b", "2"}}));
  EXPECT_FALSE(parse_query("a=%f"));
}

TEST(Encoding, Utf8RefusesOverlongSurrogatesAndBeyond) {
  EXPECT_TRUE(is_valid_utf8("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
  for (const char* bad :
       {"\x80", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\xff"}) {
    EXPECT_FALSE(is_valid_utf8(bad));
  }
}

}  // namespace
}  // namespace gatehouse
