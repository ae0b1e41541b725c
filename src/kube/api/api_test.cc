#include "kube/api/api.h"

#include <gtest/gtest.h>

#include "identity/token/jwt.h"
#include "kube/access/tokens.h"
#include "kube/issuer.h"
#include "kube/objects/json_path.h"
#include "kube/testing/fixture.h"

namespace gatehouse::kube {
namespace {

constexpr const char* kMerge = "application/merge-patch+json";

struct ApiTest : ::testing::Test {
  testing::World world;

  testing::World::Reply call(std::string method, std::string target, std::string body = "",
                             std::string type = "application/json", std::string token = "admin",
                             std::string accept = "") {
    return world.call(std::move(method), std::move(target), std::move(body), std::move(type),
                      std::move(token), std::move(accept));
  }
  std::string_view text(const testing::World::Reply& reply, Path path) { return text_at(reply.body, path); }
  void make_namespace(const std::string& name) {
    ASSERT_EQ(call("POST", "/api/v1/namespaces", R"({"metadata":{"name":")" + name + "\"}}").status, 201);
  }
  std::string token_of(const std::string& ns, const std::string& account) {
    const auto reply =
        call("POST", "/api/v1/namespaces/" + ns + "/serviceaccounts/" + account + "/token", "{}");
    return std::string(text_at(reply.body, {"status", "token"}));
  }
};

TEST_F(ApiTest, ANewClusterHasItsNamespaces) {
  const auto list = call("GET", "/api/v1/namespaces");
  EXPECT_EQ(list.status, 200);
  EXPECT_EQ(text(list, {"kind"}), "NamespaceList");
  std::vector<std::string> names;
  for (const json::value& item : *array_at(list.body, {"items"}))
    names.emplace_back(text_at(item.as_object(), {"metadata", "name"}));
  EXPECT_EQ(names, (std::vector<std::string>{"default", "kube-node-lease", "kube-public", "kube-system"}));
}

TEST_F(ApiTest, ANewNamespaceIsFurnished) {
  const auto made = call("POST", "/api/v1/namespaces",
                         R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"ns1"}})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(text(made, {"status", "phase"}), "Active");
  EXPECT_EQ(text(made, {"metadata", "labels", "kubernetes.io/metadata.name"}), "ns1");
  EXPECT_EQ(call("GET", "/api/v1/namespaces/ns1/serviceaccounts/default").status, 200);
  EXPECT_EQ(text(call("GET", "/api/v1/namespaces/ns1/configmaps/kube-root-ca.crt"), {"data", "ca.crt"}),
            "CA");
}

TEST_F(ApiTest, ErrorsAreStatusesInKubernetesWords) {
  const auto missing = call("GET", "/api/v1/namespaces/default/configmaps/x");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(text(missing, {"message"}), "configmaps \"x\" not found");
  EXPECT_EQ(text(missing, {"reason"}), "NotFound");
  EXPECT_EQ(text(missing, {"details", "kind"}), "configmaps");
  EXPECT_EQ(text(call("GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles/x"), {"message"}),
            "clusterroles.rbac.authorization.k8s.io \"x\" not found");
  const auto twice = call("POST", "/api/v1/namespaces", R"({"metadata":{"name":"default"}})");
  EXPECT_EQ(twice.status, 409);
  EXPECT_EQ(text(twice, {"message"}), "namespaces \"default\" already exists");
  EXPECT_EQ(text(twice, {"reason"}), "AlreadyExists");
  const auto no_namespace =
      call("POST", "/api/v1/namespaces/nowhere/configmaps", R"({"metadata":{"name":"x"}})");
  EXPECT_EQ(no_namespace.status, 404);
  EXPECT_EQ(text(no_namespace, {"message"}), "namespaces \"nowhere\" not found");
  const auto bad_name = call("POST", "/api/v1/namespaces", R"({"metadata":{"name":"Bad_Name"}})");
  EXPECT_EQ(bad_name.status, 422);
  EXPECT_EQ(text(bad_name, {"reason"}), "Invalid");
  EXPECT_NE(text(bad_name, {"message"})
                .find("Namespace \"Bad_Name\" is invalid: metadata.name: Invalid value: \"Bad_Name\": a "
                      "lowercase RFC 1123 label"),
            std::string_view::npos);
  EXPECT_EQ(call("GET", "/api/v1/pods").status, 404);
  EXPECT_EQ(text(call("GET", "/apis/nothing/v1/x"), {"message"}),
            "the server could not find the requested resource");
  EXPECT_EQ(call("PUT", "/api/v1/namespaces", "{}").status, 405);
  EXPECT_EQ(call("POST", "/api/v1/namespaces", "{", "application/json").status, 400);
  EXPECT_EQ(call("POST", "/api/v1/namespaces", "{}", "text/plain").status, 415);
}

