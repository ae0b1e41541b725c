// S3 as its callers see it, through the table, the requirements and the gate.
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "base/encoding.h"
#include "base/hash.h"
#include "service/s3/testing.h"

namespace gatehouse::service::s3 {
namespace {

using wire::structure;
using wire::Value;

class S3Calls : public S3Test {
 protected:
  void make(std::string_view name) {
    ASSERT_TRUE(call("CreateBucket", structure({{m::Bucket, name}})).value);
  }
  Answered put(std::string_view key, std::string data, std::string_view bucket = "bucket") {
    return call("PutObject", structure({{m::Bucket, bucket}, {m::Key, key}}), std::move(data));
  }
  Answered get(std::string_view key) {
    return call("GetObject", structure({{m::Bucket, "bucket"}, {m::Key, key}}));
  }
  void set_versioning(std::string_view status) {
    ASSERT_TRUE(call("PutBucketVersioning",
                     structure({{m::Bucket, "bucket"},
                                {m::VersioningConfiguration, structure({{m::Status, status}})}}))
                    .value);
  }
};

TEST_F(S3Calls, AreMadeListedAndDeleted) {
  make("bucket");
  make("another");
  const auto listed = call("ListBuckets", {});
  ASSERT_TRUE(listed.value);
  ASSERT_EQ((*listed)[m::Buckets].list().size(), 2U);
  EXPECT_EQ((*listed)[m::Buckets].list()[0][m::Name].text(), "another");
  ASSERT_TRUE(put("k", "v").value);
  EXPECT_EQ(call("DeleteBucket", structure({{m::Bucket, "bucket"}})).code(), "BucketNotEmpty");
  ASSERT_TRUE(call("DeleteObject", structure({{m::Bucket, "bucket"}, {m::Key, "k"}})).value);
  EXPECT_EQ(call("DeleteBucket", structure({{m::Bucket, "bucket"}})).code(), "");
  EXPECT_EQ(call("HeadBucket", structure({{m::Bucket, "bucket"}})).code(), "NoSuchBucket");
  make("bucket");
}

TEST_F(S3Calls, BelongToOneAccount) {
  make("bucket");
  const auto other = directory_->create_account("other", "other@example.com");
  ASSERT_TRUE(other);
  auto stranger = root();
  stranger.account = (*other)->id;
  stranger.arn = "arn:aws:iam::" + (*other)->id + ":root";
  EXPECT_EQ(call_as(stranger, "CreateBucket", structure({{m::Bucket, "bucket"}})).code(),
            "BucketAlreadyExists");
  EXPECT_EQ(call_as(stranger, "HeadBucket", structure({{m::Bucket, "bucket"}})).code(), "AccessDenied");
  EXPECT_TRUE((*call_as(stranger, "ListBuckets", {}))[m::Buckets].list().empty());
}

TEST_F(S3Calls, ObjectsSurviveAReopen) {
  make("bucket");
  const std::string large(200'000, 'x');
  ASSERT_TRUE(put("small", "hello").value);
  ASSERT_TRUE(put("large", large).value);
  close();
  open();
  EXPECT_EQ(get("small").body, "hello");
  EXPECT_EQ(get("large").body, large);
  EXPECT_EQ((*get("large"))[m::ETag].text(), '"' + hex(md5(large)) + '"');
}

// A read on an I/O thread takes what lies in memory, and leaves the rest to a second try that may wait.
TEST_F(S3Calls, AReadThatMustNotWaitFindsOnlyWhatIsInMemory) {
  make("bucket");
  for (int i = 0; i < 100; ++i) put("filler-" + std::to_string(i), std::string(4096, 'x'));
  put("filler-5-small", "data");
  put("large", std::string(200'000, 'x'));
  const auto reading = [&](std::string_view key, store::Reach reach) {
    wire::Head head;
    Call c;
    c.head = &head;
    c.operation = service_->model().find("GetObject");
    c.in = structure({{m::Bucket, "bucket"}, {m::Key, key}});
    c.caller = root();
    c.region = "us-east-1";
    c.reach = reach;
    const auto requirements = service_->find("GetObject")->requirements(c);
    return requirements ? "" : requirements.error().code;
  };
  EXPECT_EQ(reading("filler-5-small", store::Reach::memory), "");
  EXPECT_EQ(reading("large", store::Reach::memory), store::kNotInMemory);  // its blob is a file
  EXPECT_EQ(reading("none", store::Reach::memory), "");
  close();
  open();
  EXPECT_EQ(reading("filler-5-small", store::Reach::memory), store::kNotInMemory);
  EXPECT_EQ(reading("filler-5-small", store::Reach::disk), "");
  EXPECT_EQ(reading("filler-5-small", store::Reach::memory), "");
}

TEST_F(S3Calls, OverwritingAndDeletingLeaveNoBlob) {
  make("bucket");
  ASSERT_TRUE(put("k", std::string(100'000, 'a')).value);
  ASSERT_TRUE(put("k", std::string(100'000, 'b')).value);
  ASSERT_TRUE(put("other", std::string(100'000, 'c')).value);
  ASSERT_TRUE(call("DeleteObject", structure({{m::Bucket, "bucket"}, {m::Key, "other"}})).value);
  const Value refused = structure({{m::Bucket, "bucket"},
                                   {m::Key, "k"},
                                   {m::CopySource, "bucket/k"},
                                   {m::StorageClass, "STANDARD"},
                                   {m::IfNoneMatch, "*"}});
  EXPECT_EQ(call("CopyObject", refused).code(), "PreconditionFailed");
  EXPECT_EQ(s3_->sweep(), 0U);  // nothing left to collect, and nothing collected that is named
  EXPECT_EQ(get("k").body, std::string(100'000, 'b'));
  {
    auto orphan = s3_->blobs().create();
    ASSERT_TRUE(orphan);
    ASSERT_TRUE((*orphan)->append("nobody's"));
    ASSERT_TRUE((*orphan)->seal());
  }
  EXPECT_EQ(s3_->sweep(), 1U);
  EXPECT_EQ(get("k").body, std::string(100'000, 'b'));
}

// Writers of one key are served one after the other; no version is lost and none is torn.
TEST_F(S3Calls, WritersOfOneKeyAllLeaveTheirVersion) {
  make("bucket");
  set_versioning("Enabled");
  const auto bucket = s3_->buckets().find("bucket");
  constexpr int kWriters = 8;
  constexpr int kEach = 10;
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int w = 0; w < kWriters; ++w) {
    threads.emplace_back([&, w] {
      for (int i = 0; i < kEach; ++i) {
        Object object;
        object.modified = from_unix_seconds(1'700'000'000);
        object.data = std::to_string(w * kEach + i);
        object.size = object.data.size();
        if (!s3_->index().put(*bucket, "k", object, {})) ++failures;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  const auto listed = call("ListObjectVersions", structure({{m::Bucket, "bucket"}}));
  std::set<std::string> bodies;
  for (const auto& v : (*listed)[m::Versions].list()) {
    bodies.insert(
        call("GetObject", structure({{m::Bucket, "bucket"}, {m::Key, "k"}, {m::VersionId, v[m::VersionId]}}))
            .body);
  }
  EXPECT_EQ(bodies.size(), size_t{kWriters * kEach});
}

TEST_F(S3Calls, ABucketThatIsWrittenToIsNotDeleted) {
  make("bucket");
  const auto bucket = s3_->buckets().find("bucket");
  {
    const WriteGuard writing(*bucket);
    ASSERT_TRUE(writing);
    EXPECT_EQ(call("DeleteBucket", structure({{m::Bucket, "bucket"}})).code(), "OperationAborted");
  }
  ASSERT_TRUE(bucket->activity->close());
  EXPECT_EQ(put("k", "x").code(), "OperationAborted");
  bucket->activity->reopen();
  EXPECT_EQ(put("k", "x").code(), "");
}

TEST_F(S3Calls, RangesCrossNothingTheyShouldNot) {
  make("bucket");
  std::string large;
  for (int i = 0; large.size() < 150'000; ++i) large += std::to_string(i);
  ASSERT_TRUE(put("large", large).value);
  for (const auto& [from, to] :
       {std::pair<size_t, size_t>{0, 0}, {1, 70'000}, {65'535, 65'537}, {149'000, 149'999}}) {
    const auto got = call(
        "GetObject", structure({{m::Bucket, "bucket"},
                                {m::Key, "large"},
                                {m::Range, "bytes=" + std::to_string(from) + "-" + std::to_string(to)}}));
    EXPECT_EQ(got.status, 206);
    EXPECT_EQ(got.body, large.substr(from, to - from + 1));
  }
}

TEST_F(S3Calls, AMissingKeyIsToldOnlyToThoseWhoMayList) {
  make("bucket");
  const auto reader = user("reader", R"({"Version":"2012-10-17","Statement":
      [{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}]})");
  EXPECT_EQ(get("missing").code(), "NoSuchKey");
  const auto refused = call_as(reader, "GetObject", structure({{m::Bucket, "bucket"}, {m::Key, "missing"}}));
  EXPECT_EQ(refused.code(), "AccessDenied");
  EXPECT_NE(refused.value.error().message.find("s3:ListBucket on resource: \"arn:aws:s3:::bucket\""),
            std::string::npos)
      << refused.value.error().message;
  EXPECT_EQ(call_as(reader, "GetObject", structure({{m::Bucket, "no-such-bucket"}, {m::Key, "k"}})).code(),
            "NoSuchBucket");
  const auto put = call_as(reader, "PutObject", structure({{m::Bucket, "bucket"}, {m::Key, "k"}}), "x");
  EXPECT_EQ(put.code(), "AccessDenied");
}

TEST_F(S3Calls, DeleteObjectsDecidesEachKey) {
  make("bucket");
  for (const char* key : {"mine/1", "mine/2", "theirs"}) ASSERT_TRUE(put(key, "x").value);
  const auto someone = user("someone", R"({"Version":"2012-10-17","Statement":
      [{"Effect":"Allow","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::bucket/mine/*"}]})");
  Value::List keys;
  for (const char* key : {"mine/1", "theirs", "mine/2"}) keys.push_back(structure({{m::Key, key}}));
  const auto outcome =
      call_as(someone, "DeleteObjects",
              structure({{m::Bucket, "bucket"}, {m::Delete, structure({{m::Objects, keys}})}}));
  ASSERT_TRUE(outcome.value);
  EXPECT_EQ((*outcome)[m::Deleted].list().size(), 2U);
  ASSERT_EQ((*outcome)[m::Errors].list().size(), 1U);
  EXPECT_EQ((*outcome)[m::Errors].list()[0][m::Code].text(), "AccessDenied");
  EXPECT_EQ(get("theirs").body, "x");
  EXPECT_EQ(get("mine/1").code(), "NoSuchKey");
}

TEST_F(S3Calls, ListingConditionsSeeWhatWasSent) {
  make("bucket");
  const auto home = user("home", R"({"Version":"2012-10-17","Statement":
      [{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::bucket",
        "Condition":{"StringLike":{"s3:prefix":"home/*"}}}]})");
  EXPECT_TRUE(
      call_as(home, "ListObjectsV2", structure({{m::Bucket, "bucket"}, {m::Prefix, "home/x"}})).value);
  EXPECT_EQ(call_as(home, "ListObjectsV2", structure({{m::Bucket, "bucket"}, {m::Prefix, "other"}})).code(),
            "AccessDenied");
  EXPECT_EQ(call_as(home, "ListObjectsV2", structure({{m::Bucket, "bucket"}})).code(), "AccessDenied");
}

TEST_F(S3Calls, TagsOfObjectsAreConditions) {
  make("bucket");
  ASSERT_TRUE(call("PutObject",
                   structure({{m::Bucket, "bucket"}, {m::Key, "open"}, {m::Tagging, "class=public"}}), "x")
                  .value);
  ASSERT_TRUE(put("closed", "x").value);
  const auto reader = user("tagged", R"({"Version":"2012-10-17","Statement":
      [{"Effect":"Allow","Action":"s3:GetObject","Resource":"*",
        "Condition":{"StringEquals":{"s3:ExistingObjectTag/class":"public"}}},
       {"Effect":"Allow","Action":["s3:PutObject","s3:PutObjectTagging"],"Resource":"*",
        "Condition":{"StringEquals":{"s3:RequestObjectTag/class":"public"}}}]})");
  const auto in = [](std::string_view key) { return structure({{m::Bucket, "bucket"}, {m::Key, key}}); };
  EXPECT_EQ(call_as(reader, "GetObject", in("open")).body, "x");
  EXPECT_EQ(call_as(reader, "GetObject", in("closed")).code(), "AccessDenied");
  EXPECT_EQ(call_as(reader, "PutObject", in("new"), "x").code(), "AccessDenied");
  Value tagged = in("new");
  tagged.set(m::Tagging, "class=public");
  EXPECT_EQ(call_as(reader, "PutObject", tagged, "x").code(), "");
}

TEST_F(S3Calls, VersionsComeAndGo) {
  make("bucket");
  ASSERT_TRUE(put("k", "before").value);
  set_versioning("Enabled");
  const auto second = put("k", "second");
  const std::string v2((*second)[m::VersionId].text());
  ASSERT_FALSE(v2.empty());
  const std::string v3((*put("k", std::string(100'000, '3')))[m::VersionId].text());
  const auto version = [&](std::string_view op, std::string_view id) {
    return call(op, structure({{m::Bucket, "bucket"}, {m::Key, "k"}, {m::VersionId, id}}));
  };
  EXPECT_EQ(version("GetObject", "null").body, "before");
  EXPECT_EQ(version("GetObject", v2).body, "second");
  EXPECT_EQ(get("k").body, std::string(100'000, '3'));
  EXPECT_EQ(version("GetObject", "nonsense").code(), "InvalidArgument");

  const auto hidden = call("DeleteObject", structure({{m::Bucket, "bucket"}, {m::Key, "k"}}));
  EXPECT_TRUE((*hidden)[m::DeleteMarker].boolean());
  EXPECT_EQ(get("k").code(), "NoSuchKey");
  EXPECT_EQ(get("k").headers.get("x-amz-delete-marker"), "true");
  const std::string marker((*hidden)[m::VersionId].text());
  EXPECT_EQ(version("GetObject", marker).code(), "MethodNotAllowed");
  EXPECT_TRUE((*call("ListObjectsV2", structure({{m::Bucket, "bucket"}})))[m::Contents].list().empty());

  const auto listed = call("ListObjectVersions", structure({{m::Bucket, "bucket"}}));
  ASSERT_EQ((*listed)[m::Versions].list().size(), 3U);
  EXPECT_EQ((*listed)[m::Versions].list()[0][m::VersionId].text(), v3);
  EXPECT_EQ((*listed)[m::Versions].list()[2][m::VersionId].text(), "null");
  ASSERT_EQ((*listed)[m::DeleteMarkers].list().size(), 1U);
  EXPECT_TRUE((*listed)[m::DeleteMarkers].list()[0][m::IsLatest].boolean());

  ASSERT_TRUE(version("DeleteObject", marker).value);  // undelete
  EXPECT_EQ(get("k").body.size(), 100'000U);
  ASSERT_TRUE(version("DeleteObject", v3).value);
  EXPECT_EQ(get("k").body, "second");
  ASSERT_TRUE(version("DeleteObject", "null").value);
  EXPECT_EQ(get("k").body, "second");
  EXPECT_EQ(call("DeleteBucket", structure({{m::Bucket, "bucket"}})).code(), "BucketNotEmpty");
  ASSERT_TRUE(version("DeleteObject", v2).value);
  EXPECT_EQ(get("k").code(), "NoSuchKey");
  EXPECT_EQ(call("DeleteBucket", structure({{m::Bucket, "bucket"}})).code(), "");
}

TEST_F(S3Calls, SuspendedVersioningKeepsOneNullVersion) {
  make("bucket");
  set_versioning("Enabled");
  const std::string v1((*put("k", "1"))[m::VersionId].text());
  set_versioning("Suspended");
  ASSERT_TRUE(put("k", "2").value);
  ASSERT_TRUE(put("k", "3").value);
  ASSERT_TRUE(call("DeleteObject", structure({{m::Bucket, "bucket"}, {m::Key, "k"}})).value);
  const auto listed = call("ListObjectVersions", structure({{m::Bucket, "bucket"}}));
  ASSERT_EQ((*listed)[m::Versions].list().size(), 1U);
  EXPECT_EQ((*listed)[m::Versions].list()[0][m::VersionId].text(), v1);
  EXPECT_EQ((*listed)[m::DeleteMarkers].list().at(0)[m::VersionId].text(), "null");
}

// The listing against the obvious way to do it, over every page size.
TEST_F(S3Calls, ListingAgreesWithTheNaiveOne) {
  make("bucket");
  std::set<std::string> keys;
  for (const char* key :
       {"a", "a/", "a/b", "a/b/c", "a/c", "a0", "b//c", "b/c", "c", "d/e/f", "d/e/g", "z/"}) {
    keys.insert(key);
    ASSERT_TRUE(put(key, "x").value);
  }
  for (const std::string prefix : {"", "a", "a/", "d/e", "nothing"}) {
    for (const std::string delimiter : {"", "/", "//", "b"}) {
      std::vector<std::string> expected;
      for (const auto& key : keys) {
        if (!key.starts_with(prefix)) continue;
        const auto at = delimiter.empty() ? std::string::npos : key.find(delimiter, prefix.size());
        const std::string shown = at == std::string::npos ? key : key.substr(0, at + delimiter.size());
        const std::string entry = (at == std::string::npos ? "k " : "p ") + shown;
        if (expected.empty() || expected.back() != entry) expected.push_back(entry);
      }
      for (int page = 1; page <= 13; ++page) {
        std::map<std::string, std::string> seen;
        Value in = structure(
            {{m::Bucket, "bucket"}, {m::Prefix, prefix}, {m::Delimiter, delimiter}, {m::MaxKeys, page}});
        for (int round = 0; round < 20; ++round) {
          const auto got = call("ListObjectsV2", in);
          ASSERT_TRUE(got.value);
          for (const auto& c : (*got)[m::Contents].list()) seen.emplace(c[m::Key].text(), "k ");
          for (const auto& p : (*got)[m::CommonPrefixes].list())
            EXPECT_TRUE(seen.emplace(p[m::Prefix].text(), "p ").second);
          EXPECT_LE((*got)[m::KeyCount].number(), page);
          if (!(*got)[m::IsTruncated].boolean()) break;
          in.set(m::ContinuationToken, (*got)[m::NextContinuationToken]);
        }
        std::vector<std::string> flat;
        for (const auto& [name, kind] : seen) flat.push_back(kind + name);
        EXPECT_EQ(flat, expected) << prefix << " " << delimiter << " " << page;
      }
    }
  }
}

TEST_F(S3Calls, PartsBecomeAnObject) {
  make("bucket");
  const auto created = call("CreateMultipartUpload", structure({{m::Bucket, "bucket"},
                                                                {m::Key, "k"},
                                                                {m::ChecksumAlgorithm, "CRC32"},
                                                                {m::ChecksumType, "FULL_OBJECT"},
                                                                {m::ContentType, "text/plain"}}));
  ASSERT_TRUE(created.value) << created.value.error().message;
  const std::string id((*created)[m::UploadId].text());
  const std::string first(5 << 20, 'a');
  const std::string second = "the end";
  const auto part = [&](int number, const std::string& data) {
    Digest crc(Digest::Kind::crc32);
    crc.update(data);
    return call("UploadPart",
                structure({{m::Bucket, "bucket"},
                           {m::Key, "k"},
                           {m::UploadId, id},
                           {m::PartNumber, number},
                           {m::ChecksumCRC32, base64(crc.finish())}}),
                data);
  };
  ASSERT_TRUE(part(1, "too small").value);
  ASSERT_TRUE(part(1, first).value);  // replaces it
  ASSERT_TRUE(part(3, second).value);
  ASSERT_TRUE(part(4, "never listed").value);
  EXPECT_EQ(part(10'001, "x").code(), "InvalidArgument");
  const auto complete = [&](const Value::List& parts) {
    return call("CompleteMultipartUpload", structure({{m::Bucket, "bucket"},
                                                      {m::Key, "k"},
                                                      {m::UploadId, id},
                                                      {m::MultipartUpload, structure({{m::Parts, parts}})}}));
  };
  const Value one = structure({{m::PartNumber, 1}, {m::ETag, hex(md5(first))}});
  const Value three = structure({{m::PartNumber, 3}, {m::ETag, '"' + hex(md5(second)) + '"'}});
  EXPECT_EQ(complete({three, one}).code(), "InvalidPartOrder");
  EXPECT_EQ(complete({one, structure({{m::PartNumber, 3}, {m::ETag, hex(md5("x"))}})}).code(), "InvalidPart");
  EXPECT_EQ(complete({}).code(), "MalformedXML");
  const auto done = complete({one, three});
  ASSERT_TRUE(done.value) << done.value.error().message;
  EXPECT_EQ((*done)[m::ETag].text(), '"' + hex(md5(md5(first) + md5(second))) + "-2\"");
  Digest whole(Digest::Kind::crc32);
  whole.update(first + second);
  EXPECT_EQ((*done)[m::ChecksumCRC32].text(), base64(whole.finish()));
  EXPECT_EQ(complete({one, three}).code(), "NoSuchUpload");
  EXPECT_TRUE(get("k").body == first + second);
  EXPECT_EQ((*get("k"))[m::ContentType].text(), "text/plain");
  const auto last = call("GetObject", structure({{m::Bucket, "bucket"}, {m::Key, "k"}, {m::PartNumber, 2}}));
  EXPECT_EQ(last.body, second);
  EXPECT_EQ((*last)[m::PartsCount].number(), 2);
  EXPECT_EQ(s3_->sweep(), 0U);
}

TEST_F(S3Calls, AbortedUploadsLeaveNothing) {
  make("bucket");
  const std::string id(
      (*call("CreateMultipartUpload", structure({{m::Bucket, "bucket"}, {m::Key, "a/b"}})))[m::UploadId]
          .text());
  const auto in = [&] { return structure({{m::Bucket, "bucket"}, {m::Key, "a/b"}, {m::UploadId, id}}); };
  Value part = in();
  part.set(m::PartNumber, 1);
  ASSERT_TRUE(call("UploadPart", part, std::string(100'000, 'x')).value);
  const auto uploads = call("ListMultipartUploads", structure({{m::Bucket, "bucket"}, {m::Prefix, "a/"}}));
  ASSERT_EQ((*uploads)[m::Uploads].list().size(), 1U);
  EXPECT_EQ((*uploads)[m::Uploads].list()[0][m::UploadId].text(), id);
  EXPECT_EQ((*call("ListParts", in()))[m::Parts].list().size(), 1U);
  ASSERT_TRUE(call("AbortMultipartUpload", in()).value);
  EXPECT_EQ(call("ListParts", in()).code(), "NoSuchUpload");
  EXPECT_EQ(call("UploadPart", part, "x").code(), "NoSuchUpload");
  EXPECT_EQ(s3_->sweep(), 0U);
}

TEST_F(S3Calls, ConditionalWritesHold) {
  make("bucket");
  Value fresh = structure({{m::Bucket, "bucket"}, {m::Key, "k"}, {m::IfNoneMatch, "*"}});
  ASSERT_TRUE(call("PutObject", fresh, "1").value);
  EXPECT_EQ(call("PutObject", fresh, "2").code(), "PreconditionFailed");
  Value swap = structure({{m::Bucket, "bucket"}, {m::Key, "k"}, {m::IfMatch, hex(md5("1"))}});
  ASSERT_TRUE(call("PutObject", swap, "2").value);
  EXPECT_EQ(call("PutObject", swap, "3").code(), "PreconditionFailed");
  EXPECT_EQ(get("k").body, "2");
}

TEST_F(S3Calls, PublicPoliciesAreBlockedByDefault) {
  make("bucket");
  const Value in =
      structure({{m::Bucket, "bucket"},
                 {m::Policy, R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
      "Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}]})"}});
  EXPECT_EQ(call("PutBucketPolicy", in).code(), "AccessDenied");
  ASSERT_TRUE(put("k", "x").value);
  const Value read = structure({{m::Bucket, "bucket"}, {m::Key, "k"}});
  EXPECT_EQ(call_as({}, "GetObject", read).code(), "AccessDenied");
  ASSERT_TRUE(call("DeletePublicAccessBlock", structure({{m::Bucket, "bucket"}})).value);
  ASSERT_TRUE(call("PutBucketPolicy", in).value);
  EXPECT_EQ(call_as({}, "GetObject", read).body, "x");
  // Restricting takes the policy away from everybody outside, at once.
  ASSERT_TRUE(call("PutPublicAccessBlock", structure({{m::Bucket, "bucket"},
                                                      {m::PublicAccessBlockConfiguration,
                                                       structure({{m::RestrictPublicBuckets, true}})}}))
                  .value);
  EXPECT_EQ(call_as({}, "GetObject", read).code(), "AccessDenied");
}

TEST_F(S3Calls, PoliciesNameTheirOwnBucketOnly) {
  make("bucket");
  const auto put_policy = [&](std::string resource) {
    return call("PutBucketPolicy",
                structure(
                    {{m::Bucket, "bucket"},
                     {m::Policy, R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*",
      "Action":"s3:PutObject","Resource":")" +
                                     resource + "\"}]}"}}))
        .code();
  };
  EXPECT_EQ(put_policy("arn:aws:s3:::other/*"), "MalformedPolicy");
  EXPECT_EQ(put_policy("arn:aws:s3:::bucket-2/*"), "MalformedPolicy");
  EXPECT_EQ(put_policy("*"), "MalformedPolicy");
  EXPECT_EQ(put_policy("arn:aws:s3:::bucket/*"), "");
  EXPECT_EQ(put("k", "x").code(), "AccessDenied");  // root too: an explicit deny
  EXPECT_EQ(call("DeleteBucketPolicy", structure({{m::Bucket, "bucket"}})).code(), "");
  EXPECT_EQ(put("k", "x").code(), "");
}

}  // namespace
}  // namespace gatehouse::service::s3
