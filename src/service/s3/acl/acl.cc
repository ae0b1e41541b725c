#include "service/s3/acl/acl.h"

#include <algorithm>
#include <array>

namespace gatehouse::service::s3 {
namespace {

constexpr std::array<std::string_view, 5> kNames = {"FULL_CONTROL", "READ", "WRITE", "READ_ACP", "WRITE_ACP"};

// What a permission lets do, of buckets and of objects.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#acl-access-policy-permission-mapping
struct Mapped {
  std::string_view action;
  Permission permission;
};
constexpr std::array<Mapped, 12> kMapped = {{{"s3:ListBucket", Permission::read},
                                             {"s3:ListBucketVersions", Permission::read},
                                             {"s3:ListBucketMultipartUploads", Permission::read},
                                             {"s3:GetObject", Permission::read},
                                             {"s3:GetObjectVersion", Permission::read},
                                             {"s3:PutObject", Permission::write},
                                             {"s3:GetBucketAcl", Permission::read_acp},
                                             {"s3:GetObjectAcl", Permission::read_acp},
                                             {"s3:GetObjectVersionAcl", Permission::read_acp},
                                             {"s3:PutBucketAcl", Permission::write_acp},
                                             {"s3:PutObjectAcl", Permission::write_acp},
                                             {"s3:PutObjectVersionAcl", Permission::write_acp}}};

policy::Granted to_whom(const Grant& grant, const account::Caller& caller) {
  using enum policy::Granted;
  if (grant.grantee == kAllUsers) return to_everyone;
  if (grant.grantee == kAuthenticatedUsers) return caller.anonymous() ? nothing : to_everyone;
  if (grant.grantee == kLogDelivery) {
    const bool delivers =
        caller.type == policy::PrincipalType::service && caller.arn == "logging.s3.amazonaws.com";
    return delivers ? to_everyone : nothing;
  }
  return !caller.canonical_id.empty() && grant.grantee == caller.canonical_id ? to_account : nothing;
}

}  // namespace

std::string_view to_string(Permission permission) { return kNames[static_cast<size_t>(permission)]; }

std::optional<Permission> permission_from(std::string_view text) {
  const auto* const at = std::ranges::find(kNames, text);
  if (at == kNames.end()) return std::nullopt;
  return static_cast<Permission>(at - kNames.begin());
}

bool is_public(const Grants& grants) { return std::ranges::any_of(grants, &Grant::is_public); }

bool only_owners(const Grants& grants, std::string_view owner) {
  return !grants.empty() && std::ranges::all_of(grants, [&](const Grant& g) {
    return g.grantee == owner && g.permission == Permission::full_control;
  });
}

bool grants_to_others(const Grants& grants, std::string_view owner) {
  return std::ranges::any_of(grants, [&](const Grant& g) { return g.grantee != owner; });
}

policy::Granted granted(const Grants& grants, const account::Caller& caller, std::string_view action,
                        bool ignore_public) {
  const auto* const mapped = std::ranges::find(kMapped, action, &Mapped::action);
  auto best = policy::Granted::nothing;
  if (mapped == kMapped.end()) return best;
  for (const Grant& grant : grants) {
    if (grant.permission != Permission::full_control && grant.permission != mapped->permission) continue;
    if (ignore_public && grant.is_public()) continue;
    best = std::max(best, to_whom(grant, caller));
  }
  return best;
}

json::array acl_to_json(const Grants& grants) {
  json::array out;
  for (const Grant& grant : grants) out.push_back(json::array{grant.grantee, to_string(grant.permission)});
  return out;
}

AclPtr acl_from_json(const json::object& record, std::string_view key) {
  const auto* list = record.if_contains(key);
  if (list == nullptr || !list->is_array()) return nullptr;
  Grants grants;
  for (const auto& entry : list->get_array()) {
    const auto& pair = entry.as_array();
    const auto permission = permission_from(pair.at(1).as_string());
    if (permission) grants.push_back({std::string(pair.at(0).as_string()), *permission});
  }
  return std::make_shared<const Grants>(std::move(grants));
}

}  // namespace gatehouse::service::s3
