// Roles and their trust.
#include "service/iam/roles.h"

#include "account/principals.h"
#include "service/iam/render.h"

namespace gatehouse::service::iam {
namespace {

constexpr size_t kTrustLimit = 2048;
constexpr int kShortestSession = 3600;
constexpr int kLongestSession = 12 * 3600;

Result<int> session_duration(const wire::Value& value) {
  const std::int64_t seconds = value.number(kShortestSession);
  if (seconds < kShortestSession || seconds > kLongestSession) {
    return error::validation(fmt::format(
        "1 validation error detected: Value '{}' at 'maxSessionDuration' failed to satisfy constraint: "
        "Member must have "
        "value {}",
        seconds,
        seconds < kShortestSession ? "greater than or equal to 3600" : "less than or equal to 43200"));
  }
  return static_cast<int>(seconds);
}

Result<account::PolicyText> trust_document(Iam& iam, const wire::Value& document) {
  TRY(auto trust, compile_document(document.text(), policy::Kind::trust, kTrustLimit));
  if (const auto absent = account::absent_principal(iam.directory, trust.text)) {
    return fail("MalformedPolicyDocument",
                fmt::format("Invalid principal in policy: \"AWS\":\"{}\"", *absent));
  }
  return trust;
}

// The role the row resolved, or NoSuchEntity now that the caller may know.
Result<account::Role> pinned_role(const Call& call) {
  const auto role = call.pin<account::Role>();
  if (role == nullptr) {
    return error::no_such_entity(
        fmt::format("The role with name {} cannot be found.", call.in[m::RoleName].text()));
  }
  return *role;
}

Result<wire::Value> save(Iam& iam, account::Role role) {
  CHECK_OK(or_concurrent(iam.directory.put(std::move(role))));
  return wire::Value();
}

Result<void> check_attachable(Iam& iam, std::string_view arn) {
  if (iam.directory.policy(arn) == nullptr) {
    return error::no_such_entity(fmt::format("Policy {} does not exist or is not attachable.", arn));
  }
  return {};
}

}  // namespace

Result<wire::Value> create_role(Iam& iam, Call& call) {
  account::Role role;
  role.account = call.account;
  role.name = call.in[m::RoleName].text();
  role.path = call.in[m::Path].text_or("/");
  CHECK_OK(check_name("roleName", role.name, 64));
  CHECK_OK(check_path(role.path));
  role.description = call.in[m::Description].text();
  if (role.description.size() > 1000) {
    return error::validation(
        "1 validation error detected: Value at 'description' failed to satisfy constraint: Member must have "
        "length less than "
        "or equal to 1000");
  }
  TRY(role.max_session_seconds, session_duration(call.in[m::MaxSessionDuration]));
  TRY(role.tags, check_tags(call.in[m::Tags]));
  TRY(role.trust, trust_document(iam, call.in[m::AssumeRolePolicyDocument]));
  if (const std::string_view boundary = call.in[m::PermissionsBoundary].text(); !boundary.empty()) {
    if (iam.directory.policy(boundary) == nullptr) {
      return error::no_such_entity(
          fmt::format("Scope ARN: {} does not exist or is not attachable.", boundary));
    }
    role.grants.boundary = boundary;
  }
  if (iam.directory.role(call.account, role.name) != nullptr) {
    return error::already_exists(fmt::format("Role with name {} already exists.", role.name));
  }
  role.arn = fmt::format("arn:aws:iam::{}:role{}{}", call.account, role.path, role.name);
  role.id = unique_id(iam.random, id_prefix::kRole);
  role.created = call.now();
  const std::string name = role.name;
  auto made = iam.directory.put(std::move(role));
  if (!made && made.error().code == store::kConflict) {
    return error::already_exists(fmt::format("Role with name {} already exists.", name));
  }
  if (!made) return fail(made.error());
  return wire::structure({{m::Role, role_value(**made)}});
}

Result<wire::Value> get_role(Iam&, Call& call) {
  TRY(const account::Role role, pinned_role(call));
  return wire::structure({{m::Role, role_value(role)}});
}

Result<wire::Value> list_roles(Iam& iam, Call& call) {
  auto roles = iam.directory.list<account::Role>(call.account);
  const std::string_view prefix = call.in[m::PathPrefix].text_or("/");
  std::erase_if(roles, [&](const auto& role) { return !role->path.starts_with(prefix); });
  return page(call, roles, m::Roles, [](const auto& role) { return listed_role(*role); });
}

Result<wire::Value> delete_role(Iam& iam, Call& call) {
  TRY(const account::Role role, pinned_role(call));
  if (!role.grants.attached.empty()) {
    return error::delete_conflict("Cannot delete entity, must detach all policies first.");
  }
  if (!role.grants.inline_policies.empty()) {
    return error::delete_conflict("Cannot delete entity, must delete policies first.");
  }
  CHECK_OK(or_concurrent(iam.directory.remove(role)));
  return wire::Value();
}

Result<wire::Value> update_role(Iam& iam, Call& call) {
  TRY(account::Role role, pinned_role(call));
  if (call.in[m::Description]) role.description = call.in[m::Description].text();
  if (call.in[m::MaxSessionDuration]) {
    TRY(role.max_session_seconds, session_duration(call.in[m::MaxSessionDuration]));
  }
  return save(iam, std::move(role));
}

Result<wire::Value> update_role_description(Iam& iam, Call& call) {
  TRY(account::Role role, pinned_role(call));
  role.description = call.in[m::Description].text();
  CHECK_OK(save(iam, role));
  return wire::structure({{m::Role, role_value(role)}});
}

Result<wire::Value> update_assume_role_policy(Iam& iam, Call& call) {
  TRY(account::Role role, pinned_role(call));
  TRY(role.trust, trust_document(iam, call.in[m::PolicyDocument]));
  return save(iam, std::move(role));
}

Result<wire::Value> attach_role_policy(Iam& iam, Call& call) {
  TRY(account::Role role, pinned_role(call));
  const std::string_view arn = call.in[m::PolicyArn].text();
  CHECK_OK(check_attachable(iam, arn));
  auto& attached = role.grants.attached;
  if (std::find(attached.begin(), attached.end(), arn) != attached.end()) return wire::Value();
  if (attached.size() >= 10) return error::limit_exceeded("Cannot exceed quota for PoliciesPerRole: 10");
  attached.emplace_back(arn);
  return save(iam, std::move(role));
}

Result<wire::Value> detach_role_policy(Iam& iam, Call& call) {
  TRY(account::Role role, pinned_role(call));
  const std::string_view arn = call.in[m::PolicyArn].text();
  if (std::erase(role.grants.attached, arn) == 0)
    return error::no_such_entity(fmt::format("Policy {} was not found.", arn));
  return save(iam, std::move(role));
}

Result<wire::Value> list_attached_role_policies(Iam& iam, Call& call) {
  TRY(const account::Role role, pinned_role(call));
  const std::string_view prefix = call.in[m::PathPrefix].text_or("/");
  std::vector<std::shared_ptr<const account::ManagedPolicy>> attached;
  for (const std::string& arn : role.grants.attached) {
    if (auto policy = iam.directory.policy(arn); policy && policy->path.starts_with(prefix))
      attached.push_back(policy);
  }
  return page(call, attached, m::AttachedPolicies, [](const auto& policy) {
    return wire::structure({{m::PolicyName, policy->name}, {m::PolicyArn, policy->arn}});
  });
}

Result<wire::Value> put_role_policy(Iam& iam, Call& call) {
  TRY(account::Role role, pinned_role(call));
  const std::string name(call.in[m::PolicyName].text());
  CHECK_OK(check_name("policyName", name, 128));
  TRY(auto document, compile_document(call.in[m::PolicyDocument].text(), policy::Kind::identity, 10240));
  role.grants.inline_policies[name] = std::move(document);
  size_t total = 0;
  for (const auto& [_, policy] : role.grants.inline_policies) total += document_size(policy.text);
  if (total > 10240) {
    return error::limit_exceeded(
        fmt::format("Maximum policy size of 10240 bytes exceeded for role {}", role.name));
  }
  return save(iam, std::move(role));
}

Result<wire::Value> get_role_policy(Iam&, Call& call) {
  TRY(const account::Role role, pinned_role(call));
  const std::string name(call.in[m::PolicyName].text());
  const auto it = role.grants.inline_policies.find(name);
  if (it == role.grants.inline_policies.end()) {
    return error::no_such_entity(fmt::format("The role policy with name {} cannot be found.", name));
  }
  return wire::structure(
      {{m::RoleName, role.name}, {m::PolicyName, name}, {m::PolicyDocument, encoded(it->second)}});
}

Result<wire::Value> delete_role_policy(Iam& iam, Call& call) {
  TRY(account::Role role, pinned_role(call));
  const std::string name(call.in[m::PolicyName].text());
  if (role.grants.inline_policies.erase(name) == 0) {
    return error::no_such_entity(fmt::format("The role policy with name {} cannot be found.", name));
  }
  return save(iam, std::move(role));
}

Result<wire::Value> list_role_policies(Iam&, Call& call) {
  TRY(const account::Role role, pinned_role(call));
  std::vector<std::string> names;
  for (const auto& [name, _] : role.grants.inline_policies) names.push_back(name);
  return page(call, names, m::PolicyNames, [](const std::string& name) { return wire::Value(name); });
}

Result<wire::Value> put_role_permissions_boundary(Iam& iam, Call& call) {
  TRY(account::Role role, pinned_role(call));
  const std::string_view arn = call.in[m::PermissionsBoundary].text();
  if (iam.directory.policy(arn) == nullptr) {
    return error::no_such_entity(fmt::format("Scope ARN: {} does not exist or is not attachable.", arn));
  }
  role.grants.boundary = arn;
  return save(iam, std::move(role));
}

Result<wire::Value> delete_role_permissions_boundary(Iam& iam, Call& call) {
  TRY(account::Role role, pinned_role(call));
  role.grants.boundary.clear();
  return save(iam, std::move(role));
}

Result<wire::Value> tag_role(Iam& iam, Call& call) {
  TRY(account::Role role, pinned_role(call));
  TRY(const auto tags, check_tags(call.in[m::Tags]));
  merge_tags(role.tags, tags);
  if (role.tags.size() > 50)
    return error::limit_exceeded("The number of tags has reached the maximum limit.");
  return save(iam, std::move(role));
}

Result<wire::Value> untag_role(Iam& iam, Call& call) {
  TRY(account::Role role, pinned_role(call));
  remove_tags(role.tags, call.in[m::TagKeys]);
  return save(iam, std::move(role));
}

Result<wire::Value> list_role_tags(Iam&, Call& call) {
  TRY(const account::Role role, pinned_role(call));
  return page(call, role.tags, m::Tags, [](const account::Tag& tag) {
    return wire::structure({{m::Key, tag.first}, {m::Value, tag.second}});
  });
}

}  // namespace gatehouse::service::iam
