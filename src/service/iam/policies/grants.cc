#include "service/iam/policies/grants.h"

#include "service/iam/render.h"

namespace gatehouse::service::iam {
namespace {

constexpr size_t kAttachments = 10;
constexpr size_t kShortestArn = 20;

Result<void> check_arn(std::string_view arn, std::string_view field) {
  if (arn.size() < kShortestArn)
    return error::constraint(arn, field, "Member must have length greater than or equal to 20");
  if (!arn.starts_with("arn:")) return error::invalid_input(fmt::format("ARN {} is not valid.", arn));
  return {};
}

// A policy of this account or of AWS's, for a principal of the account.
Result<void> check_attachable(const Iam& iam, const Call& call, std::string_view arn, std::string_view as) {
  const auto policy = find<account::ManagedPolicy>(iam, call.account, arn);
  if (policy == nullptr)
    return error::no_such_entity(fmt::format("{} {} does not exist or is not attachable.", as, arn));
  if (policy->path.starts_with(kServiceRolePath))
    return fail("PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.", 400);
  return {};
}

template <typename T>
Result<account::PolicyText*> inline_policy(T& entity, const Call& call) {
  const auto it = entity.grants.inline_policies.find(std::string(call.in[m::PolicyName].text()));
  if (it == entity.grants.inline_policies.end()) {
    return error::no_such_entity(fmt::format("The {} policy with name {} cannot be found.", About<T>::word,
                                             call.in[m::PolicyName].text()));
  }
  return &it->second;
}

}  // namespace

template <typename T>
Result<wire::Value> attach_policy(Iam& iam, Call& call) {
  TRY(T entity, changeable<T>(call));
  const std::string_view arn = call.in[m::PolicyArn].text();
  CHECK_OK(check_arn(arn, "policyArn"));
  CHECK_OK(check_attachable(iam, call, arn, "Policy"));
  auto& attached = entity.grants.attached;
  if (std::find(attached.begin(), attached.end(), arn) != attached.end()) return wire::Value();
  if (attached.size() >= kAttachments) {
    return error::limit_exceeded(
        fmt::format("Cannot exceed quota for PoliciesPer{}: {}", About<T>::quota, kAttachments));
  }
  attached.emplace_back(arn);
  TRY(const auto saved, or_concurrent(iam.directory.put(std::move(entity))));
  if (auto still = check_attachable(iam, call, arn, "Policy"); !still) {  // it was deleted meanwhile
    T without = *saved;
    std::erase(without.grants.attached, arn);
    CHECK_OK(or_concurrent(iam.directory.put(std::move(without))));
    return fail(still.error());
  }
  return wire::Value();
}

template <typename T>
Result<wire::Value> detach_policy(Iam& iam, Call& call) {
  TRY(T entity, changeable<T>(call));
  const std::string_view arn = call.in[m::PolicyArn].text();
  CHECK_OK(check_arn(arn, "policyArn"));
  if (std::erase(entity.grants.attached, arn) == 0)
    return error::no_such_entity(fmt::format("Policy {} was not found.", arn));
  return save(iam, std::move(entity));
}

template <typename T>
Result<wire::Value> list_attached_policies(Iam& iam, Call& call) {
  TRY(const T entity, pinned<T>(call));
  const std::string_view prefix = call.in[m::PathPrefix].text_or("/");
  std::vector<std::shared_ptr<const account::ManagedPolicy>> attached;
  for (const std::string& arn : entity.grants.attached) {
    if (auto policy = iam.directory.policy(arn); policy && policy->path.starts_with(prefix))
      attached.push_back(policy);
  }
  return page(call, attached, m::AttachedPolicies,
              [](const auto& policy) { return attached_value(*policy); });
}

template <typename T>
Result<wire::Value> put_inline_policy(Iam& iam, Call& call) {
  TRY(T entity, changeable<T>(call));
  const std::string name(call.in[m::PolicyName].text());
  CHECK_OK(check_name("policyName", name, 128));
  constexpr size_t kLimit = About<T>::inline_limit;
  TRY(auto document, compile_document(call.in[m::PolicyDocument].text(), policy::Kind::identity, kLimit));
  entity.grants.inline_policies[name] = std::move(document);
  size_t total = 0;
  for (const auto& [_, policy] : entity.grants.inline_policies) total += document_size(policy.text);
  if (total > kLimit) {
    return error::limit_exceeded(fmt::format("Maximum policy size of {} bytes exceeded for {} {}", kLimit,
                                             About<T>::word, entity.name));
  }
  return save(iam, std::move(entity));
}

template <typename T>
Result<wire::Value> get_inline_policy(Iam&, Call& call) {
  TRY(T entity, pinned<T>(call));
  TRY(const account::PolicyText* policy, inline_policy(entity, call));
  return wire::structure({{About<T>::named, entity.name},
                          {m::PolicyName, call.in[m::PolicyName]},
                          {m::PolicyDocument, encoded(*policy)}});
}

template <typename T>
Result<wire::Value> delete_inline_policy(Iam& iam, Call& call) {
  TRY(T entity, changeable<T>(call));
  CHECK_OK(inline_policy(entity, call));
  entity.grants.inline_policies.erase(std::string(call.in[m::PolicyName].text()));
  return save(iam, std::move(entity));
}

template <typename T>
Result<wire::Value> list_inline_policies(Iam&, Call& call) {
  TRY(const T entity, pinned<T>(call));
  std::vector<std::string> names;
  for (const auto& [name, _] : entity.grants.inline_policies) names.push_back(name);
  return page(call, names, m::PolicyNames, [](const std::string& name) { return wire::Value(name); });
}

Result<std::string> boundary_in(const Iam& iam, const Call& call) {
  const std::string_view arn = call.in[m::PermissionsBoundary].text();
  if (!call.in[m::PermissionsBoundary]) return std::string();
  CHECK_OK(check_arn(arn, "permissionsBoundary"));
  CHECK_OK(check_attachable(iam, call, arn, "Scope ARN:"));
  return std::string(arn);
}

template <typename T>
Result<wire::Value> put_boundary(Iam& iam, Call& call) {
  TRY(T entity, changeable<T>(call));
  TRY(entity.grants.boundary, boundary_in(iam, call));
  return save(iam, std::move(entity));
}

template <typename T>
Result<wire::Value> delete_boundary(Iam& iam, Call& call) {
  TRY(T entity, changeable<T>(call));
  if (entity.grants.boundary.empty()) return wire::Value();
  entity.grants.boundary.clear();
  return save(iam, std::move(entity));
}

Result<void> check_bare(const account::Grants& grants) {
  if (!grants.attached.empty())
    return error::delete_conflict("Cannot delete entity, must detach all policies first.");
  if (!grants.inline_policies.empty())
    return error::delete_conflict("Cannot delete entity, must delete policies first.");
  return {};
}

#define GATEHOUSE_GRANTS(T)                                            \
  template Result<wire::Value> attach_policy<T>(Iam&, Call&);          \
  template Result<wire::Value> detach_policy<T>(Iam&, Call&);          \
  template Result<wire::Value> list_attached_policies<T>(Iam&, Call&); \
  template Result<wire::Value> put_inline_policy<T>(Iam&, Call&);      \
  template Result<wire::Value> get_inline_policy<T>(Iam&, Call&);      \
  template Result<wire::Value> delete_inline_policy<T>(Iam&, Call&);   \
  template Result<wire::Value> list_inline_policies<T>(Iam&, Call&);
GATEHOUSE_GRANTS(account::User)
GATEHOUSE_GRANTS(account::Group)
GATEHOUSE_GRANTS(account::Role)
#undef GATEHOUSE_GRANTS
template Result<wire::Value> put_boundary<account::User>(Iam&, Call&);
template Result<wire::Value> put_boundary<account::Role>(Iam&, Call&);
template Result<wire::Value> delete_boundary<account::User>(Iam&, Call&);
template Result<wire::Value> delete_boundary<account::Role>(Iam&, Call&);

}  // namespace gatehouse::service::iam
