// What kinds of entity differ in, so that an operation on several of them is written once: About<T> says how
// a request names one, how its ARN begins, and IAM's words for it.
//
// at<T> is the resolver of rows: it finds and pins the entity, so that what is authorised is what is changed.
// One that is not there gives the ARN its name would have: the caller who may not know is refused before
// being told.
#pragma once

#include "policy/catalogue/catalogue.h"
#include "service/iam/iam.h"

namespace gatehouse::service::iam {

template <typename T>
struct About;

// Kinds that a request names by name: ARN_WORD/path/name.
template <>
struct About<account::Role> {
  static constexpr wire::Member named = m::RoleName;
  static constexpr std::string_view title = "Role", arn = "role", word = "role", quota = "Role",
                                    field = "roleName";
  static constexpr size_t longest_name = 64, inline_limit = 10240;
  static std::string missing(std::string_view name) {
    return fmt::format("The role with name {} cannot be found.", name);
  }
};
template <>
struct About<account::User> {
  static constexpr wire::Member named = m::UserName;
  static constexpr std::string_view title = "User", arn = "user", word = "user", quota = "User",
                                    field = "userName";
  static constexpr size_t longest_name = 64, inline_limit = 2048;
  static std::string missing(std::string_view name) {
    return fmt::format("The user with name {} cannot be found.", name);
  }
};
template <>
struct About<account::Group> {
  static constexpr wire::Member named = m::GroupName;
  static constexpr std::string_view title = "Group", arn = "group", word = "group", quota = "Group",
                                    field = "groupName";
  static constexpr size_t longest_name = 128, inline_limit = 5120;
  static std::string missing(std::string_view name) {
    return fmt::format("The group with name {} cannot be found.", name);
  }
};
template <>
struct About<account::InstanceProfile> {
  static constexpr wire::Member named = m::InstanceProfileName;
  static constexpr std::string_view title = "Instance Profile", arn = "instance-profile",
                                    field = "instanceProfileName";
  static constexpr size_t longest_name = 128;
  static std::string missing(std::string_view name) {
    return fmt::format("Instance Profile {} cannot be found.", name);
  }
};
template <>
struct About<account::ServerCertificate> {
  static constexpr wire::Member named = m::ServerCertificateName;
  static constexpr std::string_view title = "The Server Certificate", arn = "server-certificate",
                                    field = "serverCertificateName";
  static constexpr size_t longest_name = 128;
  static std::string missing(std::string_view name) {
    return fmt::format("The Server Certificate with name {} cannot be found.", name);
  }
};

// Kinds that a request names by ARN.
template <>
struct About<account::ManagedPolicy> {
  static constexpr wire::Member named = m::PolicyArn;
  static constexpr std::string_view arn = "policy", field = "policyName";
  static constexpr size_t longest_name = 128;
  static std::string missing(std::string_view arn_text) {
    return fmt::format("Policy {} was not found.", arn_text);
  }
};
template <>
struct About<account::OidcProvider> {
  static constexpr wire::Member named = m::OpenIDConnectProviderArn;
  static std::string missing(std::string_view arn_text) {
    return fmt::format("OpenIDConnect Provider not found for arn {}", arn_text);
  }
};
template <>
struct About<account::SamlProvider> {
  static constexpr wire::Member named = m::SAMLProviderArn;
  static std::string missing(std::string_view arn_text) {
    return fmt::format("Manifest not found for arn {}", arn_text);
  }
};
template <>
struct About<account::MfaDevice> {
  static constexpr wire::Member named = m::SerialNumber;
  static std::string missing(std::string_view arn_text) {
    return fmt::format("VirtualMFADevice with serial number {} doesn't exist.", arn_text);
  }
};

template <typename T>
std::string taken_message(std::string_view name) {
  return fmt::format("{} with name {} already exists.", About<T>::title, name);
}

template <typename T>
concept NamedByArn = std::is_same_v<T, account::ManagedPolicy> || std::is_same_v<T, account::OidcProvider> ||
                     std::is_same_v<T, account::SamlProvider> || std::is_same_v<T, account::MfaDevice>;
template <typename T>
concept HasGrants = requires(T e) { e.grants; };
template <typename T>
concept HasTags = requires(T e) { e.tags; };

template <typename T>
std::string arn_of(std::string_view account, std::string_view path, std::string_view name) {
  return fmt::format("arn:aws:iam::{}:{}{}{}", account, About<T>::arn, path, name);
}

// A user may leave its own name out.
template <typename T>
std::string name_in(const Call& call) {
  const wire::Value& named = call.in[About<T>::named];
  if constexpr (std::is_same_v<T, account::User>) {
    if (!named && call.caller.type == policy::PrincipalType::user) return call.caller.name;
  }
  return std::string(named.text());
}

template <typename T>
std::shared_ptr<const T> find(const Iam& iam, std::string_view account, std::string_view name) {
  if constexpr (std::is_same_v<T, account::ManagedPolicy>) {
    auto policy = iam.directory.policy(name);
    const bool visible = policy && (policy->account == account || policy->account == account::kAwsAccount);
    return visible ? policy : nullptr;
  } else if constexpr (NamedByArn<T>) {
    std::shared_ptr<const T> found;
    if (const auto slash = name.find('/'); slash != std::string_view::npos) {
      if constexpr (std::is_same_v<T, account::OidcProvider>) {
        found = iam.directory.oidc_provider(account, name.substr(slash + 1));
      } else {
        found = iam.directory.find<T>(account::named_key(account, name.substr(name.rfind('/') + 1)));
      }
    }
    return found && found->arn == name ? found : nullptr;
  } else {
    return iam.directory.find<T>(account::named_key(account, name));
  }
}

// Condition keys of the parameters and of the entity's grants, where the action has them at all.
void add_grant_keys(const Call& call, const account::Grants* grants, account::Requirement& r);
// aws:ResourceTag, iam:ResourceTag, aws:RequestTag and aws:TagKeys.
void add_tag_keys(const Call& call, const std::vector<account::Tag>* tags, account::Requirement& r);

template <typename T>
Result<Requirements> at(Iam& iam, Call& call) {
  const std::string name = name_in<T>(call);
  const auto entity = name.empty() ? nullptr : find<T>(iam, call.account, name);
  call.pinned = entity;
  account::Requirement r;
  r.resource_account = call.account;
  if constexpr (NamedByArn<T>) {
    r.resource = name;
  } else if (entity) {
    r.resource = entity->arn;
  } else {
    r.resource =
        name.empty() ? fmt::format("arn:aws:iam::{}:root", call.account) : arn_of<T>(call.account, "/", name);
  }
  if constexpr (HasGrants<T>) add_grant_keys(call, entity ? &entity->grants : nullptr, r);
  if constexpr (HasTags<T>) add_tag_keys(call, entity ? &entity->tags : nullptr, r);
  return Requirements{std::move(r)};
}

// What the row pinned, or NoSuchEntity now that the caller may know.
template <typename T>
Result<T> pinned(const Call& call) {
  const auto entity = call.pin<T>();
  if (entity == nullptr) return error::no_such_entity(About<T>::missing(name_in<T>(call)));
  return *entity;
}

// Service-linked roles are the service's to change.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
inline constexpr std::string_view kServiceRolePath = "/aws-service-role/";

// pinned(), if it is the account's own. AWS's policies are there for all to read and for nobody to change.
template <typename T>
Result<T> owned(const Call& call) {
  TRY(T entity, pinned<T>(call));
  if (entity.account != call.account) {
    return fail("AccessDenied",
                fmt::format("User: {} is not authorized to perform: iam:{} on resource: policy {}",
                            call.caller.arn, call.operation->name, entity.arn),
                403);
  }
  return entity;
}

// owned(), if its owner may change more of it than its description and tags.
template <typename T>
Result<T> changeable(const Call& call) {
  TRY(T entity, owned<T>(call));
  if constexpr (std::is_same_v<T, account::Role>) {
    if (entity.path.starts_with(kServiceRolePath)) {
      return fail("UnmodifiableEntity",
                  fmt::format("Cannot perform the operation on the protected role '{}' - this role is only "
                              "modifiable by AWS",
                              entity.name),
                  400);
    }
  }
  return entity;
}

template <typename T>
Result<wire::Value> save(Iam& iam, T entity) {
  CHECK_OK(or_concurrent(iam.directory.put(std::move(entity))));
  return wire::Value();
}

// The first put of a new entity; `taken` is the message if its name is.
template <typename T>
Result<std::shared_ptr<const T>> create(Iam& iam, T entity, std::string taken) {
  auto made = iam.directory.put(std::move(entity));
  if (!made && made.error().code == store::kConflict) return error::already_exists(std::move(taken));
  return made;
}

// Name, path, ARN and unique id of a new entity, checked.
template <typename T>
Result<T> fresh(const Iam& iam, const Call& call, wire::Member named, std::string_view id_prefix) {
  T entity;
  entity.account = call.account;
  entity.name = call.in[named].text();
  entity.path = call.in[m::Path].text_or("/");
  CHECK_OK(check_name(About<T>::field, entity.name, About<T>::longest_name));
  CHECK_OK(check_path(entity.path));
  entity.arn = arn_of<T>(call.account, entity.path, entity.name);
  entity.id = unique_id(iam.random, id_prefix);
  return entity;
}

// All of a kind below PathPrefix, by name.
template <typename T>
std::vector<std::shared_ptr<const T>> below_prefix(const Iam& iam, const Call& call) {
  auto all = iam.directory.list<T>(call.account);
  const std::string_view prefix = call.in[m::PathPrefix].text_or("/");
  std::erase_if(all, [&](const auto& one) { return !one->path.starts_with(prefix); });
  return all;
}

// NewUserName or the like, and NewPath, put into `entity`, which is then renamed in the directory.
template <typename T>
Result<std::shared_ptr<const T>> rename(Iam& iam, const Call& call, const T& old, wire::Member new_name) {
  T entity = old;
  entity.name = call.in[new_name].text_or(old.name);
  entity.path = call.in[m::NewPath].text_or(old.path);
  CHECK_OK(check_name(
      fmt::format("new{}{}", static_cast<char>(std::toupper(About<T>::field[0])), About<T>::field.substr(1)),
      entity.name, About<T>::longest_name));
  CHECK_OK(check_path(entity.path));
  entity.arn = arn_of<T>(call.account, entity.path, entity.name);
  const auto there = iam.directory.find<T>(account::key_of(entity));
  if (there != nullptr && there->id != entity.id) return error::already_exists(taken_message<T>(entity.name));
  return or_concurrent(iam.directory.rename(old, std::move(entity)));
}

}  // namespace gatehouse::service::iam
