// Access control lists: what the owner of a bucket or an object grants to accounts and groups, beside
// policies. A thing without a list has its owner's full control and nothing else.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "account/caller.h"
#include "base/json.h"
#include "policy/policy.h"

namespace gatehouse::service::s3 {

inline constexpr std::string_view kAllUsers = "http://acs.amazonaws.com/groups/global/AllUsers";
inline constexpr std::string_view kAuthenticatedUsers =
    "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
inline constexpr std::string_view kLogDelivery = "http://acs.amazonaws.com/groups/s3/LogDelivery";

// The canonical id of whoever wrote without a signature, and what stands for the account.
inline constexpr std::string_view kAnonymousId = "65a011a29cdf8ec533ec3d1ccaae921c";
inline constexpr std::string_view kAnonymous = "anonymous";

enum class Permission : std::uint8_t { full_control, read, write, read_acp, write_acp };
std::string_view to_string(Permission permission);
std::optional<Permission> permission_from(std::string_view text);

struct Grant {
  std::string grantee;  // a canonical user id, or a group's URI
  Permission permission = Permission::full_control;

  bool to_group() const { return grantee.starts_with("http://"); }
  bool is_public() const { return grantee == kAllUsers || grantee == kAuthenticatedUsers; }
  friend bool operator==(const Grant&, const Grant&) = default;
};
using Grants = std::vector<Grant>;
using AclPtr = std::shared_ptr<const Grants>;  // null: the owner's full control

bool is_public(const Grants& grants);
// Whether they are full control for this one and nothing for anybody else.
bool only_owners(const Grants& grants, std::string_view owner);

// Whether anybody else is named at all.
bool grants_to_others(const Grants& grants, std::string_view owner);

// What the list grants the caller for the action: to its account, or to everyone.
policy::Granted granted(const Grants& grants, const account::Caller& caller, std::string_view action,
                        bool ignore_public);

// [["GRANTEE", "READ"], …]
json::array acl_to_json(const Grants& grants);
AclPtr acl_from_json(const json::object& record, std::string_view key);

}  // namespace gatehouse::service::s3
