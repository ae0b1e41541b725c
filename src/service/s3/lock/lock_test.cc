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
