#include "account/directory/managed_policies.h"

#include <fstream>

#include "account/testing.h"

namespace gatehouse::account {
namespace {

TEST(ManagedPolicies, EveryFileReadsAndCompiles) {
  const ManagedPolicies policies;
  EXPECT_EQ(policies.list().size(), built_in_managed_policies().size());
  EXPECT_GT(policies.list().size(), 200U);
}

TEST(ManagedPolicies, HaveTheirPathsAndVersions) {
  const ManagedPolicies policies;
  const auto glue = policies.find("arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole");
  ASSERT_NE(glue, nullptr);
  EXPECT_EQ(glue->path, "/service-role/");
  EXPECT_EQ(glue->name, "AWSGlueServiceRole");
  EXPECT_TRUE(glue->id.starts_with("ANPA"));
  const auto admin = policies.find("arn:aws:iam::aws:policy/AdministratorAccess");
  ASSERT_NE(admin, nullptr);
  EXPECT_EQ(admin->path, "/");
  EXPECT_EQ(admin->default_version, "v1");
}

TEST(ManagedPolicies, WhatIsNotThereIsNotThere) {
  const ManagedPolicies policies;
  EXPECT_EQ(policies.find("arn:aws:iam::aws:policy/Invented"), nullptr);
  EXPECT_EQ(policies.find("arn:aws:iam::aws:policy/AWSGlueServiceRole"), nullptr);  // without its path
}

TEST(ManagedPolicies, AFolderAddsAndReplaces) {
  const testing::TemporaryDirectory place;
  const auto write = [&](const char* name, const char* text) { std::ofstream(place.path() + name) << text; };
  write("/a.json",
        R"({"Arn":"arn:aws:iam::aws:policy/AdministratorAccess","CreateDate":"2015-02-06T18:39:46Z",
            "UpdateDate":"2026-02-06T18:39:46Z","DefaultVersionId":"v9","Document":
            {"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}})");
  ManagedPolicies policies;
  ASSERT_TRUE(policies.add_directory(place.path()));
  EXPECT_EQ(policies.find("arn:aws:iam::aws:policy/AdministratorAccess")->default_version, "v9");
  write("/b.json", R"({"Arn":"arn:aws:iam::aws:policy/X"})");
  const auto refused = policies.add_directory(place.path());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("b.json"), std::string::npos);
  EXPECT_FALSE(policies.add_directory(place.path() + "/nowhere"));
}

}  // namespace
}  // namespace gatehouse::account
