#include "service/s3/acl/acl.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace gatehouse::service::s3 {
namespace {

using enum policy::Granted;

account::Caller caller(policy::PrincipalType type, std::string canonical_id, std::string arn = "") {
  account::Caller c;
  c.type = type;
  c.canonical_id = std::move(canonical_id);
  c.arn = std::move(arn);
  return c;
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#acl-access-policy-permission-mapping
TEST(Acl, GrantsWhatItsPermissionsMapTo) {
  const auto user = caller(policy::PrincipalType::user, "them");
  const std::map<Permission, std::set<std::string_view>> mapped = {
      {Permission::read,
       {"s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads", "s3:GetObject",
        "s3:GetObjectVersion"}},
      {Permission::write, {"s3:PutObject"}},
      {Permission::read_acp, {"s3:GetBucketAcl", "s3:GetObjectAcl", "s3:GetObjectVersionAcl"}},
      {Permission::write_acp, {"s3:PutBucketAcl", "s3:PutObjectAcl", "s3:PutObjectVersionAcl"}}};
  std::set<std::string_view> all = {"s3:DeleteObject", "s3:GetObjectTagging", "s3:DeleteBucket",
                                    "s3:PutBucketPolicy"};
  for (const auto& [permission, actions] : mapped) all.insert(actions.begin(), actions.end());
  for (const auto& [permission, actions] : mapped) {
    for (const std::string_view action : all) {
      EXPECT_EQ(granted({{"them", permission}}, user, action, false),
                actions.contains(action) ? to_account : nothing)
          << to_string(permission) << " " << action;
    }
  }
  for (const std::string_view action : all) {
    const bool any = std::ranges::any_of(mapped, [&](const auto& m) { return m.second.contains(action); });
    EXPECT_EQ(granted({{"them", Permission::full_control}}, user, action, false), any ? to_account : nothing);
  }
}

TEST(Acl, KnowsItsGroups) {
  const auto user = caller(policy::PrincipalType::user, "them");
  const auto nobody = caller(policy::PrincipalType::anonymous, "");
  const auto logs = caller(policy::PrincipalType::service, "", "logging.s3.amazonaws.com");
  const auto other_service = caller(policy::PrincipalType::service, "", "events.amazonaws.com");
  const auto ask = [](std::string_view grantee, const account::Caller& c, bool ignore = false) {
    return granted({{std::string(grantee), Permission::read}}, c, "s3:GetObject", ignore);
  };
  EXPECT_EQ(ask(kAllUsers, user), to_everyone);
  EXPECT_EQ(ask(kAllUsers, nobody), to_everyone);
  EXPECT_EQ(ask(kAuthenticatedUsers, user), to_everyone);
  EXPECT_EQ(ask(kAuthenticatedUsers, nobody), nothing);
  EXPECT_EQ(ask(kLogDelivery, user), nothing);
  EXPECT_EQ(ask(kLogDelivery, logs), to_everyone);
  EXPECT_EQ(ask(kLogDelivery, other_service), nothing);
  EXPECT_EQ(ask("us", user), nothing);
  EXPECT_EQ(ask("", nobody), nothing);
  EXPECT_EQ(ask(kAllUsers, user, true), nothing);
  EXPECT_EQ(ask(kAuthenticatedUsers, user, true), nothing);
  EXPECT_EQ(ask("them", user, true), to_account);
}

TEST(Acl, IsKeptAsItWasGiven) {
  const Grants grants = {{"us", Permission::full_control},
                         {std::string(kAllUsers), Permission::read},
                         {"them", Permission::write_acp}};
  json::object record;
  record["acl"] = acl_to_json(grants);
  const auto read = acl_from_json(record, "acl");
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(*read, grants);
  EXPECT_EQ(acl_from_json(record, "other"), nullptr);
  EXPECT_EQ(permission_from("READ_ACP"), Permission::read_acp);
  EXPECT_EQ(permission_from("read"), std::nullopt);
}

TEST(Acl, TellsWhatIsPublicAndWhatIsOnlyTheOwners) {
  EXPECT_TRUE(is_public({{"us", Permission::full_control}, {std::string(kAllUsers), Permission::read_acp}}));
  EXPECT_FALSE(is_public({{std::string(kLogDelivery), Permission::write}}));
  EXPECT_TRUE(only_owners({{"us", Permission::full_control}}, "us"));
  EXPECT_FALSE(only_owners({}, "us"));
  EXPECT_FALSE(only_owners({{"us", Permission::read}}, "us"));
  EXPECT_FALSE(grants_to_others({{"us", Permission::read}}, "us"));
  EXPECT_TRUE(grants_to_others({{"us", Permission::full_control}, {"them", Permission::read}}, "us"));
}

}  // namespace
}  // namespace gatehouse::service::s3
