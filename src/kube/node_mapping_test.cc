#include "kube/node_mapping.h"

#include <gtest/gtest.h>

#include "kube/objects/json_path.h"
#include "kube/testing/fixture.h"

namespace gatehouse::kube {
namespace {

constexpr std::string_view kRole = "arn:aws:iam::123456789012:role/data/nodes";
constexpr std::string_view kMapping =
    "- groups:\n  - system:bootstrappers\n  - system:nodes\n  rolearn: arn:aws:iam::123456789012:role/nodes\n"
    "  username: system:node:{{EC2PrivateDNSName}}\n";

struct NodeMapping : ::testing::Test {
  testing::World world;
  const Kind& kind = kind_of("", "configmaps");

  void have(std::string_view roles) {
    json::object object{{"metadata", json::object{{"name", "aws-auth"}, {"namespace", "kube-system"}}},
                        {"data", json::object{{"mapRoles", roles}, {"mapUsers", "kept"}}}};
    const auto before = world.cluster->objects->find(kind, "kube-system", "aws-auth");
    ASSERT_TRUE(world.cluster->objects->put(kind, std::move(object), before));
  }
  std::string roles() const {
    const auto map = world.cluster->objects->find(kind, "kube-system", "aws-auth");
    return map == nullptr ? "none" : std::string(text_at(map->object, {"data", "mapRoles"}));
  }
  void map() { ASSERT_TRUE(map_node_role(*world.cluster, {world.clock, world.random, "CA"}, kRole)); }
  void unmap() { ASSERT_TRUE(unmap_node_role(*world.cluster, kRole)); }
};

TEST_F(NodeMapping, IsMadeAndTakenAway) {
  EXPECT_FALSE(maps_node_role(*world.cluster, kRole));
  map();
  EXPECT_EQ(roles(), kMapping);
  EXPECT_TRUE(maps_node_role(*world.cluster, kRole));
  map();
  EXPECT_EQ(roles(), kMapping);
  unmap();
  EXPECT_EQ(roles(), "");
  unmap();
  EXPECT_EQ(roles(), "");
}

// What others wrote stays in its own form, as far as YAML lets a mapping follow it.
TEST_F(NodeMapping, FollowsWhatIsThere) {
  const std::string mapping(kMapping);
  const std::string ours = "# ours\n- rolearn: arn:aws:iam::123456789012:role/a\n  username: a";
  const std::string flow = R"([{"rolearn": "arn:aws:iam::123456789012:role/a", "username": "a"}])";
  const std::string indented = "  - rolearn: arn:aws:iam::123456789012:role/a\n    username: a\n";
  const std::string written = "- {\"rolearn\":\"arn:aws:iam::123456789012:role/a\",\"username\":\"a\"}\n";
  for (const auto& [before, after] :
       {std::pair(std::string("[]"), mapping), std::pair(std::string(""), mapping),
        std::pair(ours, ours + "\n" + mapping), std::pair(flow, written + mapping),
        std::pair(indented, written + mapping)}) {
    have(before);
    map();
    EXPECT_EQ(roles(), after) << before;
    EXPECT_TRUE(maps_node_role(*world.cluster, kRole)) << before;
    const auto all = world.cluster->objects->find(kind, "kube-system", "aws-auth");
    EXPECT_EQ(text_at(all->object, {"data", "mapUsers"}), "kept");
  }
}

TEST_F(NodeMapping, LeavesAloneWhatIsNoListAndWhatIsSomebodysOwn) {
  for (const std::string_view text :
       {"- rolearn: [half", "rolearn: arn:aws:iam::123456789012:role/nodes", "nonsense",
        "- rolearn: arn:aws:iam::123456789012:role/nodes\n  username: mine\n"}) {
    have(text);
    map();
    EXPECT_EQ(roles(), text);
    unmap();
    EXPECT_EQ(roles(), text);
  }
}

TEST_F(NodeMapping, TakesAwayOneThatWasWrittenOtherwise) {
  have(
      "- {rolearn: 'arn:aws:iam::123456789012:role/nodes', username: 'system:node:{{EC2PrivateDNSName}}'}\n"
      "- {rolearn: 'arn:aws:iam::123456789012:role/a', username: a}\n");
  unmap();
  EXPECT_EQ(roles(), "- {\"rolearn\":\"arn:aws:iam::123456789012:role/a\",\"username\":\"a\"}\n");
}

}  // namespace
}  // namespace gatehouse::kube
