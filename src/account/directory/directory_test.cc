#include "account/directory/directory.h"

#include "account/testing.h"

namespace gatehouse::account {
namespace {

using testing::AccountTest;
using testing::kAccount;

class DirectoryTest : public AccountTest {};

TEST_F(DirectoryTest, TheFirstStartMakesOneAccountWithARandomRootKey) {
  ASSERT_NE(directory_->first_account(), nullptr);
  EXPECT_EQ(directory_->first_account()->id, kAccount);
  EXPECT_EQ(directory_->first_account()->canonical_id.size(), 64U);
  const auto key = directory_->root_key(kAccount);
  ASSERT_NE(key, nullptr);
  EXPECT_TRUE(key->id.starts_with("AKIA"));
  EXPECT_EQ(key->secret.size(), 40U);
  testing::TemporaryDirectory elsewhere;
  auto store = store::open_embedded(elsewhere.path());
  auto other = Directory::open(*store->records, clock_, random_);
  EXPECT_NE((*other)->root_key(kAccount)->secret, key->secret);
}

TEST_F(DirectoryTest, WhatWasPutIsThereAfterAReopen) {
  const std::string key = directory_->root_key(kAccount)->id;
  Role r = role("Lake", "/data/");
  r.tags = {{"team", "x"}};
  r.grants.attached = {"arn:aws:iam::aws:policy/AdministratorAccess"};
  r.grants.inline_policies["in"] = identity_policy(
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]})");
  ASSERT_TRUE(directory_->put(r));
  open();
  EXPECT_EQ(directory_->root_key(kAccount)->id, key);
  const auto found = directory_->role(kAccount, "lake");  // names are found without case
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->name, "Lake");
  EXPECT_EQ(found->arn, r.arn);
  EXPECT_EQ(found->tags, r.tags);
  EXPECT_EQ(found->grants.attached, r.grants.attached);
  EXPECT_EQ(found->grants.inline_policies.at("in").text, r.grants.inline_policies.at("in").text);
}

TEST_F(DirectoryTest, OfTwoThatChangeTheSameOneLoses) {
  const auto made = directory_->put(role("r"));
  ASSERT_TRUE(made);
  Role first = **made, second = **made;
  first.description = "first";
  second.description = "second";
  ASSERT_TRUE(directory_->put(first));
  const auto lost = directory_->put(second);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, store::kConflict);
  EXPECT_EQ(directory_->role(kAccount, "r")->description, "first");
}

TEST_F(DirectoryTest, TheSameNameCannotBeMadeTwice) {
  ASSERT_TRUE(directory_->put(role("r")));
  EXPECT_FALSE(directory_->put(role("R")));
}

TEST_F(DirectoryTest, RemovedIsGoneAndMayComeBack) {
  const auto made = directory_->put(role("r"));
  ASSERT_TRUE(directory_->remove(**made));
  EXPECT_EQ(directory_->role(kAccount, "r"), nullptr);
  EXPECT_TRUE(directory_->list<Role>(kAccount).empty());
  ASSERT_TRUE(directory_->put(role("r")));
  open();
  EXPECT_NE(directory_->role(kAccount, "r"), nullptr);
}

TEST_F(DirectoryTest, AccountsDoNotSeeEachOther) {
  const auto other = directory_->create_account("vendor", "v@example.com");
  ASSERT_TRUE(other);
  EXPECT_NE((*other)->id, kAccount);
  ASSERT_TRUE(directory_->put(role("r")));
  EXPECT_EQ(directory_->role((*other)->id, "r"), nullptr);
  EXPECT_NE(directory_->root_key((*other)->id)->id, directory_->root_key(kAccount)->id);
}

TEST_F(DirectoryTest, ARotatedKeyReplacesTheOldOne) {
  const auto old = directory_->root_key(kAccount);
  ASSERT_TRUE(directory_->rotate_root_key(kAccount));
  EXPECT_NE(directory_->root_key(kAccount)->id, old->id);
  EXPECT_EQ(directory_->access_key(old->id), nullptr);
}

