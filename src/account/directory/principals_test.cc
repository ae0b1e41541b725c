#include "account/directory/principals.h"

#include "account/testing.h"

namespace gatehouse::account {
namespace {

class PrincipalsTest : public testing::AccountTest {
 protected:
  static std::string trusts(std::string_view principal) {
    return R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": )" +
           std::string(principal) + R"(},  "Action": "sts:AssumeRole"}]})";
  }
};

TEST_F(PrincipalsTest, ARoleIsKeptByItsIdAndShownByItsArnWhileItIsThere) {
  const auto made = directory_->put(role("lake", "/team/"));
  const std::string policy = trusts(R"("arn:aws:iam::123456789012:role/team/lake")");
  const auto kept = with_unique_ids(*directory_, policy);
  ASSERT_TRUE(kept);
  EXPECT_EQ(*kept, trusts("\"" + (*made)->id + "\""));
  EXPECT_EQ(with_arns(*directory_, *kept), policy);
  ASSERT_TRUE(directory_->remove(**made));
  EXPECT_EQ(with_arns(*directory_, *kept), *kept);
  ASSERT_TRUE(directory_->put(role("lake", "/team/")));  // another one
  EXPECT_EQ(with_arns(*directory_, *kept), *kept);
}

TEST_F(PrincipalsTest, WhoIsNotThereIsRefused) {
  for (const char* principal : {"arn:aws:iam::123456789012:role/none", "arn:aws:iam::123456789012:user/none",
                                "arn:aws:iam::123456789012:group/g", "AROAAAAAAAAAAAAAAAAAA"}) {
    const auto kept = with_unique_ids(*directory_, trusts(std::string("[\"") + principal + "\"]"));
    ASSERT_FALSE(kept) << principal;
    EXPECT_EQ(kept.error().message, principal);
  }
}

TEST_F(PrincipalsTest, AccountsAreKeptByTheirRootAndStrangersAsTheyAre) {
  EXPECT_EQ(*with_unique_ids(*directory_, trusts(R"(["999988887777", "*"])")),
            trusts(R"(["arn:aws:iam::999988887777:root", "*"])"));
  for (const char* principal :
       {R"("arn:aws:iam::999988887777:role/r")", R"("arn:aws:iam::123456789012:root")",
        R"("arn:aws:sts::123456789012:assumed-role/r/s")"}) {
    EXPECT_EQ(*with_unique_ids(*directory_, trusts(principal)), trusts(principal));
  }
}

}  // namespace
}  // namespace gatehouse::account