TEST_F(ApiTest, MergePatchAnnotates) {
  make_namespace("ns1");
  call("POST", "/api/v1/namespaces/ns1/serviceaccounts", R"({"metadata":{"name":"sdc"}})");
  const auto patched = call("PATCH", "/api/v1/namespaces/ns1/serviceaccounts/sdc",
                            R"({"metadata":{"annotations":{"a.b/c":"d"}}})", kMerge);
  EXPECT_EQ(patched.status, 200);
  EXPECT_EQ(text(patched, {"metadata", "annotations", "a.b/c"}), "d");
  const auto removed = call("PATCH", "/api/v1/namespaces/ns1/serviceaccounts/sdc",
                            R"({"metadata":{"annotations":{"a.b/c":null}}})", kMerge);
  EXPECT_EQ(at(removed.body, {"metadata", "annotations"}), nullptr);
  EXPECT_NE(text(removed, {"metadata", "resourceVersion"}), text(patched, {"metadata", "resourceVersion"}));
  EXPECT_EQ(text(removed, {"metadata", "uid"}), text(patched, {"metadata", "uid"}));
}

TEST_F(ApiTest, AnOldResourceVersionConflicts) {
  make_namespace("ns1");
  const auto made =
      call("POST", "/api/v1/namespaces/ns1/configmaps", R"({"metadata":{"name":"x"},"data":{"a":"1"}})");
  const std::string old(text(made, {"metadata", "resourceVersion"}));
  EXPECT_EQ(
      call("PUT", "/api/v1/namespaces/ns1/configmaps/x", R"({"metadata":{"name":"x"},"data":{"a":"2"}})")
          .status,
      200);
  const auto stale = call("PUT", "/api/v1/namespaces/ns1/configmaps/x",
                          R"({"metadata":{"name":"x","resourceVersion":")" + old + R"("},"data":{"a":"3"}})");
  EXPECT_EQ(stale.status, 409);
  EXPECT_EQ(text(stale, {"message"}),
            "Operation cannot be fulfilled on configmaps \"x\": the object has been modified; please apply "
            "your changes "
            "to the latest version and try again");
  EXPECT_EQ(text(call("GET", "/api/v1/namespaces/ns1/configmaps/x"), {"data", "a"}), "2");
}

TEST_F(ApiTest, StrictValidationNamesTheField) {
  const std::string body = R"({"metadata":{"name":"x","labelz":{}},"data":{"a":"1","a":"2"}})";
  const auto strict = call("POST", "/api/v1/namespaces/default/configmaps?fieldValidation=Strict", body);
  EXPECT_EQ(strict.status, 400);
  EXPECT_EQ(
      text(strict, {"message"}),
      "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field "
      "\"metadata.labelz\", duplicate field \"data.a\"");
  const auto warned = call("POST", "/api/v1/namespaces/default/configmaps", body);
  EXPECT_EQ(warned.status, 201);
  EXPECT_EQ(warned.headers.get("warning"), "299 - \"unknown field \\\"metadata.labelz\\\"\"");
  const auto wrong = call("POST", "/api/v1/namespaces/default/configmaps", R"({"metadata":{"name":7}})");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_NE(text(wrong, {"message"}).find("json: cannot unmarshal number"), std::string_view::npos);
}

TEST_F(ApiTest, DryRunKeepsNothing) {
  EXPECT_EQ(call("POST", "/api/v1/namespaces?dryRun=All", R"({"metadata":{"name":"ns1"}})").status, 201);
  EXPECT_EQ(call("GET", "/api/v1/namespaces/ns1").status, 404);
  make_namespace("ns1");
  EXPECT_EQ(call("DELETE", "/api/v1/namespaces/ns1?dryRun=All").status, 200);
  EXPECT_EQ(call("GET", "/api/v1/namespaces/ns1").status, 200);
}

