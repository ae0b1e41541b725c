#include "service/s3/requirements.h"
#include "service/s3/testing.h"

namespace gatehouse::service::s3 {
namespace {

using wire::structure;

class AclCalls : public S3Test {};

TEST_F(AclCalls, ListsAndOwnersOutliveARestart) {
  const auto other = directory_->create_account("other", "other@example.com");
  ASSERT_TRUE(other);
  const std::string own = directory_->first_account()->canonical_id;
  const std::string theirs = (*other)->canonical_id;
  ASSERT_TRUE(call("CreateBucket", structure({{m::Bucket, "bucket"},
                                              {m::ObjectOwnership, "ObjectWriter"},
                                              {m::GrantFullControl, "id=" + own},
                                              {m::GrantWrite, "id=" + theirs}}))
                  .value);
  auto them = root();
  them.account = (*other)->id;
  them.canonical_id = theirs;
  them.arn = "arn:aws:iam::" + (*other)->id + ":root";
  const auto put = [&](std::string_view key) {
    return call_as(them, "PutObject",
                   structure({{m::Bucket, "bucket"}, {m::Key, key}, {m::ACL, "bucket-owner-read"}}), "x");
  };
  ASSERT_TRUE(put("k").value);
  close();
  open();
  const auto on_bucket = call("GetBucketAcl", structure({{m::Bucket, "bucket"}}));
  ASSERT_TRUE(on_bucket.value);
  ASSERT_EQ((*on_bucket.value)[m::Grants].list().size(), 2U);
  EXPECT_EQ((*on_bucket.value)[m::Grants].list()[1][m::Permission].text(), "WRITE");
  const auto on_object = call_as(them, "GetObjectAcl", structure({{m::Bucket, "bucket"}, {m::Key, "k"}}));
  ASSERT_TRUE(on_object.value);
  EXPECT_EQ((*on_object.value)[m::Owner][m::ID].text(), theirs);
  ASSERT_EQ((*on_object.value)[m::Grants].list().size(), 2U);
  EXPECT_EQ((*on_object.value)[m::Grants].list()[1][m::Grantee][m::ID].text(), own);
}

// WRITE makes new objects: what somebody else put there between the decision and the commit stays.
TEST_F(AclCalls, AWriteThatAListAllowedDoesNotReplaceWhatCameMeanwhile) {
  Bucket bucket;
  bucket.account = "111122223333";
  bucket.ownership = "ObjectWriter";
  Object ours;
  Object theirs;
  theirs.owner = "444455556666";
  Object marker;
  marker.marker = true;
  Call call;
  call.caller = root();
  call.caller.account = "444455556666";
  EXPECT_TRUE(may_replace(call, bucket, nullptr));
  EXPECT_TRUE(may_replace(call, bucket, &theirs));
  EXPECT_TRUE(may_replace(call, bucket, &marker));
  EXPECT_FALSE(may_replace(call, bucket, &ours));
  Target target;
  target.bucket = std::make_shared<const Bucket>(bucket);
  call.pinned = std::make_shared<const Target>(target);
  EXPECT_FALSE(replacing(call, {}));
  target.creates = true;
  call.pinned = std::make_shared<const Target>(target);
  const Condition condition = replacing(call, {});
  ASSERT_TRUE(condition);
  EXPECT_TRUE(condition(nullptr));
  EXPECT_TRUE(condition(&theirs));
  ASSERT_FALSE(condition(&ours));
  EXPECT_EQ(condition(&ours).error().code, "AccessDenied");
  call.caller.account = bucket.account;
  EXPECT_TRUE(condition(&theirs));
}

}  // namespace
}  // namespace gatehouse::service::s3
