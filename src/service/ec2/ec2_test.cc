#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <set>

#include "service/ec2/describe.h"
#include "service/ec2/ec2.h"
#include "service/regions.h"

namespace gatehouse::service::ec2 {
namespace {

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
TEST(Filter, WildcardsAndEscapes) {
  struct {
    const char* pattern;
    const char* text;
    bool matches;
  } const kCases[] = {{"abc", "abc", true},
                      {"abc", "ABC", false},
                      {"a*", "a", true},
                      {"a*c", "abbbc", true},
                      {"a*c", "abbb", false},
                      {"?bc", "abc", true},
                      {"?", "", false},
                      {"*", "", true},
                      {"", "", true},
                      {"\\*amazon\\?\\\\", "*amazon?\\", true},
                      {"\\*", "x", false},
                      {"*a*b*", "xxaxxbxx", true},
                      {"*a*b*", "xxbxxaxx", false}};
  for (const auto& c : kCases)
    EXPECT_EQ(matches_filter(c.pattern, c.text), c.matches) << c.pattern << " " << c.text;
  EXPECT_FALSE(matches_filter("*a*a*a*a*a*a*a*a*b", std::string(2000, 'a')));
}

TEST(Regions, ZonesHaveNamesAndIds) {
  const Region* virginia = find_region("us-east-1");
  ASSERT_NE(virginia, nullptr);
  EXPECT_EQ(zone_name(*virginia, 4), "us-east-1e");
  EXPECT_EQ(zone_id(*virginia, 4), "use1-az3");
  EXPECT_EQ(find_region("us-moon-1"), nullptr);
}

TEST(Networks, TheDefaultOneIsMadeOnceAndKept) {
  std::string path = (std::filesystem::temp_directory_path() / "gatehouse-ec2-XXXXXX").string();
  ASSERT_NE(mkdtemp(path.data()), nullptr);
  SystemRandom random;
  std::string vpc;
  {
    auto store = store::open_embedded(path);
    ASSERT_TRUE(store);
    Networks networks(*store->records, random);
    const auto made = networks.of("111122223333", "eu-west-1");
    ASSERT_TRUE(made);
    vpc = (*made)->vpc;
    EXPECT_EQ(vpc.size(), std::string("vpc-").size() + 17);
    ASSERT_EQ((*made)->subnets.size(), 3U);
    EXPECT_EQ((*made)->subnets[2].cidr, "172.31.32.0/20");
    EXPECT_EQ((*networks.of("111122223333", "eu-west-1"))->vpc, vpc);
    EXPECT_NE((*networks.of("111122223333", "eu-west-2"))->vpc, vpc);
    EXPECT_FALSE(networks.of("111122223333", "us-moon-1"));
  }
  auto store = store::open_embedded(path);
  ASSERT_TRUE(store);
  Networks networks(*store->records, random);
  EXPECT_EQ((*networks.of("111122223333", "eu-west-1"))->vpc, vpc);
  std::filesystem::remove_all(path);
}

}  // namespace
}  // namespace gatehouse::service::ec2
