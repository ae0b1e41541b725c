// Customer managed policies and their versions.
#include "service/iam/policies.h"

#include "service/iam/render.h"

namespace gatehouse::service::iam {
namespace {

constexpr size_t kPolicyLimit = 6144;
constexpr size_t kVersions = 5;

Result<account::ManagedPolicy> pinned_policy(const Call& call) {
  const auto policy = call.pin<account::ManagedPolicy>();
  if (policy == nullptr) {
    return error::no_such_entity(fmt::format("Policy {} was not found.", call.in[m::PolicyArn].text()));
  }
  return *policy;
}

// AWS's own policies are there for all to read and for nobody to change.
Result<account::ManagedPolicy> own_policy(const Call& call) {
  TRY(auto policy, pinned_policy(call));
  if (policy.account != call.account) {
    return fail("AccessDenied",
                fmt::format("User: {} is not authorized to perform: iam:{} on resource: policy {}",
                            call.caller.arn, call.operation->name, policy.arn),
                403);
  }
  return policy;
}

Result<wire::Value> save(Iam& iam, account::ManagedPolicy policy, Time now) {
  policy.updated = now;
  CHECK_OK(or_concurrent(iam.directory.put(std::move(policy))));
  return wire::Value();
}

Result<account::PolicyVersion> pinned_version(const account::ManagedPolicy& policy, const Call& call) {
  const std::string_view id = call.in[m::VersionId].text();
  const auto* version = policy.version(id);
  if (version == nullptr) {
    return error::no_such_entity(
        fmt::format("Policy {} version {} does not exist or is not attachable.", policy.arn, id));
  }
  return *version;
}

}  // namespace

Result<wire::Value> create_policy(Iam& iam, Call& call) {
  account::ManagedPolicy policy;
  policy.account = call.account;
  policy.name = call.in[m::PolicyName].text();
  policy.path = call.in[m::Path].text_or("/");
  CHECK_OK(check_name("policyName", policy.name, 128));
  CHECK_OK(check_path(policy.path));
  policy.description = call.in[m::Description].text();
  TRY(policy.tags, check_tags(call.in[m::Tags]));
  TRY(auto document,
      compile_document(call.in[m::PolicyDocument].text(), policy::Kind::identity, kPolicyLimit));
  policy.arn = fmt::format("arn:aws:iam::{}:policy{}{}", call.account, policy.path, policy.name);
  policy.id = unique_id(iam.random, id_prefix::kPolicy);
  policy.created = policy.updated = call.now();
  policy.versions.push_back({"v1", std::move(document), call.now()});
  policy.default_version = "v1";
  policy.last_version = 1;
  const std::string name = policy.name;
  auto made = iam.directory.put(std::move(policy));
  if (!made && made.error().code == store::kConflict) {
    return error::already_exists(
        fmt::format("A policy called {} already exists. Duplicate names are not allowed.", name));
  }
  if (!made) return fail(made.error());
  return wire::structure({{m::Policy, policy_value(**made, {}, false)}});
}

Result<wire::Value> get_policy(Iam& iam, Call& call) {
  TRY(const account::ManagedPolicy policy, pinned_policy(call));
  return wire::structure(
      {{m::Policy, policy_value(policy, iam.directory.uses(call.account, policy.arn), false)}});
}

Result<wire::Value> list_policies(Iam& iam, Call& call) {
  const std::string_view scope = call.in[m::Scope].text_or("All");
  std::vector<std::shared_ptr<const account::ManagedPolicy>> policies;
  if (scope != "AWS") policies = iam.directory.list<account::ManagedPolicy>(call.account);
  if (scope != "Local") {
    for (auto& policy : iam.directory.list<account::ManagedPolicy>(account::kAwsAccount))
      policies.push_back(policy);
  }
  const std::string_view prefix = call.in[m::PathPrefix].text_or("/");
  const bool attached = call.in[m::OnlyAttached].boolean();
  const std::string_view usage = call.in[m::PolicyUsageFilter].text();
  std::erase_if(policies, [&](const auto& policy) {
    if (!policy->path.starts_with(prefix)) return true;
    if (!attached && usage.empty()) return false;
    const auto uses = iam.directory.uses(call.account, policy->arn);
    if (attached && uses.attachments == 0) return true;
    return (usage == "PermissionsPolicy" && uses.attachments == 0) ||
           (usage == "PermissionsBoundary" && uses.boundaries == 0);
  });
  return page(call, policies, m::Policies, [&](const auto& policy) {
    return policy_value(*policy, iam.directory.uses(call.account, policy->arn), true);
  });
}

Result<wire::Value> delete_policy(Iam& iam, Call& call) {
  TRY(const account::ManagedPolicy policy, own_policy(call));
  const auto uses = iam.directory.uses(call.account, policy.arn);
  if (uses.attachments + uses.boundaries > 0) {
    return error::delete_conflict("Cannot delete a policy attached to entities.");
  }
  if (policy.versions.size() > 1) {
    return error::delete_conflict(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's "
        "versions. The default "
        "version is deleted with the policy.");
  }
  CHECK_OK(or_concurrent(iam.directory.remove(policy)));
  return wire::Value();
}

Result<wire::Value> create_policy_version(Iam& iam, Call& call) {
  TRY(account::ManagedPolicy policy, own_policy(call));
  TRY(auto document,
      compile_document(call.in[m::PolicyDocument].text(), policy::Kind::identity, kPolicyLimit));
  if (policy.versions.size() >= kVersions) {
    return error::limit_exceeded(
        "A managed policy can have up to 5 versions. Before you create a new version, you must delete an "
        "existing version.");
  }
  account::PolicyVersion version{fmt::format("v{}", ++policy.last_version), std::move(document), call.now()};
  if (call.in[m::SetAsDefault].boolean()) policy.default_version = version.id;
  wire::Value out = version_value(policy, version, false);
  policy.versions.push_back(std::move(version));
  CHECK_OK(save(iam, std::move(policy), call.now()));
  return wire::structure({{m::PolicyVersion, std::move(out)}});
}

Result<wire::Value> get_policy_version(Iam&, Call& call) {
  TRY(const account::ManagedPolicy policy, pinned_policy(call));
  TRY(const account::PolicyVersion version, pinned_version(policy, call));
  return wire::structure({{m::PolicyVersion, version_value(policy, version, true)}});
}

Result<wire::Value> list_policy_versions(Iam&, Call& call) {
  TRY(const account::ManagedPolicy policy, pinned_policy(call));
  std::vector<account::PolicyVersion> versions(policy.versions.rbegin(), policy.versions.rend());
  return page(call, versions, m::Versions,
              [&](const auto& version) { return version_value(policy, version, false); });
}

Result<wire::Value> delete_policy_version(Iam& iam, Call& call) {
  TRY(account::ManagedPolicy policy, own_policy(call));
  TRY(const account::PolicyVersion version, pinned_version(policy, call));
  if (version.id == policy.default_version) {
    return error::delete_conflict("Cannot delete the default version of a policy.");
  }
  std::erase_if(policy.versions, [&](const auto& v) { return v.id == version.id; });
  return save(iam, std::move(policy), call.now());
}

Result<wire::Value> set_default_policy_version(Iam& iam, Call& call) {
  TRY(account::ManagedPolicy policy, own_policy(call));
  TRY(const account::PolicyVersion version, pinned_version(policy, call));
  policy.default_version = version.id;
  return save(iam, std::move(policy), call.now());
}

Result<wire::Value> list_entities_for_policy(Iam& iam, Call& call) {
  TRY(const account::ManagedPolicy policy, pinned_policy(call));
  const std::string_view filter = call.in[m::EntityFilter].text();
  const bool as_boundary = call.in[m::PolicyUsageFilter].text() == "PermissionsBoundary";
  const auto uses = [&](const account::Grants& grants) {
    if (as_boundary) return grants.boundary == policy.arn;
    return std::find(grants.attached.begin(), grants.attached.end(), policy.arn) != grants.attached.end();
  };
  wire::Value::List users, groups, roles;
  if (filter.empty() || filter == "Role") {
    for (const auto& role : iam.directory.list<account::Role>(call.account)) {
      if (uses(role->grants))
        roles.push_back(wire::structure({{m::RoleName, role->name}, {m::RoleId, role->id}}));
    }
  }
  if (filter.empty() || filter == "User") {
    for (const auto& user : iam.directory.list<account::User>(call.account)) {
      if (uses(user->grants))
        users.push_back(wire::structure({{m::UserName, user->name}, {m::UserId, user->id}}));
    }
  }
  if (filter.empty() || filter == "Group") {
    for (const auto& group : iam.directory.list<account::Group>(call.account)) {
      if (uses(group->grants))
        groups.push_back(wire::structure({{m::GroupName, group->name}, {m::GroupId, group->id}}));
    }
  }
  return wire::structure({{m::PolicyGroups, std::move(groups)},
                          {m::PolicyUsers, std::move(users)},
                          {m::PolicyRoles, std::move(roles)},
                          {m::IsTruncated, false}});
}

Result<wire::Value> tag_policy(Iam& iam, Call& call) {
  TRY(account::ManagedPolicy policy, own_policy(call));
  TRY(const auto tags, check_tags(call.in[m::Tags]));
  merge_tags(policy.tags, tags);
  if (policy.tags.size() > 50)
    return error::limit_exceeded("The number of tags has reached the maximum limit.");
  return save(iam, std::move(policy), call.now());
}

Result<wire::Value> untag_policy(Iam& iam, Call& call) {
  TRY(account::ManagedPolicy policy, own_policy(call));
  remove_tags(policy.tags, call.in[m::TagKeys]);
  return save(iam, std::move(policy), call.now());
}

Result<wire::Value> list_policy_tags(Iam&, Call& call) {
  TRY(const account::ManagedPolicy policy, pinned_policy(call));
  return page(call, policy.tags, m::Tags, [](const account::Tag& tag) {
    return wire::structure({{m::Key, tag.first}, {m::Value, tag.second}});
  });
}

}  // namespace gatehouse::service::iam
