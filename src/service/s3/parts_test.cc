// The pieces that stand alone: names, records, ranges, conditions, checksums, what is public.
#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/time.h"
#include "model/s3.h"
#include "service/s3/bucket/names.h"
#include "service/s3/bucket/public_policy.h"
#include "service/s3/multipart/crc_combine.h"
#include "service/s3/object/object.h"
#include "service/s3/object/preconditions.h"
#include "service/s3/object/tags.h"
#include "service/s3/requirements.h"

namespace gatehouse::service::s3 {
namespace {

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, its own examples among them.
TEST(BucketName, Rules) {
  for (const char* good :
       {"docexamplebucket-1a1b2c3d4-5e6f7g8h9i0j", "amzn.example", "my-s3-bucket", "abc", "1.2.3"})
    EXPECT_TRUE(is_bucket_name(good)) << good;
  for (const char* bad : {"ab", "Amzn-bucket", "amzn_example", "-bucket", "bucket-", "a..b", "192.168.5.4",
                          "xn--bucket", "sthree-bucket", "amzn-s3-demo-bucket", "bucket-s3alias",
                          "bucket--ol-s3", "bucket.mrap", "bucket--x-s3", "bucket--table-s3", "", "a/b",
                          "a123456789012345678901234567890123456789012345678901234567890123"})
    EXPECT_FALSE(is_bucket_name(bad)) << bad;
}

TEST(Key, Limits) {
  EXPECT_TRUE(check_key(std::string(1024, 'k')));
  EXPECT_EQ(check_key(std::string(1025, 'k')).error().code, "KeyTooLongError");
  EXPECT_FALSE(check_key("\xff\xfe"));
  EXPECT_TRUE(check_key("../a//b"));
}

TEST(Key, EscapingKeepsOrderAndComesBack) {
  const std::string keys[] = {"",
                              std::string(1, '\0'),
                              std::string("\0\xff", 2),
                              "\x01",
                              "a",
                              std::string("a\0", 2),
                              std::string("a\0b", 3),
                              std::string("a\0\xff", 3),
                              "a\x01",
                              "ab",
                              "b"};
  for (const auto& key : keys) {
    const std::string text = escaped(key) + "rest";
    const auto back = unescaped(text);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->key, key);
    EXPECT_EQ(back->rest, "rest");
    for (const auto& other : keys) {
      if (key >= other) continue;
      EXPECT_LT(escaped(key) + "z", escaped(other) + "a");
    }
  }
  EXPECT_FALSE(unescaped("no end"));
}

TEST(ObjectRecord, ComesBackAsItWas) {
  Object o;
  o.sequence = 42;
  o.version = "v";
  o.modified = from_unix_seconds(1'700'000'000);
  o.size = 5;
  o.etag = "5d41402abc4b2a76b9719d911017c592";
  o.headers.type = "text/plain";
  o.headers.expires = "never";
  o.metadata = {{"a", "1"}, {"b", ""}};
  o.tags = {{"k", "v"}};
  o.checksum = {"CRC32", "AAAAAA==", false};
  o.parts = {{1, 3, "x"}, {7, 2, ""}};
  o.data = std::string("he\0lo", 5);
  const auto back = object_from_record(to_record(o), 9);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->sequence, 42U);
  EXPECT_EQ(back->data, o.data);
  EXPECT_EQ(back->headers.expires, "never");
  EXPECT_EQ(back->metadata, o.metadata);
  EXPECT_EQ(back->tags, o.tags);
  EXPECT_EQ(back->parts.at(1).number, 7);
  EXPECT_EQ(back->revision, 9U);
  EXPECT_EQ(to_record(*back), to_record(o));
}

TEST(ObjectRecord, DamageIsAnErrorNotACrash) {
  const std::string good = to_record(Object{});
  for (size_t cut = 0; cut < good.size(); ++cut) EXPECT_FALSE(object_from_record(good.substr(0, cut), 1));
  EXPECT_FALSE(object_from_record(std::string("\xff\xff\xff\xff{}", 6), 1));
  EXPECT_FALSE(object_from_record(std::string("\x07\0\0\0{\"v\":2}", 11), 1));
}

// RFC 9110 section 14.1.2, with a size of 10,000 as in its examples.
TEST(Range, AsTheRfcHasThem) {
  const auto range = [](std::string_view text, std::uint64_t size) {
    const auto r = read_range(text, size);
    if (!r) return r.error().code;
    return *r ? std::to_string((*r)->first) + "-" + std::to_string((*r)->last) : std::string("whole");
  };
  EXPECT_EQ(range("bytes=0-499", 10000), "0-499");
  EXPECT_EQ(range("bytes=500-999", 10000), "500-999");
  EXPECT_EQ(range("bytes=-500", 10000), "9500-9999");
  EXPECT_EQ(range("bytes=9500-", 10000), "9500-9999");
  EXPECT_EQ(range("bytes=0-20000", 10000), "0-9999");
  EXPECT_EQ(range("bytes=-20000", 10000), "0-9999");
  EXPECT_EQ(range("bytes=10000-", 10000), "InvalidRange");
  EXPECT_EQ(range("bytes=-0", 10000), "InvalidRange");
  EXPECT_EQ(range("bytes=0-", 0), "InvalidRange");
  for (const char* odd : {"", "bytes=", "bytes=5-4", "bytes=a-b", "items=0-1", "bytes=0-1,3-4", "bytes=1",
                          "bytes=99999999999999999999-"})
    EXPECT_EQ(range(odd, 10000), "whole") << odd;
}

TEST(Conditions, TagsOutweighDates) {
  namespace names = model::s3;
  Object o;
  o.etag = "abc";
  o.modified = from_unix_seconds(1000);
  const Time now = from_unix_seconds(5000);
  const auto outcome = [&](wire::Value in) {
    const auto fresh = check(read_conditions(in), o, now);
    if (!fresh) return fresh.error().code;
    return std::string(*fresh == Fresh::send ? "send" : "not modified");
  };
  using wire::structure;
  const auto at = [](int s) { return wire::Value(from_unix_seconds(s)); };
  EXPECT_EQ(outcome(structure({{names::IfMatch, "\"abc\""}})), "send");
  EXPECT_EQ(outcome(structure({{names::IfMatch, "\"x\", \"abc\""}})), "send");
  EXPECT_EQ(outcome(structure({{names::IfMatch, "\"x\""}})), "PreconditionFailed");
  EXPECT_EQ(outcome(structure({{names::IfMatch, "abc"}, {names::IfUnmodifiedSince, at(999)}})), "send");
  EXPECT_EQ(outcome(structure({{names::IfUnmodifiedSince, at(999)}})), "PreconditionFailed");
  EXPECT_EQ(outcome(structure({{names::IfUnmodifiedSince, at(1000)}})), "send");
  EXPECT_EQ(outcome(structure({{names::IfNoneMatch, "*"}})), "not modified");
  EXPECT_EQ(outcome(structure({{names::IfNoneMatch, "\"x\""}, {names::IfModifiedSince, at(2000)}})), "send");
  EXPECT_EQ(outcome(structure({{names::IfModifiedSince, at(1000)}})), "not modified");
  EXPECT_EQ(outcome(structure({{names::IfModifiedSince, at(999)}})), "send");
  EXPECT_EQ(outcome(structure({{names::IfModifiedSince, at(6000)}})), "send");  // in the future: ignored
}

TEST(CrcCombine, AgreesWithReadingEverything) {
  const std::string text = "The quick brown fox jumps over the lazy dog, twice over and then once more.";
  for (const auto kind : {Digest::Kind::crc32, Digest::Kind::crc32c, Digest::Kind::crc64nvme}) {
    const auto crc = [&](std::string_view piece) {
      Digest d(kind);
      d.update(piece);
      return d.finish();
    };
    for (size_t cut = 0; cut <= text.size(); ++cut) {
      const std::string_view a = std::string_view(text).substr(0, cut);
      const std::string_view b = std::string_view(text).substr(cut);
      EXPECT_EQ(combine_crc(kind, crc(a), crc(b), b.size()), crc(text)) << cut;
    }
  }
}

TEST(Tags, HeaderAndRules) {
  EXPECT_EQ(tags_from_header("a=1&b=x%20y+z&c")->at(1), (account::Tag{"b", "x y z"}));
  EXPECT_EQ(tags_from_header("a=1&a=2").error().code, "InvalidArgument");
  EXPECT_EQ(tags_from_header("aws:x=1").error().code, "InvalidTag");
  EXPECT_EQ(tags_from_header("a=" + std::string(257, 'v')).error().code, "InvalidTag");
  EXPECT_EQ(tags_from_header("a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1&j=1&k=1").error().code, "BadRequest");
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html, its
// examples.
TEST(PublicPolicy, AsS3MeansIt) {
  const auto with = [](std::string_view principal, std::string_view condition) {
    return std::string(
               R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*",)") +
           R"("Principal":)" + std::string(principal) +
           (condition.empty() ? "" : R"(,"Condition":)" + std::string(condition)) + "}}";
  };
  EXPECT_TRUE(is_public(with(R"("*")", "")));
  EXPECT_TRUE(is_public(with(R"({"AWS":["arn:aws:iam::111122223333:root","*"]})", "")));
  EXPECT_TRUE(is_public(with(R"("*")", R"({"StringLike":{"aws:SourceVpc":"vpc-*"}})")));
  EXPECT_TRUE(is_public(with(R"("*")", R"({"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}})")));
  EXPECT_TRUE(is_public(with(R"("*")", R"({"StringNotEquals":{"aws:SourceVpc":"vpc-1"}})")));
  EXPECT_TRUE(is_public(with(R"("*")", R"({"StringEquals":{"aws:Referer":"x"}})")));
  EXPECT_FALSE(is_public(with(R"("*")", R"({"StringEquals":{"aws:SourceVpc":"vpc-91237329"}})")));
  EXPECT_FALSE(is_public(with(R"("*")", R"({"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}})")));
  EXPECT_FALSE(is_public(with(R"("*")", R"({"StringEquals":{"aws:PrincipalOrgID":"o-1"}})")));
  EXPECT_FALSE(is_public(with(R"({"AWS":"arn:aws:iam::111122223333:root"})", "")));
  EXPECT_FALSE(
      is_public(R"({"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}]})"));
}

TEST(CopySource, BothForms) {
  const auto plain = read_copy_source("/b/a%20dir/k%3Fv?versionId=null");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->bucket, "b");
  EXPECT_EQ(plain->key, "a dir/k?v");
  EXPECT_EQ(plain->version, "null");
  for (const char* bad : {"", "/", "bucket", "bucket/", "/bucket/", "b/%zz"})
    EXPECT_FALSE(read_copy_source(bad)) << bad;
}

}  // namespace
}  // namespace gatehouse::service::s3
