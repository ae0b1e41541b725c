// The rows gen/catalogue.mjs writes. Only catalogue.cc and nearest.cc read them; everyone else uses
// catalogue.h.
#pragma once

#include <cstdint>

namespace gatehouse::policy::catalogue::tables {

// A text is a run of kText. A list is a number into kListStart, which says where in kListItems it begins.
struct KeyRow {
  std::uint32_t name;
  std::uint16_t name_size;
  std::uint8_t type, global;
};
struct ResourceRow {
  std::uint32_t name;
  std::uint16_t name_size;
  std::uint32_t arn;
  std::uint16_t arn_size;
  std::uint16_t service, keys;
};
struct ActionRow {
  std::uint32_t name;
  std::uint16_t name_size;
  std::uint8_t level;
  std::uint16_t service, resources, resource_keys, keys, depends;
};
struct ServiceRow {
  std::uint32_t prefix;
  std::uint16_t prefix_size;
  std::uint32_t title;
  std::uint16_t title_size;
  std::uint16_t first_action, actions, first_resource, resources, keys;
  std::uint8_t rcp;
};
struct Counts {
  std::uint16_t services, actions, resources, keys;
};

inline constexpr std::uint16_t kRequired = 0x8000;

extern const char kText[];
extern const std::uint32_t kListStart[];
extern const std::uint16_t kListItems[];
extern const KeyRow kKeys[];
extern const ResourceRow kResources[];
extern const ActionRow kActions[];
extern const ServiceRow kServices[];
extern const Counts kCounts;

}  // namespace gatehouse::policy::catalogue::tables