TEST_F(ApiTest, GeneratesNames) {
  const auto one =
      call("POST", "/api/v1/namespaces/default/configmaps", R"({"metadata":{"generateName":"x-"}})");
  const auto two =
      call("POST", "/api/v1/namespaces/default/configmaps", R"({"metadata":{"generateName":"x-"}})");
  EXPECT_EQ(one.status, 201);
  EXPECT_EQ(text(one, {"metadata", "name"}).size(), 7U);
  EXPECT_NE(text(one, {"metadata", "name"}), text(two, {"metadata", "name"}));
  EXPECT_EQ(call("POST", "/api/v1/namespaces/default/configmaps", "{}").status, 422);
}

TEST_F(ApiTest, DeletingANamespaceRemovesWhatItHolds) {
  make_namespace("ns1");
  call("POST", "/api/v1/namespaces/ns1/serviceaccounts", R"({"metadata":{"name":"sdc"}})");
  const auto gone = call("DELETE", "/api/v1/namespaces/ns1", R"({"propagationPolicy":"Background"})");
  EXPECT_EQ(gone.status, 200);
  EXPECT_EQ(text(gone, {"status", "phase"}), "Terminating");
  EXPECT_EQ(call("GET", "/api/v1/namespaces/ns1").status, 404);
  make_namespace("ns1");
  EXPECT_EQ(call("GET", "/api/v1/namespaces/ns1/serviceaccounts/sdc").status, 404);
  EXPECT_EQ(call("DELETE", "/api/v1/namespaces/kube-system").status, 403);
}

TEST_F(ApiTest, FinalizersHoldANamespaceUntilTheyGo) {
  make_namespace("ns1");
  call("POST", "/api/v1/namespaces/ns1/configmaps", R"({"metadata":{"name":"x","finalizers":["a.b/c"]}})");
  call("DELETE", "/api/v1/namespaces/ns1");
  EXPECT_EQ(text(call("GET", "/api/v1/namespaces/ns1"), {"status", "phase"}), "Terminating");
  EXPECT_NE(text(call("GET", "/api/v1/namespaces/ns1/configmaps/x"), {"metadata", "deletionTimestamp"}), "");
  const auto more = call("POST", "/api/v1/namespaces/ns1/configmaps", R"({"metadata":{"name":"y"}})");
  EXPECT_EQ(more.status, 403);
  EXPECT_EQ(text(more, {"message"}),
            "configmaps \"y\" is forbidden: unable to create new content in namespace ns1 because it is "
            "being terminated");
  call("PATCH", "/api/v1/namespaces/ns1/configmaps/x", R"({"metadata":{"finalizers":null}})", kMerge);
  EXPECT_EQ(call("GET", "/api/v1/namespaces/ns1").status, 404);
}

TEST_F(ApiTest, DependentsGoWithTheirOwner) {
  const auto owner = call("POST", "/api/v1/namespaces/default/configmaps", R"({"metadata":{"name":"o"}})");
  const std::string uid(text(owner, {"metadata", "uid"}));
  const std::string reference =
      R"("ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"o","uid":")" + uid + "\"}]";
  call("POST", "/api/v1/namespaces/default/secrets", R"({"metadata":{"name":"d",)" + reference + "}}");
  call("POST", "/api/v1/namespaces/default/secrets", R"({"metadata":{"name":"e",)" + reference + "}}");
  call("DELETE", "/api/v1/namespaces/default/configmaps/o");
  EXPECT_EQ(call("GET", "/api/v1/namespaces/default/secrets/d").status, 404);
}

TEST_F(ApiTest, TokensHonourTheirRequest) {
  make_namespace("ns1");
  const auto made = call("POST", "/api/v1/namespaces/ns1/serviceaccounts/default/token",
                         R"({"spec":{"audiences":["sts.amazonaws.com"],"expirationSeconds":700}})");
  ASSERT_EQ(made.status, 201);
  const auto jwt = identity::Jwt::read(text(made, {"status", "token"}));
  ASSERT_TRUE(jwt && jwt->verify(world.cluster->public_keys));
  EXPECT_EQ(jwt->unverified().audience, std::vector<std::string>{"sts.amazonaws.com"});
  EXPECT_EQ(*jwt->unverified().expires - *jwt->unverified().issued_at, std::chrono::seconds(700));
  const auto brief = call("POST", "/api/v1/namespaces/ns1/serviceaccounts/default/token",
                          R"({"spec":{"expirationSeconds":60}})");
  EXPECT_EQ(brief.status, 422);
  EXPECT_EQ(text(brief, {"message"}),
            "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: 60: "
            "may not "
            "specify a duration less than 10 minutes");
  EXPECT_EQ(call("POST", "/api/v1/namespaces/ns1/serviceaccounts/none/token", "{}").status, 404);
}

