#include "service/s3/testing.h"

namespace gatehouse::service::s3 {
namespace {

class LockTest : public S3Test {
 protected:
  void SetUp() override {
    S3Test::SetUp();
    ASSERT_TRUE(
        call("CreateBucket", wire::structure({{m::Bucket, "lake"}, {m::ObjectLockEnabledForBucket, true}}))
            .value);
    const auto put = call("PutObject", wire::structure({{m::Bucket, "lake"}, {m::Key, "k"}}), "data");
    ASSERT_TRUE(put.value) << put.value.error().message;
    version_ = (*put)[m::VersionId].text();
  }

  std::string retain(std::string_view mode, std::chrono::seconds by, bool bypass = false) {
    wire::Value retention = wire::structure({{m::Mode, mode}, {m::RetainUntilDate, clock_.now() + by}});
    return call("PutObjectRetention", wire::structure({{m::Bucket, "lake"},
                                                       {m::Key, "k"},
                                                       {m::Retention, std::move(retention)},
                                                       {m::BypassGovernanceRetention, bypass}}))
        .code();
  }
  std::string remove(bool bypass = false) {
    return call("DeleteObject", wire::structure({{m::Bucket, "lake"},
                                                 {m::Key, "k"},
                                                 {m::VersionId, version_},
                                                 {m::BypassGovernanceRetention, bypass}}))
        .code();
  }

  std::string version_;
};

TEST_F(LockTest, EndsWithItsTime) {
  ASSERT_EQ(retain("COMPLIANCE", std::chrono::hours(1)), "");
  EXPECT_EQ(remove(true), "AccessDenied");
  clock_.advance(std::chrono::minutes(59));
  EXPECT_EQ(remove(true), "AccessDenied");
  clock_.advance(std::chrono::minutes(2));
  EXPECT_EQ(retain("GOVERNANCE", std::chrono::seconds(1)), "");  // nothing is left to loosen
  clock_.advance(std::chrono::seconds(2));
  EXPECT_EQ(remove(), "");
}

TEST_F(LockTest, OutlivesTheServer) {
  ASSERT_EQ(retain("GOVERNANCE", std::chrono::hours(1)), "");
  close();
  open();
  EXPECT_EQ(remove(), "AccessDenied");
  EXPECT_EQ(remove(true), "");
}

// What lifecycle rules remove is what was read a while ago; a lock may have come since.
TEST_F(LockTest, CountsWhereAVersionIsRemovedExactly) {
  const auto bucket = s3_->buckets().find("lake");
  const auto before = s3_->index().current(*bucket, "k");
  ASSERT_TRUE(before && *before);
  ASSERT_EQ(retain("GOVERNANCE", std::chrono::hours(1)), "");
  EXPECT_EQ(s3_->index().remove_exactly(*bucket, "k", **before), false);
  clock_.advance(std::chrono::hours(2));
  EXPECT_EQ(s3_->index().remove_exactly(*bucket, "k", **before), true);
}

// Whoever asks to bypass governance has been decided on only where there was any.
TEST_F(LockTest, ComesAfterTheDecision) {
  meanwhile_ = [this] { ASSERT_EQ(retain("GOVERNANCE", std::chrono::hours(1)), ""); };
  EXPECT_EQ(remove(true), "AccessDenied");
  EXPECT_EQ(remove(true), "");
}

// A body may be on its way for hours. What was locked meanwhile stays, though the bucket had no versions when
// the call began.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
class LockComesMeanwhile : public S3Test {
 protected:
  void SetUp() override {
    S3Test::SetUp();
    ASSERT_TRUE(call("CreateBucket", wire::structure({{m::Bucket, "lake"}})).value);
    ASSERT_TRUE(call("PutObject", key(), "before").value);
  }

  static wire::Value key() { return wire::structure({{m::Bucket, "lake"}, {m::Key, "k"}}); }
  void keep_versions() {
    wire::Value enabled = wire::structure({{m::Status, "Enabled"}});
    ASSERT_TRUE(call("PutBucketVersioning",
                     wire::structure({{m::Bucket, "lake"}, {m::VersioningConfiguration, std::move(enabled)}}))
                    .value);
  }
  void lock() {
    keep_versions();
    wire::Value enabled = wire::structure({{m::ObjectLockEnabled, "Enabled"}});
    ASSERT_TRUE(call("PutObjectLockConfiguration",
                     wire::structure({{m::Bucket, "lake"}, {m::ObjectLockConfiguration, std::move(enabled)}}))
                    .value);
    wire::Value retention = wire::structure(
        {{m::Mode, "COMPLIANCE"}, {m::RetainUntilDate, clock_.now() + std::chrono::hours(1)}});
    wire::Value in = key();
    in.set(m::Retention, std::move(retention));
    ASSERT_TRUE(call("PutObjectRetention", std::move(in)).value);
  }
  std::string before() {
    wire::Value in = key();
    in.set(m::VersionId, "null");
    return call("GetObject", std::move(in)).body;
  }
};

TEST_F(LockComesMeanwhile, APutKeepsWhatIsLocked) {
  meanwhile_ = [this] { lock(); };
  const auto put = call("PutObject", key(), "after");
  ASSERT_TRUE(put.value) << put.value.error().message;
  EXPECT_NE((*put)[m::VersionId].text(), "");
  EXPECT_EQ(before(), "before");
  EXPECT_EQ(call("GetObject", key()).body, "after");
}

TEST_F(LockComesMeanwhile, APutKeepsWhatHasVersionsNow) {
  meanwhile_ = [this] { keep_versions(); };
  ASSERT_TRUE(call("PutObject", key(), "after").value);
  EXPECT_EQ(before(), "before");
}

TEST_F(LockComesMeanwhile, ADeletionHidesWhatIsLocked) {
  meanwhile_ = [this] { lock(); };
  const auto removed = call("DeleteObject", key());
  ASSERT_TRUE(removed.value) << removed.value.error().message;
  EXPECT_TRUE((*removed)[m::DeleteMarker].boolean());
  EXPECT_EQ(before(), "before");
}

// Also where the bucket says that it keeps nothing: a lock alone is enough.
TEST_F(LockComesMeanwhile, ALockAloneIsEnough) {
  lock();
  ASSERT_TRUE(s3_->buckets().update(*s3_->buckets().find("lake"),
                                    [](Bucket& next) { next.versioning = Versioning::never; }));
  EXPECT_EQ(call("PutObject", key(), "after").code(), "AccessDenied");
  EXPECT_EQ(call("DeleteObject", key()).code(), "AccessDenied");
  EXPECT_EQ(call("GetObject", key()).body, "before");
}

// A version that is not the current one is asserted by its own record: a hold that came meanwhile is seen.
TEST_F(LockTest, HoldsAnOlderVersionToo) {
  ASSERT_TRUE(call("PutObject", wire::structure({{m::Bucket, "lake"}, {m::Key, "k"}}), "next").value);
  const auto held =
      call("PutObjectLegalHold", wire::structure({{m::Bucket, "lake"},
                                                  {m::Key, "k"},
                                                  {m::VersionId, version_},
                                                  {m::LegalHold, wire::structure({{m::Status, "ON"}})}}));
  ASSERT_TRUE(held.value) << held.value.error().message;
  EXPECT_EQ(remove(true), "AccessDenied");
}

}  // namespace
}  // namespace gatehouse::service::s3
