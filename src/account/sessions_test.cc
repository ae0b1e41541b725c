#include "account/sessions.h"

#include "account/testing.h"

namespace gatehouse::account {
namespace {

using testing::AccountTest;
using testing::kAccount;

class SessionsTest : public AccountTest {
 protected:
  SessionsTest() {
    sessions_ = std::move(*Sessions::open(*store_.records, *directory_, clock_, random_));
    role_ = *directory_->put(role("lake", "/data/"));
  }

  Session session() {
    Session s;
    s.access_key_id = access_key_id(random_, id_prefix::kTemporaryKey);
    s.secret = random_.secret(40);
    s.account = kAccount;
    s.role = role_->name;
    s.owner_id = role_->id;
    s.name = "job";
    s.issued = clock_.now();
    s.expires = clock_.now() + std::chrono::hours(1);
    return s;
  }
  std::string code_of(std::string_view key, std::string_view token) {
    const auto found = sessions_->find(key, token);
    return found ? "" : found.error().code;
  }

  std::unique_ptr<Sessions> sessions_;
  std::shared_ptr<const Role> role_;
};

TEST_F(SessionsTest, ATokenOpensToItsSession) {
  Session made = session();
  made.tags = {{"team", "x"}};
  made.source_identity = "ana";
  const std::string token = sessions_->seal(made);
  const auto found = sessions_->find(made.access_key_id, token);
  ASSERT_TRUE(found);
  const Caller& caller = (*found)->caller;
  EXPECT_EQ((*found)->secret, made.secret);
  // The session's ARN has no path, its role's has.
  EXPECT_EQ(caller.arn, "arn:aws:sts::123456789012:assumed-role/lake/job");
  EXPECT_EQ(caller.role_arn, "arn:aws:iam::123456789012:role/data/lake");
  EXPECT_EQ(caller.user_id, role_->id + ":job");
  EXPECT_EQ(caller.tags, made.tags);
  EXPECT_EQ(caller.session->source_identity, "ana");
}

TEST_F(SessionsTest, ItSurvivesARestart) {
  const Session made = session();
  const std::string token = sessions_->seal(made);
  sessions_.reset();
  open();
  sessions_ = std::move(*Sessions::open(*store_.records, *directory_, clock_, random_));
  EXPECT_TRUE(sessions_->find(made.access_key_id, token));
}

TEST_F(SessionsTest, ItEndsWithItsTime) {
  const Session made = session();
  const std::string token = sessions_->seal(made);
  clock_.advance(std::chrono::minutes(59));
  EXPECT_EQ(code_of(made.access_key_id, token), "");
  clock_.advance(std::chrono::minutes(1));
  EXPECT_EQ(code_of(made.access_key_id, token), "ExpiredToken");
}

TEST_F(SessionsTest, ARecreatedRoleIsNotTheOneThatWasAssumed) {
  const Session made = session();
  const std::string token = sessions_->seal(made);
  ASSERT_TRUE(directory_->remove(*role_));
  EXPECT_EQ(code_of(made.access_key_id, token), "InvalidClientTokenId");
  ASSERT_TRUE(directory_->put(role("lake", "/data/")));
  EXPECT_EQ(code_of(made.access_key_id, token), "InvalidClientTokenId");
}

TEST_F(SessionsTest, NothingElseOpens) {
  const Session made = session();
  std::string token = sessions_->seal(made);
  EXPECT_EQ(code_of(made.access_key_id, ""), "InvalidClientTokenId");
  EXPECT_EQ(code_of("ASIAAAAAAAAAAAAAAAAA", token), "InvalidClientTokenId");
  EXPECT_EQ(code_of(directory_->root_key(kAccount)->id, token), "InvalidClientTokenId");
  EXPECT_EQ(code_of("AKIAAAAAAAAAAAAAAAAA", ""), "InvalidClientTokenId");
  for (const size_t at : {size_t{0}, token.size() / 2, token.size() - 5}) {
    std::string changed = token;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_EQ(code_of(made.access_key_id, changed), "InvalidClientTokenId") << at;
  }
  EXPECT_EQ(code_of(made.access_key_id, "not base64!"), "InvalidClientTokenId");
  EXPECT_EQ(code_of(made.access_key_id, std::string(100'000, 'A')), "InvalidClientTokenId");
}

TEST_F(SessionsTest, TheRootKeyIsRoot) {
  const auto found = sessions_->find(directory_->root_key(kAccount)->id, "");
  ASSERT_TRUE(found);
  EXPECT_EQ((*found)->caller.arn, "arn:aws:iam::123456789012:root");
  EXPECT_EQ((*found)->caller.type, policy::PrincipalType::root);
}

TEST_F(SessionsTest, AnInactiveKeyIsNoKey) {
  User user;
  user.account = kAccount;
  user.name = "ana";
  user.path = "/";
  user.arn = "arn:aws:iam::123456789012:user/ana";
  user.id = unique_id(random_, id_prefix::kUser);
  ASSERT_TRUE(directory_->put(user));
  auto key = directory_->put(
      AccessKey{"AKIAEXAMPLE000000000", "s", std::string(kAccount), user.id, true, clock_.now(), 0});
  EXPECT_EQ((*sessions_->find("AKIAEXAMPLE000000000", ""))->caller.arn, user.arn);
  AccessKey inactive = **key;
  inactive.active = false;
  ASSERT_TRUE(directory_->put(inactive));
  EXPECT_EQ(code_of("AKIAEXAMPLE000000000", ""), "InvalidClientTokenId");
}

}  // namespace
}  // namespace gatehouse::account