TEST_F(ApiTest, AServiceAccountIsWhoItsTokenSays) {
  make_namespace("ns1");
  const std::string token = token_of("ns1", "default");
  const auto who =
      call("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}", "application/json", token);
  EXPECT_EQ(who.status, 201);
  EXPECT_EQ(text(who, {"status", "userInfo", "username"}), "system:serviceaccount:ns1:default");
  EXPECT_EQ(*at(who.body, {"status", "userInfo", "groups"}),
            json::value({"system:serviceaccounts", "system:serviceaccounts:ns1", "system:authenticated"}));
  const auto list = call("GET", "/api/v1/namespaces/ns1/secrets", "", "", token);
  EXPECT_EQ(list.status, 403);
  EXPECT_EQ(text(list, {"message"}),
            "secrets is forbidden: User \"system:serviceaccount:ns1:default\" cannot list resource "
            "\"secrets\" in API "
            "group \"\" in the namespace \"ns1\"");
  EXPECT_EQ(text(list, {"reason"}), "Forbidden");
}

TEST_F(ApiTest, TokensThatDoNotHoldAre401) {
  make_namespace("ns1");
  const std::string good = token_of("ns1", "default");
  const auto status = [&](const std::string& token) { return call("GET", "/version", "", "", token).status; };
  EXPECT_EQ(status(good), 200);
  EXPECT_EQ(status(good + "x"), 401);
  EXPECT_EQ(status("nonsense"), 401);
  const auto other = call("POST", "/api/v1/namespaces/ns1/serviceaccounts/default/token",
                          R"({"spec":{"audiences":["sts.amazonaws.com"]}})");
  EXPECT_EQ(status(std::string(text(other, {"status", "token"}))), 401);
  world.clock.advance(std::chrono::hours(2));
  EXPECT_EQ(status(good), 401);
  const std::string fresh = token_of("ns1", "default");
  EXPECT_EQ(status(fresh), 200);
  const auto account = call("GET", "/api/v1/namespaces/ns1/serviceaccounts/default");
  const auto signed_at = [&](Time when) {
    return status(make_token(*world.cluster,
                             {.ns = "ns1",
                              .account = "default",
                              .account_uid = std::string(text(account, {"metadata", "uid"})),
                              .audiences = {std::string(kApiAudience)},
                              .pod = {},
                              .node = {},
                              .secret = {}},
                             when, world.random));
  };
  EXPECT_EQ(signed_at(world.clock.now()), 200);
  EXPECT_EQ(signed_at(world.clock.now() + std::chrono::minutes(5)), 401);  // nbf in the future
  call("DELETE", "/api/v1/namespaces/ns1/serviceaccounts/default");        // and the controller makes another
  EXPECT_EQ(call("GET", "/api/v1/namespaces/ns1/serviceaccounts/default").status, 200);
  EXPECT_EQ(status(fresh), 401);
  const auto second =
      *world.clusters->create({"123456789012", "us-east-1", "c2", "arn:aws:iam::123456789012:user/x"});
  EXPECT_EQ(status(make_token(*second,
                              {.ns = "ns1",
                               .account = "default",
                               .account_uid = "u",
                               .audiences = {std::string(kApiAudience)},
                               .pod = {},
                               .node = {},
                               .secret = {}},
                              world.clock.now(), world.random)),
            401);
}

TEST_F(ApiTest, NobodySeesOnlyWhatIsPublic) {
  EXPECT_EQ(call("GET", "/version", "", "", "").status, 200);
  EXPECT_EQ(call("GET", "/healthz", "", "", "").status, 200);
  const auto apis = call("GET", "/apis", "", "", "");
  EXPECT_EQ(apis.status, 403);
  EXPECT_EQ(text(apis, {"message"}), "forbidden: User \"system:anonymous\" cannot get path \"/apis\"");
  EXPECT_EQ(text(call("GET", "/api/v1/namespaces", "", "", ""), {"message"}),
            "namespaces is forbidden: User \"system:anonymous\" cannot list resource \"namespaces\" in API "
            "group \"\" at the cluster scope");
}