TEST_F(DirectoryTest, ARenamedUserIsFoundByItsNewNameAndItsId) {
  User user;
  user.account = kAccount;
  user.name = "ana";
  user.id = "AIDAANA";
  const auto made = directory_->put(user);
  ASSERT_TRUE(made);
  User renamed = **made;
  renamed.name = "Bea";
  ASSERT_TRUE(directory_->rename(**made, renamed));
  EXPECT_EQ(directory_->user(kAccount, "ana"), nullptr);
  ASSERT_NE(directory_->by_id<User>("AIDAANA"), nullptr);
  EXPECT_EQ(directory_->by_id<User>("AIDAANA")->name, "Bea");
  User changed = *directory_->user(kAccount, "bea");
  changed.tags = {{"a", "b"}};
  ASSERT_TRUE(directory_->put(changed));
  EXPECT_EQ(directory_->by_id<User>("AIDAANA")->tags.size(), 1U);
  // A start after a crash between the two commits of a rename finds both, and keeps the new one.
  User left = user;
  ASSERT_TRUE(directory_->put(left));
  open();
  EXPECT_EQ(directory_->user(kAccount, "ana"), nullptr);
  EXPECT_EQ(directory_->by_id<User>("AIDAANA")->name, "Bea");
}

TEST_F(DirectoryTest, ARenameLosesToAChangeOfTheOldOne) {
  Group group;
  group.account = kAccount;
  group.name = "old";
  group.id = "AGPAGROUP";
  const auto made = directory_->put(group);
  Group changed = **made;
  changed.grants.attached = {"arn:aws:iam::aws:policy/AdministratorAccess"};
  ASSERT_TRUE(directory_->put(changed));
  Group renamed = **made;
  renamed.name = "new";
  EXPECT_FALSE(directory_->rename(**made, renamed));
  EXPECT_EQ(directory_->group(kAccount, "new"), nullptr);
  ASSERT_NE(directory_->by_id<Group>("AGPAGROUP"), nullptr);
  EXPECT_EQ(directory_->by_id<Group>("AGPAGROUP")->grants.attached.size(), 1U);
}

TEST_F(DirectoryTest, AnAttachmentOfAPolicyThatIsGoneIsDroppedAtTheNextStart) {
  Role r = role("r");
  r.grants.attached = {"arn:aws:iam::123456789012:policy/gone", "arn:aws:iam::aws:policy/NotHereNow"};
  ASSERT_TRUE(directory_->put(r));
  open();
  EXPECT_EQ(directory_->role(kAccount, "r")->grants.attached,
            std::vector<std::string>{"arn:aws:iam::aws:policy/NotHereNow"});
}

TEST(Issuer, IsNormalisedAsIamDoes) {
  for (const char* url : {"https://oidc.eks.us-east-1.amazonaws.com/id/AB",
                          "https://oidc.eks.us-east-1.amazonaws.com:443/id/AB",
                          "https://oidc.eks.us-east-1.amazonaws.com/id/AB/"}) {
    EXPECT_EQ(normalized_issuer(url), "oidc.eks.us-east-1.amazonaws.com/id/AB") << url;
  }
  EXPECT_EQ(normalized_issuer("https://accounts.example.com"), "accounts.example.com");
}

TEST(Table, AChangeThatArrivesLateDoesNotUndoALaterOne) {
  Table<int> table;
  table.publish("k", std::make_shared<const int>(2), 2);
  table.publish("k", std::make_shared<const int>(1), 1);
  EXPECT_EQ(*table.find("k"), 2);
  table.remove("k", 4);
  table.publish("k", std::make_shared<const int>(3), 3);
  EXPECT_EQ(table.find("k"), nullptr);
  table.publish("k", std::make_shared<const int>(5), 5);
  EXPECT_EQ(*table.find("k"), 5);
}

TEST(Table, ListsAPrefixInOrder) {
  Table<int> table;
  for (int i = 0; i < 1000; ++i) table.publish("a/" + std::to_string(i), std::make_shared<const int>(i), 1);
  table.publish("b/1", std::make_shared<const int>(-1), 1);
  const auto listed = table.list("a/");
  ASSERT_EQ(listed.size(), 1000U);
  EXPECT_EQ(*listed[0], 0);
  EXPECT_EQ(*listed[1], 1);
  EXPECT_EQ(*listed[2], 10);
}

}  // namespace
}  // namespace gatehouse::account
