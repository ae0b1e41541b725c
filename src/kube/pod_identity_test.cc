#include "kube/pod_identity.h"

#include <gtest/gtest.h>

#include "identity/token/jwt.h"
#include "kube/objects/patch.h"
#include "kube/testing/fixture.h"

namespace gatehouse::kube::pod_identity {
namespace {

json::object parsed(std::string_view text) { return json::parse(text)->get_object(); }

const Identity kIdentity{"arn:aws:iam::123456789012:role/r", "sts.amazonaws.com", true, 86400};
Config config() {
  Config c;
  c.region = "us-east-1";
  return c;
}

std::vector<std::string> env_names(const json::value& container) {
  std::vector<std::string> out;
  for (const json::value& v : container.at("env").get_array()) out.emplace_back(v.at("name").get_string());
  return out;
}

json::value mutated(std::string_view pod) {
  json::value v = *json::parse(pod);
  EXPECT_TRUE(json_patch(v, mutation(v.get_object(), kIdentity, config())));
  return v;
}

TEST(PodIdentity, InjectsInTheWebhooksOrder) {
  const json::value pod =
      mutated(R"({"spec":{"containers":[{"name":"a"}],"initContainers":[{"name":"i"}]}})");
  const std::vector<std::string> order{"AWS_STS_REGIONAL_ENDPOINTS", "AWS_DEFAULT_REGION", "AWS_REGION",
                                       "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"};
  EXPECT_EQ(env_names(pod.at("spec").at("containers").at(0)), order);
  EXPECT_EQ(env_names(pod.at("spec").at("initContainers").at(0)), order);
  EXPECT_EQ(pod.at("spec").at("containers").at(0).at("env").at(4).at("value"),
            "/var/run/secrets/eks.amazonaws.com/serviceaccount/token");
  EXPECT_EQ(pod.at("spec").at("containers").at(0).at("volumeMounts"),
            *json::parse(R"([{"name":"aws-iam-token","readOnly":true,
                              "mountPath":"/var/run/secrets/eks.amazonaws.com/serviceaccount"}])"));
  EXPECT_EQ(pod.at("spec").at("volumes"),
            *json::parse(R"([{"name":"aws-iam-token","projected":{"sources":[{"serviceAccountToken":
                {"audience":"sts.amazonaws.com","expirationSeconds":86400,"path":"token"}}]}}])"));
}

TEST(PodIdentity, PutsItsVolumeFirstAndReplacesWholeLists) {
  const json::array patch = mutation(
      parsed(R"({"spec":{"volumes":[{"name":"x"}],"containers":[{"name":"a"}]}})"), kIdentity, config());
  ASSERT_EQ(patch.size(), 2U);
  EXPECT_EQ(patch[0].at("path"), "/spec/volumes/0");
  EXPECT_EQ(patch[1].at("path"), "/spec/containers");
}

TEST(PodIdentity, EitherVariableThereAlreadyKeepsBothOut) {
  const json::value pod =
      mutated(R"({"spec":{"containers":[{"name":"a","env":[{"name":"AWS_ROLE_ARN","value":"mine"}]}]}})");
  EXPECT_EQ(env_names(pod.at("spec").at("containers").at(0)),
            (std::vector<std::string>{"AWS_ROLE_ARN", "AWS_STS_REGIONAL_ENDPOINTS", "AWS_DEFAULT_REGION",
                                      "AWS_REGION"}));
  EXPECT_TRUE(pod.at("spec").at("containers").at(0).as_object().contains("volumeMounts"));
}

TEST(PodIdentity, WithEverythingThereTheTokenIsNotMounted) {
  const auto pod =
      parsed(R"({"spec":{"containers":[{"name":"a","env":[{"name":"AWS_ROLE_ARN"},{"name":"AWS_REGION"},
      {"name":"AWS_STS_REGIONAL_ENDPOINTS"}]}]}})");
  EXPECT_TRUE(mutation(pod, kIdentity, config()).empty());
}

TEST(PodIdentity, PodAnnotationsSkipContainersAndSetTheLifetime) {
  const json::value pod = mutated(R"({"metadata":{"annotations":{"eks.amazonaws.com/skip-containers":"a, i",
      "eks.amazonaws.com/token-expiration":"60"}},"spec":{"containers":[{"name":"a"},{"name":"b"}],"initContainers":[{"name":"i"}]}})");
  EXPECT_FALSE(pod.at("spec").at("containers").at(0).as_object().contains("env"));
  EXPECT_TRUE(pod.at("spec").at("containers").at(1).as_object().contains("env"));
  EXPECT_FALSE(pod.at("spec").at("initContainers").at(0).as_object().contains("env"));
  EXPECT_EQ(pod.at("spec")
                .at("volumes")
                .at(0)
                .at("projected")
                .at("sources")
                .at(0)
                .at("serviceAccountToken")
                .at("expirationSeconds"),
            600);
}

