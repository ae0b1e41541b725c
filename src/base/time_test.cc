#include "base/time.h"

#include <gtest/gtest.h>

#include "base/arn.h"
#include "base/json.h"
#include "base/random.h"

namespace gatehouse {
namespace {

TEST(Time, WritesWhatAwsWrites) {
  const Time t = from_unix_seconds(1769903999) + std::chrono::milliseconds(7);
  EXPECT_EQ(iso8601(t), "2026-01-31T23:59:59Z");
  EXPECT_EQ(iso8601_millis(t), "2026-01-31T23:59:59.007Z");
  EXPECT_EQ(basic_iso8601(t), "20260131T235959Z");
  EXPECT_EQ(http_date(t), "Sat, 31 Jan 2026 23:59:59 GMT");
}

TEST(Time, ReadsItBack) {
  const Time t = from_unix_seconds(1769903999);
  for (const char* text : {"2026-01-31T23:59:59Z", "2026-02-01T00:59:59+01:00", "2026-01-31T18:59:59-0500"}) {
    EXPECT_EQ(parse_iso8601(text), t) << text;
  }
  EXPECT_EQ(parse_iso8601("2026-01-31T23:59:59.250Z"), t + std::chrono::milliseconds(250));
  EXPECT_EQ(parse_iso8601("1970-01-01"), Time{});
  EXPECT_EQ(parse_basic_iso8601("20260131T235959Z"), t);
  EXPECT_EQ(parse_http_date("Sat, 31 Jan 2026 23:59:59 GMT"), t);
  EXPECT_EQ(parse_http_date("Saturday, 31-Jan-26 23:59:59 GMT"), t);
}

TEST(Time, RefusesWhatIsNoMoment) {
  for (const char* bad : {"", "2026-02-30", "2026-01-31T24:00:00Z", "2026-01-31T23:59:59X",
                          "2026-01-31T23:59:59.Z", "26-1-1"}) {
    EXPECT_FALSE(parse_iso8601(bad)) << bad;
  }
  for (const char* bad : {"20260131T235959", "20260231T235959Z", "20260131 235959Z"}) {
    EXPECT_FALSE(parse_basic_iso8601(bad)) << bad;
  }
}

TEST(Arn, SplitsAtTheFirstFiveColons) {
  const auto arn = Arn::parse("arn:aws:logs:us-east-1:123456789012:log-group:/a:*");
  ASSERT_TRUE(arn);
  EXPECT_EQ(arn->service, "logs");
  EXPECT_EQ(arn->account, "123456789012");
  EXPECT_EQ(arn->resource, "log-group:/a:*");
  EXPECT_FALSE(Arn::parse("arn:aws:s3::b"));
  EXPECT_TRUE(is_account_id("123456789012"));
  EXPECT_FALSE(is_account_id("1234567890"));
}

TEST(Random, IdsHaveAwsShapes) {
  SystemRandom random;
  EXPECT_EQ(unique_id(random, id_prefix::kRole).size(), 21U);
  EXPECT_EQ(access_key_id(random, id_prefix::kAccessKey).size(), 20U);
  const std::string uuid = random.uuid();
  EXPECT_EQ(uuid.size(), 36U);
  EXPECT_EQ(uuid[14], '4');
  EXPECT_NE(uuid, random.uuid());
}

TEST(Json, RefusesWhatIsNotJson) {
  for (const char* bad : {"", "{", "{}x", "{\"a\":1,}", "[1 2]", "nul"})
    EXPECT_FALSE(json::parse(bad)) << bad;
  EXPECT_FALSE(json::parse(std::string(100, '[')));
  const auto v = json::parse(R"({"a":{"b":[1,"x"]}})");
  ASSERT_TRUE(v);
  EXPECT_EQ(json::dump_pretty(*v), "{\n  \"a\": {\n    \"b\": [\n      1,\n      \"x\"\n    ]\n  }\n}\n");
}

}  // namespace
}  // namespace gatehouse
