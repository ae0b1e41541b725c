#include "kube/access/oidc.h"

#include <gtest/gtest.h>

#include "kube/testing/fixture.h"

namespace gatehouse::kube {
namespace {

struct Oidc : ::testing::Test {
  identity::RsaKey key = testing::shared_key();
  Time now = *parse_iso8601("2026-01-31T12:00:00Z");
  OidcProvider provider{"https://login.example.org", "kubernetes", "", "", "groups", "corp:", {}};
  json::object claims{{"iss", "https://login.example.org"},
                      {"aud", "kubernetes"},
                      {"sub", "ana"},
                      {"exp", now.time_since_epoch().count() / 1000 + 60}};

  std::expected<User, std::string> user() const {
    const auto token = identity::Jwt::read(identity::make_jwt(key, claims));
    const auto keys = std::make_shared<const identity::Jwks>(identity::Jwks{{identity::VerifyKey::of(key)}});
    return oidc_user(
        provider, *token,
        [&](std::string_view, const std::optional<std::string>&) {
          return Result<std::shared_ptr<const identity::Jwks>>(keys);
        },
        now);
  }
};

// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#configuring-the-api-server
TEST_F(Oidc, NamesUsersByTheirIssuerUnlessToldOtherwise) {
  EXPECT_EQ(user()->name, "https://login.example.org#ana");
  provider.username_prefix = "corp:";
  EXPECT_EQ(user()->name, "corp:ana");
  provider.username_prefix = "-";
  EXPECT_EQ(user()->name, "ana");
  provider.username_prefix = "";
  provider.username_claim = "email";
  claims["email"] = "ana@example.org";
  EXPECT_EQ(user()->name, "ana@example.org");
  claims["email_verified"] = false;
  EXPECT_FALSE(user());
}

TEST_F(Oidc, TakesGroupsAsATextOrAList) {
  EXPECT_EQ(user()->groups, std::vector<std::string>{"system:authenticated"});
  claims["groups"] = "a";
  EXPECT_EQ(user()->groups, (std::vector<std::string>{"corp:a", "system:authenticated"}));
  claims["groups"] = json::array{"a", "b"};
  EXPECT_EQ(user()->groups, (std::vector<std::string>{"corp:a", "corp:b", "system:authenticated"}));
  claims["groups"] = json::array{1};
  EXPECT_FALSE(user());
}

TEST_F(Oidc, RefusesWhatIsNotForIt) {
  provider.required_claims = {{"tenant", "a"}};
  EXPECT_FALSE(user());
  claims["tenant"] = "a";
  EXPECT_TRUE(user());
  claims["aud"] = "another";
  EXPECT_FALSE(user());
  claims["aud"] = json::array{"another", "kubernetes"};
  EXPECT_TRUE(user());
  claims["exp"] = now.time_since_epoch().count() / 1000 - 60;
  EXPECT_FALSE(user());
}

}  // namespace
}  // namespace gatehouse::kube
