#include "service/s3/bucket/public_access.h"

#include "service/s3/testing.h"

namespace gatehouse::service::s3 {
namespace {

class AccountBlocksTest : public S3Test {};

TEST_F(AccountBlocksTest, AreFeltByBucketsThatAreThereAndOutliveARestart) {
  const std::string account = directory_->first_account()->id;
  ASSERT_TRUE(call("CreateBucket", wire::structure({{m::Bucket, "bucket"}})).value);
  ASSERT_TRUE(call("DeletePublicAccessBlock", wire::structure({{m::Bucket, "bucket"}})).value);
  const BucketPtr bucket = s3_->buckets().find("bucket");
  EXPECT_FALSE(bucket->public_block().ignore_acls);
  EXPECT_EQ(s3_->buckets().account_blocks().find(account), std::nullopt);

  const PublicAccessBlock block{
      .block_acls = false, .ignore_acls = true, .block_policy = false, .restrict_buckets = true};
  ASSERT_TRUE(s3_->buckets().account_blocks().put(account, block));
  // The very value that a call in flight holds.
  EXPECT_TRUE(bucket->public_block().ignore_acls);
  EXPECT_FALSE(bucket->public_block().block_acls);

  close();
  open();
  const auto kept = s3_->buckets().account_blocks().find(account);
  ASSERT_TRUE(kept);
  EXPECT_TRUE(kept->ignore_acls && kept->restrict_buckets && !kept->block_acls && !kept->block_policy);
  EXPECT_TRUE(s3_->buckets().find("bucket")->public_block().restrict_buckets);
  ASSERT_TRUE(s3_->buckets().account_blocks().put(account, std::nullopt));
  EXPECT_FALSE(s3_->buckets().find("bucket")->public_block().restrict_buckets);

  close();
  open();
  EXPECT_EQ(s3_->buckets().account_blocks().find(account), std::nullopt);
}

}  // namespace
}  // namespace gatehouse::service::s3