TEST_F(ApiTest, TheIssuersDocumentsSayWhoSigns) {
  const auto discovery = call("GET", "/.well-known/openid-configuration");
  EXPECT_EQ(text(discovery, {"issuer"}), world.cluster->issuer);
  EXPECT_EQ(text(discovery, {"jwks_uri"}), world.cluster->issuer + "/keys");
  const auto keys = issuer_document(*world.clusters, "/id/" + world.cluster->hex + "/keys");
  ASSERT_TRUE(keys);
  const auto set = identity::Jwks::parse(keys->body);
  ASSERT_TRUE(set);
  make_namespace("ns1");
  const auto jwt = identity::Jwt::read(token_of("ns1", "default"));
  EXPECT_TRUE(jwt->verify(*set));
  EXPECT_FALSE(issuer_document(*world.clusters, "/id/0000/keys"));
}

TEST_F(ApiTest, ProtobufIsTheSameAsJson) {
  // A Namespace as kubectl 1.32 sends it: metadata {name: "proto", creationTimestamp: zero}, spec {}, status
  // {}.
  const std::string metadata = std::string("\x0a\x05proto", 7) + std::string("\x12\x00\x42\x00", 4);
  std::string raw = "\x0a" + std::string(1, static_cast<char>(metadata.size())) + metadata +
                    std::string("\x12\x00\x1a\x00", 4);
  std::string body("k8s\0", 4);
  body += std::string("\x0a\x0f\x0a\x02v1\x12\x09Namespace", 17);
  body += "\x12" + std::string(1, static_cast<char>(raw.size())) + raw + std::string("\x1a\x00\x22\x00", 4);
  const auto made = call("POST", "/api/v1/namespaces", body, "application/vnd.kubernetes.protobuf");
  ASSERT_EQ(made.status, 201) << text(made, {"message"});
  EXPECT_EQ(text(made, {"metadata", "name"}), "proto");
  for (size_t cut = 0; cut < body.size(); ++cut)
    EXPECT_NE(
        call("POST", "/api/v1/namespaces", body.substr(0, cut), "application/vnd.kubernetes.protobuf").status,
        500);
}

TEST_F(ApiTest, TablesAreWhatKubectlGetPrints) {
  make_namespace("ns1");
  world.clock.advance(std::chrono::minutes(5));
  const auto table = call("GET", "/api/v1/namespaces?limit=500", "", "", "admin",
                          "application/json;as=Table;v=v1;g=meta.k8s.io,application/"
                          "json;as=Table;v=v1beta1;g=meta.k8s.io,application/json");
  EXPECT_EQ(text(table, {"kind"}), "Table");
  EXPECT_EQ(text(table, {"apiVersion"}), "meta.k8s.io/v1");
  EXPECT_EQ(array_at(table.body, {"rows"})->at(4).at("cells"), json::value({"ns1", "Active", "5m"}));
  EXPECT_EQ(table.body.at("columnDefinitions").at(1).at("name"), "Status");
  EXPECT_EQ(table.body.at("rows").at(4).at("object").at("kind"), "PartialObjectMetadata");
}

TEST_F(ApiTest, SelectorsChoose) {
  make_namespace("ns1");
  for (const char* body : {R"({"metadata":{"name":"a","labels":{"t":"1"}}})",
                           R"({"metadata":{"name":"b","labels":{"t":"2"}}})", R"({"metadata":{"name":"c"}})"})
    call("POST", "/api/v1/namespaces/ns1/secrets", body);
  const auto names = [&](std::string query) {
    std::string out;
    const auto list = call("GET", "/api/v1/namespaces/ns1/secrets?" + query);
    if (list.status != 200) return std::to_string(list.status);
    for (const json::value& item : *array_at(list.body, {"items"}))
      out += text_at(item.as_object(), {"metadata", "name"});
    return out;
  };
  EXPECT_EQ(names("labelSelector=t%3D1"), "a");
  EXPECT_EQ(names("labelSelector=t!%3D1"), "bc");
  EXPECT_EQ(names("labelSelector=t+in+(1,2)"), "ab");
  EXPECT_EQ(names("labelSelector=t+notin+(1)"), "bc");
  EXPECT_EQ(names("labelSelector=t,t!%3D2"), "a");
  EXPECT_EQ(names("labelSelector=!t"), "c");
  EXPECT_EQ(names("labelSelector=t>1"), "b");
  EXPECT_EQ(names("fieldSelector=metadata.name%3Db"), "b");
  EXPECT_EQ(names("fieldSelector=type!%3DOpaque"), "");
  EXPECT_EQ(names("fieldSelector=data%3Db"), "400");
  EXPECT_EQ(names("labelSelector=t+in+(1"), "400");
}

