#include "service/regions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace gatehouse::service {
namespace {

constexpr std::array<Region, 34> kRegions = {{
    {"af-south-1", "afs1", "abc", true},
    {"ap-east-1", "ape1", "abc", true},
    {"ap-east-2", "ape2", "abc", true},
    {"ap-northeast-1", "apne1", "acd"},
    {"ap-northeast-2", "apne2", "abcd"},
    {"ap-northeast-3", "apne3", "abc"},
    {"ap-south-1", "aps1", "abc"},
    {"ap-south-2", "aps2", "abc", true},
    {"ap-southeast-1", "apse1", "abc"},
    {"ap-southeast-2", "apse2", "abc"},
    {"ap-southeast-3", "apse3", "abc", true},
    {"ap-southeast-4", "apse4", "abc", true},
    {"ap-southeast-5", "apse5", "abc", true},
    {"ap-southeast-6", "apse6", "abc", true},
    {"ap-southeast-7", "apse7", "abc", true},
    {"ca-central-1", "cac1", "abd"},
    {"ca-west-1", "caw1", "abc", true},
    {"eu-central-1", "euc1", "abc"},
    {"eu-central-2", "euc2", "abc", true},
    {"eu-north-1", "eun1", "abc"},
    {"eu-south-1", "eus1", "abc", true},
    {"eu-south-2", "eus2", "abc", true},
    {"eu-west-1", "euw1", "abc"},
    {"eu-west-2", "euw2", "abc"},
    {"eu-west-3", "euw3", "abc"},
    {"il-central-1", "ilc1", "abc", true},
    {"me-central-1", "mec1", "abc", true},
    {"me-south-1", "mes1", "abc", true},
    {"mx-central-1", "mxc1", "abc", true},
    {"sa-east-1", "sae1", "abc"},
    {"us-east-1", "use1", "abcdef"},
    {"us-east-2", "use2", "abc"},
    {"us-west-1", "usw1", "ac"},
    {"us-west-2", "usw2", "abcd"},
}};

// us-east-1e is the old zone that newer services leave out; its id is use1-az3.
constexpr std::string_view kVirginiaOrder = "124536";

}  // namespace

std::span<const Region> regions() { return kRegions; }

const Region* find_region(std::string_view name) {
  const auto it = std::ranges::find(kRegions, name, &Region::name);
  return it == kRegions.end() ? nullptr : &*it;
}

std::string zone_name(const Region& region, size_t index) {
  return fmt::format("{}{}", region.name, region.zones[index]);
}

std::string zone_id(const Region& region, size_t index) {
  if (region.name == "us-east-1") return fmt::format("use1-az{}", kVirginiaOrder[index]);
  return fmt::format("{}-az{}", region.zone_id, index + 1);
}

}  // namespace gatehouse::service
