// Customer managed policies and their versions.
#include "service/iam/policies/policies.h"

#include "service/iam/about.h"
#include "service/iam/render.h"

namespace gatehouse::service::iam {
namespace {

constexpr size_t kPolicyLimit = 6144;
constexpr size_t kVersions = 5;

Result<wire::Value> save_updated(Iam& iam, account::ManagedPolicy policy, Time now) {
  policy.updated = now;
  return save(iam, std::move(policy));
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
  TRY(account::ManagedPolicy policy,
      fresh<account::ManagedPolicy>(iam, call, m::PolicyName, id_prefix::kPolicy));
  policy.description = call.in[m::Description].text();
  TRY(policy.tags, check_tags(call.in[m::Tags]));
  TRY(auto document,
      compile_document(call.in[m::PolicyDocument].text(), policy::Kind::identity, kPolicyLimit));
  policy.created = policy.updated = call.now();
  policy.versions.push_back({"v1", std::move(document), call.now()});
  policy.default_version = "v1";
  policy.last_version = 1;
  const std::string taken =
      fmt::format("A policy called {} already exists. Duplicate names are not allowed.", policy.name);
  TRY(const auto made, create(iam, std::move(policy), taken));
  // GetPolicy answers with an empty list of tags where there is none, and this without.
  wire::Value shown = policy_value(*made, {}, true);
  if (!made->description.empty()) shown.set(m::Description, made->description);
  if (!made->tags.empty()) shown.set(m::Tags, tags_value(made->tags));
  return wire::structure({{m::Policy, std::move(shown)}});
}

Result<wire::Value> get_policy(Iam& iam, Call& call) {
  TRY(const account::ManagedPolicy policy, pinned<account::ManagedPolicy>(call));
  return wire::structure(
      {{m::Policy, policy_value(policy, iam.directory.uses(call.account, policy.arn), false)}});
}

Result<wire::Value> list_policies(Iam& iam, Call& call) {
  const std::string_view scope = call.in[m::Scope].text_or("All");
  if (scope != "All" && scope != "AWS" && scope != "Local")
    return error::not_one_of(scope, "scope", "All, AWS, Local");
  std::vector<std::shared_ptr<const account::ManagedPolicy>> policies;
  if (scope != "AWS") policies = iam.directory.list<account::ManagedPolicy>(call.account);
  if (scope != "Local") {
    for (auto& policy : iam.directory.aws_policies().list()) policies.push_back(std::move(policy));
  }
  const std::string_view prefix = call.in[m::PathPrefix].text_or("/");
  const bool attached = call.in[m::OnlyAttached].boolean();
  const std::string_view usage = call.in[m::PolicyUsageFilter].text();
  const auto all_uses = iam.directory.all_uses(call.account);
  const auto uses_of = [&](const account::ManagedPolicy& policy) {
    const auto it = all_uses.find(policy.arn);
    return it == all_uses.end() ? account::Directory::Uses() : it->second;
  };
  std::erase_if(policies, [&](const auto& policy) {
    if (!policy->path.starts_with(prefix)) return true;
    const auto uses = uses_of(*policy);
    if (attached && uses.attachments + uses.boundaries == 0) return true;
    return (usage == "PermissionsPolicy" && uses.attachments == 0) ||
           (usage == "PermissionsBoundary" && uses.boundaries == 0);
  });
  return page(call, policies, m::Policies,
              [&](const auto& policy) { return policy_value(*policy, uses_of(*policy), true); });
}

Result<wire::Value> delete_policy(Iam& iam, Call& call) {
  TRY(const account::ManagedPolicy policy, owned<account::ManagedPolicy>(call));
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
  CHECK_OK(or_concurrent(iam.directory.detach_everywhere(call.account, policy.arn)));
  return wire::Value();
}

Result<wire::Value> create_policy_version(Iam& iam, Call& call) {
  TRY(account::ManagedPolicy policy, owned<account::ManagedPolicy>(call));
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
  CHECK_OK(save_updated(iam, std::move(policy), call.now()));
  return wire::structure({{m::PolicyVersion, std::move(out)}});
}

Result<wire::Value> get_policy_version(Iam&, Call& call) {
  TRY(const account::ManagedPolicy policy, pinned<account::ManagedPolicy>(call));
  TRY(const account::PolicyVersion version, pinned_version(policy, call));
  return wire::structure({{m::PolicyVersion, version_value(policy, version, true)}});
}

Result<wire::Value> list_policy_versions(Iam&, Call& call) {
  TRY(const account::ManagedPolicy policy, pinned<account::ManagedPolicy>(call));
  std::vector<account::PolicyVersion> versions(policy.versions.rbegin(), policy.versions.rend());
  return page(call, versions, m::Versions,
              [&](const auto& version) { return version_value(policy, version, false); });
}

Result<wire::Value> delete_policy_version(Iam& iam, Call& call) {
  TRY(account::ManagedPolicy policy, owned<account::ManagedPolicy>(call));
  TRY(const account::PolicyVersion version, pinned_version(policy, call));
  if (version.id == policy.default_version) {
    return error::delete_conflict("Cannot delete the default version of a policy.");
  }
  std::erase_if(policy.versions, [&](const auto& v) { return v.id == version.id; });
  return save_updated(iam, std::move(policy), call.now());
}

Result<wire::Value> set_default_policy_version(Iam& iam, Call& call) {
  TRY(account::ManagedPolicy policy, owned<account::ManagedPolicy>(call));
  TRY(const account::PolicyVersion version, pinned_version(policy, call));
  policy.default_version = version.id;
  return save_updated(iam, std::move(policy), call.now());
}

namespace {

// An entity that uses a policy, and the list it belongs in.
struct PolicyUser {
  wire::Member list;
  wire::Value value;
};

template <typename T>
void add_users(const Iam& iam, const Call& call, std::string_view filter, wire::Member list, wire::Member id,
               std::vector<PolicyUser>& out) {
  if (const auto& only = call.in[m::EntityFilter]; only && only.text() != filter) return;
  const std::string_view arn = call.in[m::PolicyArn].text();
  const std::string_view usage = call.in[m::PolicyUsageFilter].text();
  for (const auto& entity : below_prefix<T>(iam, call)) {
    const auto& attached = entity->grants.attached;
    const bool permits = std::find(attached.begin(), attached.end(), arn) != attached.end();
    const bool bounds = entity->grants.boundary == arn;
    const bool wanted = usage == "PermissionsBoundary" ? bounds
                        : usage == "PermissionsPolicy" ? permits
                                                       : permits || bounds;
    if (wanted) out.push_back({list, wire::structure({{About<T>::named, entity->name}, {id, entity->id}})});
  }
}

}  // namespace

Result<wire::Value> list_entities_for_policy(Iam& iam, Call& call) {
  CHECK_OK(pinned<account::ManagedPolicy>(call));
  std::vector<PolicyUser> users;
  add_users<account::Group>(iam, call, "Group", m::PolicyGroups, m::GroupId, users);
  add_users<account::User>(iam, call, "User", m::PolicyUsers, m::UserId, users);
  add_users<account::Role>(iam, call, "Role", m::PolicyRoles, m::RoleId, users);
  TRY(const Page page, page_of(call, users.size()));
  wire::Value out;
  for (const wire::Member list : {m::PolicyGroups, m::PolicyUsers, m::PolicyRoles}) {
    wire::Value::List values;
    for (size_t i = page.from; i < page.to; ++i) {
      if (users[i].list == list) values.push_back(users[i].value);
    }
    out.set(list, std::move(values));
  }
  page.finish(out);
  return out;
}

}  // namespace gatehouse::service::iam
