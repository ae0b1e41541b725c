#include "account/directory/entities.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace gatehouse::account {
namespace {

constexpr std::string_view kAllow =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]})";
const Time kThen = from_unix_seconds(1'700'000'000);

PolicyText text(std::string_view policy, policy::Kind kind) {
  return {std::string(policy), *policy::compile(policy, kind)};
}

// What is written reads back as what it was, and is written the same again.
template <typename T>
T round_trip(const T& entity) {
  const std::string record = to_record(entity);
  auto read = from_record<T>(record, 7);
  EXPECT_TRUE(read) << record;
  if (!read) return {};
  EXPECT_EQ(to_record(*read), record);
  EXPECT_EQ(read->revision, 7U);
  EXPECT_EQ(key_of(*read), key_of(entity));
  return std::move(*read);
}

TEST(Records, ARoleReadsBack) {
  Role role;
  role.account = "123456789012";
  role.name = "Lake";
  role.path = "/data/";
  role.max_session_seconds = 7200;
  role.created = kThen;
  role.trust = text(
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]})",
      policy::Kind::trust);
  role.tags = {{"a", "1"}, {"b", ""}};
  role.grants.inline_policies["in"] = text(kAllow, policy::Kind::identity);
  role.grants.attached = {"x", "y"};
  role.grants.boundary = "z";
  const Role read = round_trip(role);
  EXPECT_EQ(read.created, kThen);
  EXPECT_EQ(read.max_session_seconds, 7200);
  EXPECT_EQ(read.tags, role.tags);
  EXPECT_EQ(read.grants.attached, role.grants.attached);
  EXPECT_NE(read.grants.inline_policies.at("in").compiled, nullptr);
  EXPECT_EQ(key_of(read), "123456789012/lake");
}

TEST(Records, AUserReadsBackWithItsPassword) {
  User user;
  user.account = "123456789012";
  user.name = "ana";
  user.groups = {"AGPA1"};
  user.access_keys = {"AKIA1", "AKIA2"};
  user.login = {"hash", "salt", {"older"}, true, kThen, kThen};
  const User read = round_trip(user);
  EXPECT_EQ(read.groups, user.groups);
  EXPECT_EQ(read.access_keys, user.access_keys);
  EXPECT_EQ(read.login.earlier, user.login.earlier);
  EXPECT_TRUE(read.login.reset_required);
  EXPECT_EQ(read.login.changed, kThen);
}

TEST(Records, APolicyReadsBackWithItsVersions) {
  ManagedPolicy policy;
  policy.account = "123456789012";
  policy.name = "p";
  policy.versions.push_back({"v1", text(kAllow, policy::Kind::identity), kThen});
  policy.versions.push_back({"v3", text(kAllow, policy::Kind::identity), kThen});
  policy.default_version = "v3";
  policy.last_version = 3;
  const ManagedPolicy read = round_trip(policy);
  ASSERT_EQ(read.versions.size(), 2U);
  EXPECT_EQ(read.current().id, "v3");
  EXPECT_NE(read.versions[0].document.compiled, nullptr);
  policy.default_version = "v2";  // a default that is not there
  EXPECT_FALSE(from_record<ManagedPolicy>(to_record(policy), 1));
}

TEST(Records, TheOthersReadBack) {
  Account account;
  account.id = "123456789012";
  account.passwords.set = true;
  account.passwords.minimum_length = 14;
  EXPECT_EQ(round_trip(account).passwords.minimum_length, 14);
  EXPECT_EQ(round_trip(AccountAlias{"123456789012", "acme", kThen, 0}).alias, "acme");
  EXPECT_FALSE(round_trip(AccessKey{"AKIA1", "s", "123456789012", "AIDA1", false, kThen, 0}).active);
  InstanceProfile profile;
  profile.role = "AROA1";
  EXPECT_EQ(round_trip(profile).role, "AROA1");
  OidcProvider oidc;
  oidc.url = "example.com/id/A";
  oidc.client_ids = {"sts.amazonaws.com"};
  EXPECT_EQ(round_trip(oidc).client_ids, oidc.client_ids);
  SamlProvider saml;
  saml.valid_until = kThen;
  EXPECT_EQ(round_trip(saml).valid_until, kThen);
  ServerCertificate certificate;
  certificate.expires = kThen;
  EXPECT_EQ(round_trip(certificate).expires, kThen);
  MfaDevice device;
  device.user = "AIDA1";
  EXPECT_EQ(round_trip(device).user, "AIDA1");
  Job job;
  job.subject = "arn";
  EXPECT_EQ(round_trip(job).subject, "arn");
  Group group;
  group.renamed_from = "old";
  EXPECT_EQ(round_trip(group).renamed_from, "old");
}

TEST(Records, WhatIsAbsentIsTheDefaultAndWhatIsWrongSpoilsAll) {
  const auto read = from_record<AccessKey>(R"({"v":1,"id":"AKIA1","account":"123456789012"})", 1);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->active);
  for (const char* record : {R"({"v":1,"id":5})", R"({"v":1,"active":"yes"})", R"({"v":1,"created":"now"})",
                             R"({"v":2,"id":"AKIA1"})", R"({"id":"AKIA1"})", R"([1])", "not json"}) {
    EXPECT_FALSE(from_record<AccessKey>(record, 1)) << record;
  }
  for (const char* record :
       {R"({"v":1,"tags":[["a"]]})", R"({"v":1,"groups":"g"})", R"({"v":1,"groups":[1]})",
        R"({"v":1,"grants":[]})", R"({"v":1,"grants":{"inline":{"p":"no policy"}}})",
        R"({"v":1,"login":{"hash":1}})"}) {
    EXPECT_FALSE(from_record<User>(record, 1)) << record;
  }
}

}  // namespace
}  // namespace gatehouse::account