TEST_F(ApiTest, JsonPatchAppliesOrIsRefused) {
  call("POST", "/api/v1/namespaces/default/configmaps",
       R"({"metadata":{"name":"x","annotations":{"a/b":"1"}},"data":{"z":"1"}})");
  const std::string target = "/api/v1/namespaces/default/configmaps/x";
  const auto patched = call(
      "PATCH", target,
      R"([{"op":"test","path":"/metadata/annotations/a~1b","value":"1"},{"op":"add","path":"/data/c","value":"2"}])",
      "application/json-patch+json");
  EXPECT_EQ(text(patched, {"data", "c"}), "2");
  EXPECT_EQ(
      call("PATCH", target, R"([{"op":"remove","path":"/data/none"}])", "application/json-patch+json").status,
      422);
  EXPECT_EQ(call("PATCH", target, R"({})", "application/json-patch+json").status, 400);
  EXPECT_EQ(call("PATCH", target, R"([{"op":"replace","path":"/metadata/name","value":"y"}])",
                 "application/json-patch+json")
                .status,
            422);
  EXPECT_EQ(call("PATCH", target, R"([{"op":"replace","path":"/kind","value":"Secret"}])",
                 "application/json-patch+json")
                .status,
            400);
}

TEST_F(ApiTest, ImpersonationIsAuthorised) {
  make_namespace("ns1");
  world.extra_headers = {{"impersonate-user", "jane"}, {"impersonate-group", "developers"}};
  const auto who = call("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}");
  EXPECT_EQ(text(who, {"status", "userInfo", "username"}), "jane");
  EXPECT_EQ(*at(who.body, {"status", "userInfo", "groups"}),
            json::value({"developers", "system:authenticated"}));
  world.extra_headers.clear();
  const std::string token = token_of("ns1", "default");
  world.extra_headers = {{"impersonate-user", "jane"}};
  const auto refused = call("GET", "/api/v1/namespaces", "", "", token);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(
      text(refused, {"message"}),
      "users \"jane\" is forbidden: User \"system:serviceaccount:ns1:default\" cannot impersonate resource "
      "\"users\" in API group \"\" at the cluster scope");
}

TEST_F(ApiTest, EverySurvivingObjectIsThereAfterARestart) {
  make_namespace("ns1");
  const auto made =
      call("POST", "/api/v1/namespaces/ns1/configmaps", R"({"metadata":{"name":"x"},"data":{"a":"1"}})");
  const auto version = world.cluster->objects->version();
  const auto again = Clusters::open(world.records, world.clock, world.random, "CA");
  ASSERT_TRUE(again);
  const ClusterPtr cluster = (*again)->find("123456789012", "us-east-1", "c1");
  ASSERT_NE(cluster, nullptr);
  EXPECT_EQ(cluster->key.kid(), world.cluster->key.kid());
  EXPECT_EQ((*again)->by_issuer(world.cluster->issuer), cluster);
  const StoredPtr found = cluster->objects->find(kind_of("", "configmaps"), "ns1", "x");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(text_at(found->object, {"metadata", "uid"}), text(made, {"metadata", "uid"}));
  EXPECT_GE(cluster->objects->version(), version);
}

TEST_F(ApiTest, AFailedWriteChangesNothing) {
  make_namespace("ns1");
  world.records.failing = true;
  EXPECT_EQ(call("POST", "/api/v1/namespaces/ns1/configmaps", R"({"metadata":{"name":"x"}})").status, 500);
  world.records.failing = false;
  EXPECT_EQ(call("GET", "/api/v1/namespaces/ns1/configmaps/x").status, 404);
  EXPECT_EQ(call("POST", "/api/v1/namespaces/ns1/configmaps", R"({"metadata":{"name":"x"}})").status, 201);
}

TEST_F(ApiTest, RemovingAClusterLeavesNothing) {
  const std::string hex = world.cluster->hex;
  ASSERT_TRUE(world.clusters->remove(hex));
  EXPECT_EQ(world.records.size(), 0U);
  EXPECT_EQ(world.clusters->by_hex(hex), nullptr);
  EXPECT_FALSE(world.clusters->remove(hex));
}

}  // namespace
}  // namespace gatehouse::kube
