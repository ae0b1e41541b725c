// Users and their access keys.
#include "service/iam/users.h"

#include "service/iam/render.h"

namespace gatehouse::service::iam {
namespace {

constexpr size_t kKeysPerUser = 2;

Result<account::User> pinned_user(const Call& call) {
  const auto user = call.pin<account::User>();
  if (user == nullptr) {
    return error::no_such_entity(
        fmt::format("The user with name {} cannot be found.", call.in[m::UserName].text()));
  }
  return *user;
}

Result<wire::Value> save(Iam& iam, account::User user) {
  CHECK_OK(or_concurrent(iam.directory.put(std::move(user))));
  return wire::Value();
}

Result<account::AccessKey> key_of(Iam& iam, const account::User& user, const Call& call) {
  const std::string_view id = call.in[m::AccessKeyId].text();
  const auto key = iam.directory.access_key(id);
  if (key == nullptr || key->account != user.account || key->user != user.name) {
    return error::no_such_entity(fmt::format("The Access Key with id {} cannot be found.", id));
  }
  return *key;
}

}  // namespace

Result<wire::Value> create_user(Iam& iam, Call& call) {
  account::User user;
  user.account = call.account;
  user.name = call.in[m::UserName].text();
  user.path = call.in[m::Path].text_or("/");
  CHECK_OK(check_name("userName", user.name, 64));
  CHECK_OK(check_path(user.path));
  TRY(user.tags, check_tags(call.in[m::Tags]));
  if (const std::string_view boundary = call.in[m::PermissionsBoundary].text(); !boundary.empty()) {
    if (iam.directory.policy(boundary) == nullptr) {
      return error::no_such_entity(
          fmt::format("Scope ARN: {} does not exist or is not attachable.", boundary));
    }
    user.grants.boundary = boundary;
  }
  user.arn = fmt::format("arn:aws:iam::{}:user{}{}", call.account, user.path, user.name);
  user.id = unique_id(iam.random, id_prefix::kUser);
  user.created = call.now();
  const std::string name = user.name;
  auto made = iam.directory.put(std::move(user));
  if (!made && made.error().code == store::kConflict) {
    return error::already_exists(fmt::format("User with name {} already exists.", name));
  }
  if (!made) return fail(made.error());
  return wire::structure({{m::User, user_value(**made)}});
}

Result<wire::Value> get_user(Iam& iam, Call& call) {
  if (!call.in[m::UserName] && call.caller.type == policy::PrincipalType::root) {
    const auto account = iam.directory.account(call.account);
    return wire::structure({{m::User, wire::structure({{m::UserId, call.account},
                                                       {m::Arn, call.caller.arn},
                                                       {m::Path, "/"},
                                                       {m::UserName, account->name},
                                                       {m::CreateDate, account->created}})}});
  }
  if (!call.in[m::UserName] && call.caller.type != policy::PrincipalType::user) {
    return error::validation("Must specify userName when calling with non-User credentials");
  }
  TRY(const account::User user, pinned_user(call));
  return wire::structure({{m::User, user_value(user)}});
}

Result<wire::Value> list_users(Iam& iam, Call& call) {
  auto users = iam.directory.list<account::User>(call.account);
  const std::string_view prefix = call.in[m::PathPrefix].text_or("/");
  std::erase_if(users, [&](const auto& user) { return !user->path.starts_with(prefix); });
  return page(call, users, m::Users, [](const auto& user) { return user_value(*user); });
}

Result<wire::Value> delete_user(Iam& iam, Call& call) {
  TRY(const account::User user, pinned_user(call));
  if (!user.access_keys.empty())
    return error::delete_conflict("Cannot delete entity, must delete access keys first.");
  if (!user.grants.attached.empty()) {
    return error::delete_conflict("Cannot delete entity, must detach all policies first.");
  }
  if (!user.grants.inline_policies.empty()) {
    return error::delete_conflict("Cannot delete entity, must delete policies first.");
  }
  if (!user.groups.empty())
    return error::delete_conflict("Cannot delete entity, must remove users from group first.");
  CHECK_OK(or_concurrent(iam.directory.remove(user)));
  return wire::Value();
}

Result<wire::Value> attach_user_policy(Iam& iam, Call& call) {
  TRY(account::User user, pinned_user(call));
  const std::string_view arn = call.in[m::PolicyArn].text();
  if (iam.directory.policy(arn) == nullptr) {
    return error::no_such_entity(fmt::format("Policy {} does not exist or is not attachable.", arn));
  }
  auto& attached = user.grants.attached;
  if (std::find(attached.begin(), attached.end(), arn) != attached.end()) return wire::Value();
  if (attached.size() >= 10) return error::limit_exceeded("Cannot exceed quota for PoliciesPerUser: 10");
  attached.emplace_back(arn);
  return save(iam, std::move(user));
}

Result<wire::Value> detach_user_policy(Iam& iam, Call& call) {
  TRY(account::User user, pinned_user(call));
  const std::string_view arn = call.in[m::PolicyArn].text();
  if (std::erase(user.grants.attached, arn) == 0)
    return error::no_such_entity(fmt::format("Policy {} was not found.", arn));
  return save(iam, std::move(user));
}

Result<wire::Value> list_attached_user_policies(Iam& iam, Call& call) {
  TRY(const account::User user, pinned_user(call));
  std::vector<std::shared_ptr<const account::ManagedPolicy>> attached;
  for (const std::string& arn : user.grants.attached) {
    if (auto policy = iam.directory.policy(arn)) attached.push_back(policy);
  }
  return page(call, attached, m::AttachedPolicies, [](const auto& policy) {
    return wire::structure({{m::PolicyName, policy->name}, {m::PolicyArn, policy->arn}});
  });
}

Result<wire::Value> put_user_policy(Iam& iam, Call& call) {
  TRY(account::User user, pinned_user(call));
  const std::string name(call.in[m::PolicyName].text());
  CHECK_OK(check_name("policyName", name, 128));
  TRY(auto document, compile_document(call.in[m::PolicyDocument].text(), policy::Kind::identity, 2048));
  user.grants.inline_policies[name] = std::move(document);
  size_t total = 0;
  for (const auto& [_, policy] : user.grants.inline_policies) total += document_size(policy.text);
  if (total > 2048) {
    return error::limit_exceeded(
        fmt::format("Maximum policy size of 2048 bytes exceeded for user {}", user.name));
  }
  return save(iam, std::move(user));
}

Result<wire::Value> get_user_policy(Iam&, Call& call) {
  TRY(const account::User user, pinned_user(call));
  const std::string name(call.in[m::PolicyName].text());
  const auto it = user.grants.inline_policies.find(name);
  if (it == user.grants.inline_policies.end()) {
    return error::no_such_entity(fmt::format("The user policy with name {} cannot be found.", name));
  }
  return wire::structure(
      {{m::UserName, user.name}, {m::PolicyName, name}, {m::PolicyDocument, encoded(it->second)}});
}

Result<wire::Value> delete_user_policy(Iam& iam, Call& call) {
  TRY(account::User user, pinned_user(call));
  const std::string name(call.in[m::PolicyName].text());
  if (user.grants.inline_policies.erase(name) == 0) {
    return error::no_such_entity(fmt::format("The user policy with name {} cannot be found.", name));
  }
  return save(iam, std::move(user));
}

Result<wire::Value> list_user_policies(Iam&, Call& call) {
  TRY(const account::User user, pinned_user(call));
  std::vector<std::string> names;
  for (const auto& [name, _] : user.grants.inline_policies) names.push_back(name);
  return page(call, names, m::PolicyNames, [](const std::string& name) { return wire::Value(name); });
}

// The key's record first, then the user's that names it: a crash between leaves a key that its user does not
// list, and which delete_access_key can still remove.
Result<wire::Value> create_access_key(Iam& iam, Call& call) {
  TRY(account::User user, pinned_user(call));
  if (user.access_keys.size() >= kKeysPerUser) {
    return error::limit_exceeded("Cannot exceed quota for AccessKeysPerUser: 2");
  }
  TRY(const auto key, iam.directory.put(account::AccessKey{access_key_id(iam.random, id_prefix::kAccessKey),
                                                           iam.random.secret(40), user.account, user.name,
                                                           true, call.now(), 0}));
  user.access_keys.push_back(key->id);
  const std::string name = user.name;
  if (auto saved = save(iam, std::move(user)); !saved) {
    CHECK_OK(iam.directory.remove(*key));
    return saved;
  }
  return wire::structure({{m::AccessKey, wire::structure({{m::UserName, name},
                                                          {m::AccessKeyId, key->id},
                                                          {m::Status, "Active"},
                                                          {m::SecretAccessKey, key->secret},
                                                          {m::CreateDate, key->created}})}});
}

Result<wire::Value> list_access_keys(Iam& iam, Call& call) {
  TRY(const account::User user, pinned_user(call));
  std::vector<std::shared_ptr<const account::AccessKey>> keys;
  for (const std::string& id : user.access_keys) {
    if (auto key = iam.directory.access_key(id)) keys.push_back(key);
  }
  return page(call, keys, m::AccessKeyMetadata, [](const auto& key) {
    return wire::structure({{m::UserName, key->user},
                            {m::AccessKeyId, key->id},
                            {m::Status, key->active ? "Active" : "Inactive"},
                            {m::CreateDate, key->created}});
  });
}

Result<wire::Value> update_access_key(Iam& iam, Call& call) {
  TRY(const account::User user, pinned_user(call));
  TRY(account::AccessKey key, key_of(iam, user, call));
  const std::string_view status = call.in[m::Status].text();
  if (status != "Active" && status != "Inactive") {
    return error::validation(
        fmt::format("1 validation error detected: Value '{}' at 'status' failed to satisfy constraint: "
                    "Member must satisfy enum value set: "
                    "[Active, Inactive]",
                    status));
  }
  key.active = status == "Active";
  CHECK_OK(or_concurrent(iam.directory.put(std::move(key))));
  return wire::Value();
}

Result<wire::Value> delete_access_key(Iam& iam, Call& call) {
  TRY(account::User user, pinned_user(call));
  TRY(const account::AccessKey key, key_of(iam, user, call));
  CHECK_OK(or_concurrent(iam.directory.remove(key)));
  std::erase(user.access_keys, key.id);
  return save(iam, std::move(user));
}

}  // namespace gatehouse::service::iam
