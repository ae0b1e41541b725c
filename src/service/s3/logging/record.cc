// The logging configuration in a bucket's record.
#include "service/s3/logging/logging.h"

namespace gatehouse::service::s3 {

json::object logging_to_json(const Logging& logging) {
  json::array grants;
  for (const TargetGrant& g : logging.grants) grants.push_back(json::array{g.type, g.grantee, g.permission});
  return {{"target", logging.target},
          {"prefix", logging.prefix},
          {"keys", static_cast<int>(logging.keys)},
          {"saysKeys", logging.says_keys},
          {"grants", std::move(grants)}};
}

Logging logging_from_json(const json::object& o) {
  Logging out;
  out.target = json::string_or(o, "target", "");
  out.prefix = json::string_or(o, "prefix", "");
  out.keys = static_cast<Logging::Keys>(json::int_or(o, "keys", 0));
  out.says_keys = json::bool_or(o, "saysKeys", false);
  for (const auto& grant : o.at("grants").as_array()) {
    const auto& g = grant.as_array();
    out.grants.push_back({std::string(g.at(0).as_string()), std::string(g.at(1).as_string()),
                          std::string(g.at(2).as_string())});
  }
  return out;
}

}  // namespace gatehouse::service::s3
