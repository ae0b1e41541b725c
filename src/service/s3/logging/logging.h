// Server access logging: where the records of a bucket's requests go.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/json.h"

namespace gatehouse::service::s3 {

struct TargetGrant {
  std::string type;     // "CanonicalUser", "Group", "AmazonCustomerByEmail"
  std::string grantee;  // an id, a URI, an address
  std::string permission;
};

struct Logging {
  enum class Keys : std::uint8_t { plain, partitioned_by_event, partitioned_by_delivery };

  std::string target;  // the bucket
  std::string prefix;
  Keys keys = Keys::plain;
  bool says_keys = false;  // whether the configuration spelt `keys` out
  std::vector<TargetGrant> grants;
};
using LoggingPtr = std::shared_ptr<const Logging>;

json::object logging_to_json(const Logging& logging);
Logging logging_from_json(const json::object& o);

}  // namespace gatehouse::service::s3
