// Where things stand in a YAML text; decode.h's parse_yaml reads what they are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::kube {

struct YamlPlace {
  int line = 0, column = 0;  // from 1
};

struct YamlFault {
  YamlPlace place;
  std::string what;
};
// The first fault, where the text is no YAML.
std::optional<YamlFault> yaml_fault(std::string_view text);

// Of a sequence, where each element begins; of anything else, nothing.
std::vector<YamlPlace> yaml_elements(std::string_view text);

// Where a member's value begins. Null where there is none.
std::optional<YamlPlace> yaml_member(std::string_view text, std::string_view outer, std::string_view member);

}  // namespace gatehouse::kube
