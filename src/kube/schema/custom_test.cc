#include "kube/schema/custom.h"

#include <gtest/gtest.h>

#include "kube/objects/json_path.h"
#include "kube/schema/json_query.h"
#include "kube/schema/kind_set.h"

namespace gatehouse::kube {
namespace {

json::object parsed(std::string_view text) { return json::parse(text)->get_object(); }

json::object definition(std::string_view established = "True") {
  json::object out = parsed(R"({
    "metadata": {"name": "widgets.example.com", "uid": "1"},
    "spec": {"group": "example.com", "scope": "Namespaced",
             "names": {"plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList"},
             "versions": [{"name": "v1beta1", "served": true, "storage": false},
                          {"name": "v1", "served": true, "storage": true},
                          {"name": "v1alpha1", "served": false, "storage": false}]}})");
  out["status"] = json::object{
      {"conditions", json::array{json::object{{"type", "Established"}, {"status", established}}}}};
  return out;
}

TEST(KindSet, ServesWhatDefinitionsAdd) {
  const json::object one = definition();
  const auto set = KindSet::with({&one}, *KindSet::built_in());
  const Kind* kept = set->find("example.com", "v1", "widgets");
  const Kind* older = set->find("example.com", "v1beta1", "widgets");
  ASSERT_NE(kept, nullptr);
  ASSERT_NE(older, nullptr);
  EXPECT_EQ(set->find("example.com", "v1alpha1", "widgets"), nullptr) << "it is not served";
  EXPECT_EQ(older->kept_as(), kept->kept_as());
  EXPECT_EQ(set->custom(), std::vector<const Kind*>{kept});
  EXPECT_EQ(KindSet::with({&one}, *set)->find("example.com", "v1", "widgets"), kept) << "made once";
}

TEST(KindSet, ServesNothingBeforeNamesAreAccepted) {
  const json::object one = definition("False");
  const auto set = KindSet::with({&one}, *KindSet::built_in());
  EXPECT_EQ(set->find("example.com", "v1", "widgets"), nullptr);
  EXPECT_EQ(set->all().size(), KindSet::built_in()->all().size());
}

TEST(Versions, AreOrderedAsKubernetesDocuments) {
  // https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority
  const std::vector<std::string> expected{"v10",     "v2",        "v1",        "v11beta2", "v10beta3",
                                          "v3beta1", "v12alpha1", "v11alpha2", "foo1",     "foo10"};
  std::vector<std::string> versions = expected;
  std::reverse(versions.begin(), versions.end());
  std::sort(versions.begin(), versions.end(), newer_version);
  EXPECT_EQ(versions, expected);
}

TEST(JsonQuery, FollowsSimplePaths) {
  const json::object o = parsed(R"({"spec": {"n": 3, "list": [{"name": "a"}, {"name": "b"}]},
    "metadata": {"annotations": {"a.b/c": "x"}},
    "status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "Other", "status": "False"}]}})");
  const auto dumped = [&](std::string_view path) {
    std::string out;
    for (const json::value* v : query(o, path)) out += json::dump(*v) + ";";
    return out;
  };
  const std::pair<std::string_view, std::string_view> cases[] = {
      {".spec.n", "3;"},
      {"$.spec.n", "3;"},
      {".spec.list[1].name", "\"b\";"},
      {".spec.list[-1].name", "\"b\";"},
      {".spec.list[*].name", "\"a\";\"b\";"},
      {".spec.list[7].name", ""},
      {".metadata.annotations['a.b/c']", "\"x\";"},
      {".metadata.annotations.a\\.b/c", "\"x\";"},
      {".status.conditions[?(@.type==\"Ready\")].status", "\"True\";"},
      {".status.conditions[?(@.type=='None')].status", ""},
      {".spec.list[", ""},
      {"spec", ""},
      {"", ""}};
  for (const auto& [path, expected] : cases) EXPECT_EQ(dumped(path), expected) << path;
}

struct StructuralTest : ::testing::Test {
  const json::object source = parsed(R"({"type": "object", "properties": {
    "spec": {"type": "object", "required": ["size"], "properties": {
      "size": {"type": "integer", "minimum": 1},
      "mode": {"type": "string", "default": "on"},
      "note": {"type": "string", "nullable": true, "pattern": "^a+$"},
      "port": {"x-kubernetes-int-or-string": true},
      "any": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
      "either": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
                 "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
      "tags": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 3}}}}}})");
  const Structural schema{&source};

  std::string wrong(std::string_view spec) {
    std::vector<Cause> causes;
    schema.check({{"spec", *json::parse(spec)}}, causes);
    std::string out;
    for (const Cause& cause : causes) out += cause.field + " " + std::string(cause.reason) + ";";
    return out;
  }
};

TEST_F(StructuralTest, PrunesWhatItDoesNotKnow) {
  json::object object = parsed(R"({"metadata": {"name": "x"}, "more": 1,
    "spec": {"size": 1, "extra": {}, "any": {"x": {"y": 1}}, "tags": {"k": "v"}}})");
  std::vector<std::string> complaints;
  schema.prune(object, &complaints);
  EXPECT_EQ(object, parsed(R"({"metadata": {"name": "x"},
    "spec": {"size": 1, "any": {"x": {"y": 1}}, "tags": {"k": "v"}}})"));
  EXPECT_EQ(complaints, (std::vector<std::string>{"unknown field \"more\"", "unknown field \"spec.extra\""}));
}

TEST_F(StructuralTest, FillsInDefaultsAndDropsNulls) {
  json::object object = parsed(R"({"spec": {"size": null, "mode": null, "note": null}})");
  schema.complete(object);
  EXPECT_EQ(object, parsed(R"({"spec": {"mode": "on", "note": null}})"));
}

TEST_F(StructuralTest, ChecksValues) {
  EXPECT_EQ(wrong(R"({"size": 1, "note": null, "port": "http", "tags": {"a": "b"}})"), "");
  EXPECT_EQ(wrong(R"({"size": 1, "port": 80, "either": {"a": "x"}})"), "");
  EXPECT_EQ(wrong(R"({})"), "spec.size FieldValueRequired;");
  EXPECT_EQ(wrong(R"({"size": 0})"), "spec.size FieldValueInvalid;");
  EXPECT_EQ(wrong(R"({"size": 1.5})"), "spec.size FieldValueTypeInvalid;");
  EXPECT_EQ(wrong(R"({"size": 1, "note": "b"})"), "spec.note FieldValueInvalid;");
  EXPECT_EQ(wrong(R"({"size": 1, "port": true})"), "spec.port FieldValueTypeInvalid;");
  EXPECT_EQ(wrong(R"({"size": 1, "tags": {"a": "long"}})"), "spec.tags.a FieldValueTooLong;");
  EXPECT_EQ(wrong(R"({"size": 1, "either": {}})"), "spec.either FieldValueInvalid;");
  EXPECT_EQ(wrong(R"({"size": 1, "either": {"a": "x", "b": "y"}})"), "spec.either FieldValueInvalid;");
  EXPECT_EQ(wrong("7"), "spec FieldValueTypeInvalid;");
}

}  // namespace
}  // namespace gatehouse::kube
