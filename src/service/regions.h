// AWS's commercial regions and their availability zones.
// https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace gatehouse::service {

struct Region {
  std::string_view name;     // "us-east-1"
  std::string_view zone_id;  // "use1", what its zones' ids begin with
  std::string_view zones;    // the letters of its zones, "abcdef"
  bool opt_in = false;       // has to be enabled for an account
};

std::span<const Region> regions();
const Region* find_region(std::string_view name);

// "us-east-1a" and "use1-az1". Which letter has which id differs from account to account in AWS; here it does
// not.
std::string zone_name(const Region& region, size_t index);
std::string zone_id(const Region& region, size_t index);

}  // namespace gatehouse::service