TEST(PodIdentity, WindowsHasItsOwnPath) {
  const json::value pod =
      mutated(R"({"spec":{"nodeSelector":{"kubernetes.io/os":"windows"},"containers":[{"name":"a"}]}})");
  EXPECT_EQ(pod.at("spec").at("containers").at(0).at("env").at(4).at("value"),
            "C:\\var\\run\\secrets\\eks.amazonaws.com\\serviceaccount\\token");
}

TEST(PodIdentity, ReadsAnnotationsAsTheWebhookDoes) {
  const auto account = [](std::string_view annotations) {
    return parsed(R"({"metadata":{"annotations":)" + std::string(annotations) + "}}");
  };
  EXPECT_FALSE(identity_of(account("{}"), config()));
  const auto all = identity_of(account(R"({"eks.amazonaws.com/role-arn":"r","eks.amazonaws.com/audience":"a",
      "eks.amazonaws.com/sts-regional-endpoints":"f","eks.amazonaws.com/token-expiration":"10"})"),
                               config());
  ASSERT_TRUE(all);
  EXPECT_EQ(all->audience, "a");
  EXPECT_FALSE(all->regional_endpoint);
  EXPECT_EQ(all->expiration, 600);
  const auto bad = identity_of(account(R"({"eks.amazonaws.com/role-arn":"r",
      "eks.amazonaws.com/sts-regional-endpoints":"maybe","eks.amazonaws.com/token-expiration":"soon"})"),
                               config());
  EXPECT_TRUE(bad->regional_endpoint);
  EXPECT_EQ(bad->expiration, 86400);
}

TEST(PodIdentity, KnowsARolesArn) {
  EXPECT_TRUE(plausible_role_arn("arn:aws:iam::123456789012:role/path/r"));
  EXPECT_TRUE(plausible_role_arn("arn:aws-cn:iam::123456789012:role/r"));
  for (const char* bad : {"r", "arn:aws:iam::123456789012:role/", "arn:aws:iam::12345:role/r",
                          "arn:aws:iam::123456789012:user/u", "arn:aws:iam::123456789012:role/r<x>"})
    EXPECT_FALSE(plausible_role_arn(bad)) << bad;
}

TEST(PodIdentity, ProjectsATokenThatStsCanVerify) {
  testing::World world;
  world.call("POST", "/api/v1/namespaces", R"({"metadata":{"name":"ns1"}})");
  const auto project_sdc = [&] {
    return project(*world.cluster, "ns1", "sdc", {config(), "/tmp/token", Bound{"p", "u"}}, world.clock.now(),
                   world.random);
  };
  EXPECT_EQ(project(*world.cluster, "nowhere", "sdc", {}, world.clock.now(), world.random).error().code,
            "NamespaceNotFound");
  EXPECT_EQ(project_sdc().error().code, "ServiceAccountNotFound");
  world.call("POST", "/api/v1/namespaces/ns1/serviceaccounts", R"({"metadata":{"name":"sdc"}})");
  EXPECT_EQ(project_sdc().error().code, "NoRoleAnnotation");
  world.call(
      "PATCH", "/api/v1/namespaces/ns1/serviceaccounts/sdc",
      R"({"metadata":{"annotations":{"eks.amazonaws.com/role-arn":"arn:aws:iam::123456789012:role/r"}}})",
      "application/merge-patch+json");
  const auto got = project_sdc();
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->environment.back(),
            (std::pair<std::string, std::string>("AWS_WEB_IDENTITY_TOKEN_FILE", "/tmp/token")));
  const auto jwt = identity::Jwt::read(got->token);
  ASSERT_TRUE(jwt && jwt->verify(world.cluster->public_keys));
  const identity::Claims& claims = jwt->unverified();
  EXPECT_EQ(claims.subject, "system:serviceaccount:ns1:sdc");
  EXPECT_EQ(claims.issuer, "https://oidc.eks.us-east-1.amazonaws.com/id/" + world.cluster->hex);
  EXPECT_EQ(claims.audience, std::vector<std::string>{"sts.amazonaws.com"});
  EXPECT_EQ(*claims.expires - world.clock.now(), std::chrono::seconds(86400));
  EXPECT_EQ(claims.all.at("kubernetes.io").at("pod").at("name"), "p");
}

}  // namespace
}  // namespace gatehouse::kube::pod_identity
