#include <gtest/gtest.h>

#include "kube/access/aws_auth.h"
#include "kube/access/iam_token.h"
#include "kube/objects/json_path.h"
#include "kube/testing/fixture.h"

namespace gatehouse::kube {
namespace {

using testing::iam_token;
using testing::presigned;

const Time kNow = *parse_iso8601("2026-01-31T12:01:00Z");

Result<wire::Head> read(const std::string& url) {
  return read_iam_token(iam_token(url), "c1", kNow, {"http://127.0.0.1:4566"});
}

TEST(IamToken, BecomesTheRequestThatWasSigned) {
  const auto head = read(presigned());
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->method, "GET");
  EXPECT_EQ(head->headers.get("host"), "sts.us-east-1.amazonaws.com");
  EXPECT_EQ(head->headers.get("x-k8s-aws-id"), "c1");
  EXPECT_TRUE(head->target.starts_with("/?Action=GetCallerIdentity&"));
}

TEST(IamToken, TakesAwsHostsAndOurOwnEndpointAndNoOther) {
  for (const char* good :
       {"https://sts.amazonaws.com", "https://sts.eu-west-1.amazonaws.com",
        "https://sts-fips.us-east-1.amazonaws.com", "https://sts.cn-north-1.amazonaws.com.cn",
        "https://sts.us-gov-west-1.amazonaws.com", "http://127.0.0.1:4566"})
    EXPECT_TRUE(read(presigned(good))) << good;
  for (const char* bad :
       {"http://sts.amazonaws.com", "https://sts.amazonaws.com.evil.com", "https://evil.com",
        "https://127.0.0.1:4566", "http://127.0.0.1:4567", "https://sts.amazonaws.com:444",
        "https://x@sts.amazonaws.com", "https://sts..amazonaws.com", "https://sts.us-east-1.amazonaws.com.cn",
        "https://sts.a.b.amazonaws.com", "ftp://sts.amazonaws.com", "file://"})
    EXPECT_FALSE(read(presigned(bad))) << bad;
}

TEST(IamToken, RefusesWhatTheAuthenticatorRefuses) {
  const std::string url = presigned();
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string out = url;
    out.replace(out.find(from), from.size(), to);
    return out;
  };
  EXPECT_FALSE(read(with("/?", "/x?")));
  EXPECT_FALSE(read(with("GetCallerIdentity", "GetSessionToken")));
  EXPECT_FALSE(read(with("host%3Bx-k8s-aws-id", "host")));
  EXPECT_FALSE(read(with("Expires=60", "Expires=901")));
  EXPECT_FALSE(read(with("Expires=60", "Expires=-1")));
  EXPECT_FALSE(read(with("&X-Amz-Expires=60", "")));
  EXPECT_FALSE(read(url + "&X-Extra=1"));
  EXPECT_FALSE(read(url + "&action=GetCallerIdentity"));
  EXPECT_FALSE(read(presigned("https://sts.amazonaws.com", "20260131T114559Z")));
  EXPECT_TRUE(read(presigned("https://sts.amazonaws.com", "20260131T114601Z")));
  EXPECT_FALSE(read(presigned("https://sts.amazonaws.com", "yesterday")));
  EXPECT_FALSE(read(url + std::string(4096, 'x')));
  EXPECT_FALSE(read_iam_token("k8s-aws-v1.!!!", "c1", kNow, {}));
  EXPECT_FALSE(read_iam_token(base64url(url), "c1", kNow, {}));
}

TEST(CanonicalArn, ASessionIsItsRole) {
  EXPECT_EQ(canonical_arn("arn:aws:sts::123456789012:assumed-role/R/S"), "arn:aws:iam::123456789012:role/R");
  EXPECT_EQ(canonical_arn("arn:aws:iam::123456789012:role/a/b/R"), "arn:aws:iam::123456789012:role/R");
  EXPECT_EQ(canonical_arn("arn:aws:iam::123456789012:user/a/U"), "arn:aws:iam::123456789012:user/a/U");
  EXPECT_EQ(canonical_arn("arn:aws:sts::123456789012:federated-user/F"),
            "arn:aws:sts::123456789012:federated-user/F");
  EXPECT_EQ(canonical_arn("nonsense"), "");
}

json::object aws_auth_data(std::string_view roles, std::string_view users = "",
                           std::string_view accounts = "") {
  return {{"mapRoles", roles}, {"mapUsers", users}, {"mapAccounts", accounts}};
}

const IamIdentity kSession{"111122223333", "arn:aws:sts::111122223333:assumed-role/Cross/me@x", "AROAX:me@x",
                           "ASIAX"};

