#include "wire/value.h"

#include <gtest/gtest.h>

#include "model/iam.h"

namespace gatehouse::wire {
namespace {

namespace m = model::iam;

TEST(Value, ReadsAnAbsentMemberAsNullAllTheWayDown) {
  const Value role = structure({{m::RoleName, "sdc"}, {m::Description, Value()}});
  EXPECT_EQ(role[m::RoleName].text(), "sdc");
  EXPECT_TRUE(role[m::Description].is_null());
  EXPECT_EQ(role.structure().size(), 1u);
  EXPECT_EQ(role[m::PermissionsBoundary][m::PermissionsBoundaryArn].text_or("none"), "none");
  EXPECT_EQ(role[m::Tags].list().size(), 0u);
}

TEST(Value, ReplacesWhatIsSetTwice) {
  Value v;
  v.set(m::Path, "/a/").set(m::Path, "/b/");
  EXPECT_EQ(v, structure({{m::Path, "/b/"}}));
  Value map;
  map.put("k", 1).put("k", 2);
  EXPECT_EQ(map.at_key("k").number(), 2);
  EXPECT_EQ(map.map().size(), 1u);
}

TEST(Value, LeavesAnotherKindAlone) {
  Value text("x");
  text.append(1).put("k", 1).set(m::Path, "/");
  EXPECT_EQ(text, Value("x"));
  EXPECT_EQ(text.number(7), 7);
  EXPECT_EQ(Value(1e300).number(3), 3);
  EXPECT_EQ(Value(2.5).number(), 2);
  EXPECT_EQ(Value(4).real(), 4.0);
}

}  // namespace
}  // namespace gatehouse::wire
