#include "kube/objects/apply.h"

#include <gtest/gtest.h>

#include "kube/objects/json_path.h"
#include "kube/objects/patch.h"

namespace gatehouse::kube {
namespace {

json::object parsed(std::string_view text) { return json::parse(text)->get_object(); }
const Kind& config_maps() { return kind_of("", "configmaps"); }
const Kind& accounts() { return kind_of("", "serviceaccounts"); }

json::object with_data(std::string_view data) {
  return parsed(R"({"metadata":{"name":"x","namespace":"ns"},"data":)" + std::string(data) + "}");
}
Manager by(std::string name) { return {std::move(name), "v1"}; }

TEST(Apply, OwnsWhatItSays) {
  const auto first = apply(config_maps(), nullptr, with_data(R"({"a":"1"})"), by("m"), false);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->at("metadata").at("managedFields").at(0).at("fieldsV1"),
            *json::parse(R"({"f:data":{"f:a":{}}})"));
  EXPECT_EQ(first->at("metadata").at("managedFields").at(0).at("operation"), "Apply");
}

TEST(Apply, RemovesWhatItNoLongerSays) {
  const auto first = *apply(config_maps(), nullptr, with_data(R"({"a":"1","b":"1"})"), by("m"), false);
  const auto second = apply(config_maps(), &first, with_data(R"({"b":"2"})"), by("m"), false);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->at("data"), *json::parse(R"({"b":"2"})"));
}

TEST(Apply, ConflictsWithAnotherManagersValueUnlessForced) {
  const auto first = *apply(config_maps(), nullptr, with_data(R"({"a":"1","b":"1"})"), by("m"), false);
  EXPECT_TRUE(apply(config_maps(), &first, with_data(R"({"a":"1"})"), by("n"), false))
      << "the same value is shared";
  const auto refused = apply(config_maps(), &first, with_data(R"({"a":"2"})"), by("n"), false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "Apply failed with 1 conflict: conflict with \"m\" using v1: .data.a");
  EXPECT_EQ(refused.error().status, 409);
  const auto forced = *apply(config_maps(), &first, with_data(R"({"a":"2"})"), by("n"), true);
  EXPECT_EQ(forced.at("data"), *json::parse(R"({"a":"2","b":"1"})"));
  // m has lost a, and so no longer removes it.
  const auto later = *apply(config_maps(), &forced, with_data(R"({"b":"1"})"), by("m"), false);
  EXPECT_EQ(later.at("data"), *json::parse(R"({"a":"2","b":"1"})"));
}

TEST(Apply, JoinsListsByTheirKey) {
  const auto account = [](std::string_view secrets) {
    return parsed(R"({"metadata":{"name":"x","namespace":"ns"},"secrets":)" + std::string(secrets) + "}");
  };
  const auto first = *apply(accounts(), nullptr, account(R"([{"name":"a"}])"), by("m"), false);
  const auto second = *apply(accounts(), &first, account(R"([{"name":"b"}])"), by("n"), false);
  EXPECT_EQ(second.at("secrets"), *json::parse(R"([{"name":"a"},{"name":"b"}])"));
  const auto third =
      *apply(accounts(), &second, parsed(R"({"metadata":{"name":"x","namespace":"ns"}})"), by("n"), false);
  EXPECT_EQ(third.at("secrets"), *json::parse(R"([{"name":"a"}])"));
}

TEST(Track, AnUpdateTakesWhatItChanged) {
  auto object = with_data(R"({"a":"1"})");
  track(config_maps(), object, nullptr, by("creator"));
  auto labelled = object;
  labelled["metadata"].get_object()["labels"] = json::object{{"x", "y"}};
  labelled["data"].get_object()["a"] = "2";
  track(config_maps(), labelled, &object, by("labeller"));
  const json::array& entries = *array_at(labelled, {"metadata", "managedFields"});
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].at("manager"), "creator");
  EXPECT_EQ(entries[0].at("fieldsV1"), *json::parse(R"({"f:data":{".":{}}})")) << "the map itself is left";
  EXPECT_EQ(entries[1].at("manager"), "labeller");
  EXPECT_EQ(entries[1].at("fieldsV1"),
            *json::parse(R"({"f:metadata":{"f:labels":{".":{},"f:x":{}}},"f:data":{"f:a":{}}})"));
}

// RFC 7386 appendix A.
TEST(MergePatch, KnowsRfc7386sExamples) {
  const char* cases[][3] = {{R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
                            {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
                            {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
                            {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
                            {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
                            {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
                            {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"}};
  for (const auto& [before, patch, after] : cases) {
    json::value v = *json::parse(before);
    merge_patch(v, *json::parse(patch));
    EXPECT_EQ(v, *json::parse(after)) << patch;
  }
}

TEST(StrategicMerge, FollowsKeysAndDirectives) {
  const auto merged = [](std::string_view before, std::string_view patch) {
    json::object v = parsed(before);
    EXPECT_TRUE(strategic_merge_patch(*accounts().message, v, parsed(patch)));
    return json::value(v);
  };
  const std::string before = R"({"secrets":[{"name":"a","kind":"x"},{"name":"b"}]})";
  EXPECT_EQ(merged(before, R"({"secrets":[{"name":"a","kind":"y"}]})"),
            *json::parse(R"({"secrets":[{"name":"a","kind":"y"},{"name":"b"}]})"));
  EXPECT_EQ(merged(before, R"({"secrets":[{"name":"a","$patch":"delete"}]})"),
            *json::parse(R"({"secrets":[{"name":"b"}]})"));
  EXPECT_EQ(merged(before, R"({"secrets":[{"$patch":"replace"},{"name":"c"}]})"),
            *json::parse(R"({"secrets":[{"name":"c"}]})"));
  EXPECT_EQ(merged(before, R"({"$setElementOrder/secrets":[{"name":"b"},{"name":"a"}]})"),
            *json::parse(R"({"secrets":[{"name":"b"},{"name":"a","kind":"x"}]})"));
  EXPECT_EQ(merged(R"({"metadata":{"finalizers":["a.b/c","d.e/f"]}})",
                   R"({"metadata":{"$deleteFromPrimitiveList/finalizers":["a.b/c"]}})"),
            *json::parse(R"({"metadata":{"finalizers":["d.e/f"]}})"));
}

}  // namespace
}  // namespace gatehouse::kube