TEST(AwsAuth, RolesThenUsersThenAccounts) {
  const AwsAuth auth = AwsAuth::parse(aws_auth_data(
      "- rolearn: arn:aws:iam::111122223333:role/Cross\n"
      "  username: e6data-{{AccountID}}-{{SessionName}}\n"
      "  groups: [g1, \"s:{{SessionNameRaw}}\"]\n",
      "- userarn: arn:aws:iam::111122223333:user/Ann\n  username: ann\n", "- \"444455556666\"\n"));
  EXPECT_TRUE(auth.complaints.empty());
  const auto role = auth.find("arn:aws:iam::111122223333:role/CROSS", "111122223333");
  ASSERT_TRUE(role);
  const auto user = mapped_user(*role, kSession, "us-east-1", nullptr);
  ASSERT_TRUE(user);
  EXPECT_EQ(user->name, "e6data-111122223333-me-x");
  EXPECT_EQ(user->groups, (std::vector<std::string>{"g1", "s:me@x", "system:authenticated"}));
  EXPECT_EQ(user->uid, "aws-iam-authenticator:111122223333:AROAX");
  EXPECT_EQ(user->extra.at("canonicalArn"), std::vector<std::string>{"arn:aws:iam::111122223333:role/Cross"});
  EXPECT_EQ(auth.find("arn:aws:iam::111122223333:user/ann", "111122223333")->username, "ann");
  EXPECT_EQ(auth.find("arn:aws:iam::444455556666:user/x", "444455556666")->username,
            "arn:aws:iam::444455556666:user/x");
  EXPECT_FALSE(auth.find("arn:aws:iam::111122223333:user/bob", "111122223333"));
}

TEST(AwsAuth, ABadEntryGoesAndTheGoodStay) {
  const AwsAuth auth =
      AwsAuth::parse(aws_auth_data("- role_arn: x\n- rolearn: arn:aws:iam::1:role/a\n  groups: oops\n"
                                   "- rolearn: arn:aws:iam::1:role/b\n  username: first\n"
                                   "- rolearn: arn:aws:iam::1:role/b\n  username: second\n",
                                   "not: [a list"));
  EXPECT_EQ(auth.roles.size(), 1U);
  EXPECT_EQ(auth.find("arn:aws:iam::1:role/b", "1")->username, "second");
  EXPECT_EQ(auth.complaints.size(), 3U);
}

TEST(AwsAuth, ATemplateWithoutAValueDenies) {
  EXPECT_FALSE(mapped_user({"{{EC2PrivateDNSName}}", {}}, kSession, "us-east-1", nullptr));
  EXPECT_FALSE(mapped_user({"{{Unknown}}", {}}, kSession, "us-east-1", nullptr));
  const IamIdentity node{"1", "arn:aws:sts::1:assumed-role/Node/i-0123456789abcdef0",
                         "AROAN:i-0123456789abcdef0", "ASIA"};
  const Mapping nodes{"system:node:{{EC2PrivateDNSName}}", {}};
  const auto named = [&](const IamIdentity& who, std::string_view region) {
    const auto user = mapped_user(nodes, who, region, &resource_based_name);
    return user ? user->name : "";
  };
  EXPECT_EQ(named(node, "us-east-1"), "system:node:i-0123456789abcdef0.ec2.internal");
  EXPECT_EQ(named(node, "eu-west-1"), "system:node:i-0123456789abcdef0.eu-west-1.compute.internal");
  EXPECT_EQ(named(kSession, "us-east-1"), "");
}

struct AccessTest : ::testing::Test {
  testing::World world;
  std::string as(const std::string& arn, const std::string& user_id) {
    world.verifier.answer = IamIdentity{"123456789012", arn, user_id, "AKIA"};
    return iam_token(presigned("https://sts.us-east-1.amazonaws.com", basic_iso8601(world.clock.now())));
  }
  int list_config_maps(const std::string& ns, const std::string& arn) {
    return world.call("GET", "/api/v1/namespaces/" + ns + "/configmaps", "", "", as(arn, "AROAX:s")).status;
  }
};

TEST_F(AccessTest, OnlyTheCreatorIsLetInAtFirst) {
  EXPECT_EQ(list_config_maps("default", "arn:aws:iam::123456789012:user/admin"), 200);
  EXPECT_EQ(list_config_maps("default", "arn:aws:iam::123456789012:user/other"), 401);
  world.verifier.answer = fail("SignatureDoesNotMatch", "no", 403);
  EXPECT_EQ(world.call("GET", "/version", "", "", iam_token(presigned())).status, 401);
  EXPECT_EQ(world.verifier.last.headers.get("x-k8s-aws-id"), "c1");
}

