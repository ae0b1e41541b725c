#include "service/s3/logging/access_log.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace gatehouse::service::s3 {
namespace {

using Due = AccessLog::Due;

BucketPtr bucket(std::string name, Logging::Keys keys = Logging::Keys::plain) {
  Logging logging;
  logging.target = "logs";
  logging.keys = keys;
  Bucket b;
  b.name = std::move(name);
  b.logging = std::make_shared<const Logging>(std::move(logging));
  return std::make_shared<const Bucket>(std::move(b));
}

Time at(std::string_view text) { return *parse_iso8601(text); }

TEST(AccessLog, WaitsAMinute) {
  AccessLog log;
  const auto lake = bucket("lake");
  log.add(lake, at("2026-01-01T00:00:00Z"), "a\n");
  log.add(lake, at("2026-01-01T00:00:50Z"), "b\n");
  EXPECT_TRUE(log.take(Due::by_time, at("2026-01-01T00:00:59Z")).empty());
  const auto batches = log.take(Due::by_time, at("2026-01-01T00:01:00Z"));
  ASSERT_EQ(batches.size(), 1U);
  EXPECT_EQ(batches[0].lines, "a\nb\n");
  EXPECT_TRUE(log.take(Due::all, at("2026-01-01T00:01:00Z")).empty());
}

TEST(AccessLog, DeliversSoonerWhatIsLargeAndEverythingAtTheEnd) {
  AccessLog log;
  const Time now = at("2026-01-01T00:00:00Z");
  log.add(bucket("lake"), now, std::string(5 << 20, 'x'));
  log.add(bucket("pond"), now, "a\n");
  const auto large = log.take(Due::by_time, now);
  ASSERT_EQ(large.size(), 1U);
  EXPECT_EQ(large[0].source->name, "lake");
  EXPECT_EQ(log.take(Due::all, now).size(), 1U);
}

TEST(AccessLog, KeepsBucketsConfigurationsAndDaysApart) {
  AccessLog log;
  const auto lake = bucket("lake", Logging::Keys::partitioned_by_event);
  log.add(lake, at("2026-01-01T23:59:59Z"), "a\n");
  log.add(lake, at("2026-01-02T00:00:00Z"), "b\n");
  log.add(bucket("lake"), at("2026-01-02T00:00:00Z"), "c\n");
  EXPECT_EQ(log.take(Due::all, at("2026-01-02T00:00:00Z")).size(), 3U);
}

TEST(AccessLog, DoesNothingWithoutLogging) {
  AccessLog log;
  log.add(std::make_shared<const Bucket>(), at("2026-01-01T00:00:00Z"), "a\n");
  EXPECT_TRUE(log.take(Due::all, at("2026-01-02T00:00:00Z")).empty());
}

// Eighteen fields and more, each one word: what a client sends cannot end its field.
TEST(AccessLog, NoHeaderEndsItsField) {
  wire::Head head;
  head.method = "GET";
  head.target = "/lake/k?x=\"y";
  head.headers.add("user-agent", "a\"b\x01");
  head.headers.add("host", "h");
  Call call;
  call.head = &head;
  call.request_id = "R";
  call.circumstances.now = at("2026-02-06T00:00:38Z");
  call.circumstances.source_ip = "192.0.2.3";
  const Error denied{"AccessDenied", "", 403, {}};
  const std::string line =
      log_line(call, head, "owner", *bucket("lake"), {"REST.GET.OBJECT", "a b/\"", "v", 7},
               {403, &denied, 243, std::chrono::microseconds(1500)});
  EXPECT_TRUE(
      line.starts_with("owner lake [06/Feb/2026:00:00:38 +0000] 192.0.2.3 - R REST.GET.OBJECT a%20b/%22 "
                       "\"GET /lake/k?x=%22y HTTP/1.1\" 403 AccessDenied 243 7 1 1 \"-\" \"a%22b%01\" v "))
      << line;
  EXPECT_TRUE(line.ends_with(" - - - h - - -\n")) << line;
}

TEST(AccessLog, NothingThatIsSentEndsItsRecord) {
  wire::Head head;
  head.method = "GET";
  head.target = "/lake/k?x=\n\x7f\xc2\x85";
  head.headers.add("host", "h:80 [x]\"%0A\nforged");
  Call call;
  call.head = &head;
  call.request_id = "R";
  const std::string line =
      log_line(call, head, "owner", *bucket("lake"), {"REST.GET.OBJECT", "k\n", "v \nforged\xe2\x80\xa8", 7},
               {200, nullptr, 1, {}});
  EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
  EXPECT_NE(line.find(" k%0A \"GET /lake/k?x=%0A%7F%C2%85 HTTP/1.1\" "), std::string::npos) << line;
  EXPECT_NE(line.find(" v%20%0Aforged%E2%80%A8 "), std::string::npos) << line;
  EXPECT_NE(line.find(" h:80%20%5Bx%5D%22%250A%0Aforged - - -\n"), std::string::npos) << line;
}

}  // namespace
}  // namespace gatehouse::service::s3
