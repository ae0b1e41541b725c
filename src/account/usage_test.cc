#include "account/usage.h"

#include "account/testing.h"

namespace gatehouse::account {
namespace {

class UsageTest : public testing::AccountTest {
 protected:
  Caller user() {
    Caller caller;
    caller.type = policy::PrincipalType::user;
    caller.arn = "arn:aws:iam::123456789012:user/ana";
    caller.unique_id = "AIDAEXAMPLE";
    caller.access_key_id = "AKIAEXAMPLE";
    return caller;
  }
};

TEST_F(UsageTest, TheLastUseOfAKeyAndOfEachServiceSurvivesARestart) {
  {
    auto usage = Usage::open(*store_.records);
    ASSERT_TRUE(usage);
    EXPECT_FALSE((*usage)->last("AKIAEXAMPLE"));
    (*usage)->note(user(), "s3:GetObject", "us-east-1", clock_.now());
    clock_.advance(std::chrono::seconds(5));
    (*usage)->note(user(), "iam:ListRoles", "us-west-2", clock_.now());
  }
  auto usage = Usage::open(*store_.records);
  const auto key = (*usage)->last("AKIAEXAMPLE");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->service, "iam");
  EXPECT_EQ(key->region, "us-west-2");
  EXPECT_EQ(key->time, clock_.now());
  const auto services = (*usage)->services("AIDAEXAMPLE");
  ASSERT_EQ(services.size(), 2U);
  EXPECT_EQ(services.at("s3").actions.count("GetObject"), 1U);
  EXPECT_LT(services.at("s3").time, services.at("iam").time);
  EXPECT_TRUE((*usage)->services("AIDAOTHER").empty());
}

TEST_F(UsageTest, NobodyIsNotNoted) {
  auto usage = Usage::open(*store_.records);
  (*usage)->note(Caller(), "s3:GetObject", "us-east-1", clock_.now());
  EXPECT_FALSE((*usage)->last(""));
}

}  // namespace
}  // namespace gatehouse::account