TEST_F(AccessTest, AMappedRoleMayWhatItsBindingGivesAndNothingElse) {
  const std::string role = "arn:aws:sts::123456789012:assumed-role/Reader/s";
  EXPECT_EQ(list_config_maps("default", role), 401);
  world.call(
      "POST", "/api/v1/namespaces/kube-system/configmaps",
      R"({"metadata":{"name":"aws-auth"},"data":{"mapRoles":"- rolearn: arn:aws:iam::123456789012:role/Reader\n  username: reader\n  groups: [readers]\n"}})");
  EXPECT_EQ(list_config_maps("default", role), 403);
  world.call(
      "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
      R"({"metadata":{"name":"r"},"subjects":[{"kind":"Group","name":"readers"}],"roleRef":{"kind":"ClusterRole","name":"view"}})");
  EXPECT_EQ(list_config_maps("default", role), 200);
  EXPECT_EQ(list_config_maps("kube-system", role), 403);
  EXPECT_EQ(world.call("GET", "/api/v1/namespaces/default/secrets", "", "", as(role, "AROAX:s")).status, 403);
  EXPECT_EQ(world
                .call("DELETE", "/api/v1/namespaces/default/configmaps/kube-root-ca.crt", "", "",
                      as(role, "AROAX:s"))
                .status,
            403);
  world.call("DELETE", "/api/v1/namespaces/kube-system/configmaps/aws-auth");
  EXPECT_EQ(list_config_maps("default", role), 401);
}

TEST_F(AccessTest, NobodyGrantsMoreThanTheyHave) {
  world.call(
      "POST", "/api/v1/namespaces/kube-system/configmaps",
      R"({"metadata":{"name":"aws-auth"},"data":{"mapUsers":"- userarn: arn:aws:iam::123456789012:user/lead\n  username: lead\n"}})");
  world.call(
      "POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings",
      R"({"metadata":{"name":"lead"},"subjects":[{"kind":"User","name":"lead"}],"roleRef":{"kind":"ClusterRole","name":"admin"}})");
  const auto as_lead = [&](std::string path, std::string body) {
    return world.call("POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/" + path,
                      std::move(body), "application/json",
                      as("arn:aws:iam::123456789012:user/lead", "AIDALEAD"));
  };
  EXPECT_EQ(
      as_lead("rolebindings", R"({"metadata":{"name":"a"},"roleRef":{"kind":"ClusterRole","name":"view"}})")
          .status,
      201);
  const auto refused = as_lead(
      "rolebindings", R"({"metadata":{"name":"b"},"roleRef":{"kind":"ClusterRole","name":"cluster-admin"}})");
  EXPECT_EQ(refused.status, 403);
  EXPECT_NE(
      text_at(refused.body, {"message"}).find("is attempting to grant RBAC permissions not currently held:"),
      std::string_view::npos);
  EXPECT_EQ(
      as_lead(
          "roles",
          R"({"metadata":{"name":"c"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]})")
          .status,
      201);
  EXPECT_EQ(
      as_lead("roles",
              R"({"metadata":{"name":"d"},"rules":[{"verbs":["*"],"apiGroups":[""],"resources":["pods"]}]})")
          .status,
      403);
}

TEST_F(AccessTest, RulesMatchAsRbacSays) {
  const auto rule = [](std::string_view text) { return json::parse(text)->get_object(); };
  const auto ask = [](std::string verb, std::string resource, std::string part = "", std::string name = "") {
    Attributes a;
    a.verb = std::move(verb);
    a.resource = std::move(resource);
    a.subresource = std::move(part);
    a.name = std::move(name);
    return a;
  };
  const auto pods = rule(R"({"verbs":["get"],"apiGroups":[""],"resources":["pods"],"resourceNames":[]})");
  EXPECT_TRUE(rule_allows(pods, ask("get", "pods")));
  EXPECT_FALSE(rule_allows(pods, ask("get", "pods", "log")));
  EXPECT_TRUE(rule_allows(rule(R"({"verbs":["get"],"apiGroups":[""],"resources":["*/log"]})"),
                          ask("get", "pods", "log")));
  EXPECT_TRUE(rule_allows(rule(R"({"verbs":["*"],"apiGroups":["*"],"resources":["*"]})"),
                          ask("delete", "pods", "log")));
  const auto named =
      rule(R"({"verbs":["get"],"apiGroups":[""],"resources":["secrets"],"resourceNames":["a"]})");
  EXPECT_TRUE(rule_allows(named, ask("get", "secrets", "", "a")));
  EXPECT_FALSE(rule_allows(named, ask("get", "secrets", "", "b")));
  EXPECT_FALSE(rule_allows(named, ask("list", "secrets")));
  Attributes path;
  path.verb = "get";
  path.resource_request = false;
  path.path = "/healthz/etcd";
  EXPECT_TRUE(rule_allows(rule(R"({"verbs":["get"],"nonResourceURLs":["/healthz/*"]})"), path));
  EXPECT_FALSE(rule_allows(rule(R"({"verbs":["get"],"nonResourceURLs":["/healthz"]})"), path));
}

}  // namespace
}  // namespace gatehouse::kube
